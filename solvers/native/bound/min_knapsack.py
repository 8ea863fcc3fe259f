"""The covering knapsack over sites: which to open so that capacity covers the demand.

min { sum_j u_j y_j : sum_j s_j y_j >= D, y binary }, by dynamic programming over tonnes. Sites of
u_j <= 0 open in any case; the programme chooses among the others. Martello and Toth (1990),
Knapsack Problems, chapter 2.
"""

from __future__ import annotations

from solvers.native.model.compilation import compiled
from solvers.native.model.problem_data import CLOSED, FREE, INF, OPEN, Flags, States
from solvers.problem import Floats, Integers


@compiled
def min_knapsack(
    value: Floats,
    size: Integers,
    state: States,
    need: int,
    choice: Flags,
    cost: Floats,
    pick: Flags,
) -> float:
    """Find the cheapest sites that cover ``need``.

    Parameters
    ----------
    reduced_cost : ndarray, shape (J,)
        u_j, the cost of having site j open.
    size : ndarray of int, shape (J,)
        s_j, tonnes.
    state : ndarray of int8, shape (J,)
        OPEN, CLOSED or FREE: the programme decides on the free ones.
    need : int
        D, tonnes.
    is_open : ndarray of uint8, shape (J,)
        On return y_j.
    cost, cover_pick : ndarray, shapes (>= need + 1,) and (J, >= need + 1)
        Work space.

    Returns
    -------
    float
        The minimum; inf if all sites together do not cover the need.
    """
    sites = value.shape[0]
    total = 0.0
    for j in range(sites):
        choice[j] = 0
        if state[j] == OPEN or (state[j] == FREE and value[j] <= 0.0):
            choice[j] = 1
            total += value[j]
            need -= size[j]
    if need <= 0:
        return total
    cost[0] = 0.0
    for r in range(1, need + 1):
        cost[r] = INF
    for j in range(sites):
        if choice[j] == 1 or state[j] != FREE:
            continue
        row = pick[j]
        for r in range(need, 0, -1):
            rest = r - size[j]
            other = cost[rest if rest > 0 else 0] + value[j]
            row[r] = 0
            if other < cost[r]:
                cost[r] = other
                row[r] = 1
    if cost[need] == INF:
        return INF
    r = need
    for j in range(sites - 1, -1, -1):
        if r > 0 and state[j] == FREE and value[j] > 0.0 and pick[j, r] == 1:
            choice[j] = 1
            r -= size[j]
    minimum: float = total + cost[need]
    return minimum


@compiled
def forced_bounds(
    value: Floats,
    size: Integers,
    state: States,
    need: int,
    choice: Flags,
    minimum: float,
    if_open: Floats,
    if_closed: Floats,
    front: Floats,
    back: Floats,
) -> None:
    """Find the minimum of `min_knapsack` with each site forced open, and with each forced closed.

    What agrees with the optimum costs nothing. For the rest two tables, from the first site of
    u_j > 0 on and from the last, give the minimum without any single one of them by one scan.

    Parameters
    ----------
    reduced_cost, size, state, need, is_open
        As in `min_knapsack`, with the optimum that it found.
    minimum : float
        The value of that optimum.
    if_open, if_closed : ndarray, shape (J,)
        On return the minima; inf where the site's state or the need forbids it.
    cover_forward, backward : ndarray, shape (>= J + 1, >= need + largest size + 1)
        Work space.
    """
    sites = value.shape[0]
    total = 0.0
    widest = 0
    for j in range(sites):
        if_open[j] = minimum if state[j] != CLOSED else INF
        if_closed[j] = minimum if state[j] != OPEN else INF
        if state[j] == OPEN or (state[j] == FREE and value[j] <= 0.0):
            total += value[j]
            need -= size[j]
            if state[j] == FREE:
                widest = max(widest, size[j])
    # A site that is open for its sign leaves a larger need when it is closed.
    top = max(0, need + widest)
    need_now = max(0, need)
    n = 0
    _init_row(front[0], top)
    for j in range(sites):
        if state[j] == FREE and value[j] > 0.0:
            _add_site(front[n], front[n + 1], value[j], size[j], top)
            n += 1
    _init_row(back[n], need_now)
    i = n
    for j in range(sites - 1, -1, -1):
        if state[j] == FREE and value[j] > 0.0:
            i -= 1
            _add_site(back[i + 1], back[i], value[j], size[j], need_now)
    i = 0
    for j in range(sites):
        if state[j] != FREE:
            continue
        if value[j] <= 0.0:
            if_closed[j] = total - value[j] + front[n, max(0, need + size[j])]
            continue
        if choice[j] == 1:
            if_closed[j] = total + _best_split(front[i], back[i + 1], need_now)
        else:
            rest = max(0, need - size[j])
            if_open[j] = total + value[j] + _best_split(front[i], back[i + 1], rest)
        i += 1


@compiled
def _init_row(row: Floats, top: int) -> None:
    """Without sites, a need of 0 costs nothing and any other cannot be covered."""
    row[0] = 0.0
    for r in range(1, top + 1):
        row[r] = INF


@compiled
def _add_site(old: Floats, new: Floats, value: float, size: int, top: int) -> None:
    """Offer one more site for every need up to ``top``."""
    for r in range(top + 1):
        rest = r - size
        other = old[rest if rest > 0 else 0] + value
        new[r] = other if other < old[r] else old[r]


@compiled
def _best_split(front: Floats, back: Floats, need: int) -> float:
    """Find the cheapest way to share a need between the sites of two tables."""
    least = INF
    for r in range(need + 1):
        least = min(least, front[r] + back[need - r])
    return least
