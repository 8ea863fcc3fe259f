"""The min-knapsack (covering problem) over sites: which to open so that capacity covers the demand.

min { sum_j u_j y_j : sum_j s_j y_j >= D, y binary }, by dynamic programming over tonnes. Sites of
u_j <= 0 are open in an optimum; the dynamic program chooses among the others. Martello and Toth
(1990), Knapsack Problems, chapter 2.

With many sites and much demand, the tables do not fit in memory. Then tonnes are counted in units
of g > 1: the demand that is left and the capacities among which the dynamic program chooses are
rounded up. Every set of sites that covers the demand still does, so that the minimum is a lower
bound of the exact one.
"""

from __future__ import annotations

from solvers.native.model.compilation import compiled
from solvers.native.model.problem_data import CLOSED, FREE, INF, OPEN, Flags, States
from solvers.problem import Floats, Integers


@compiled
def min_knapsack(
    reduced_cost: Floats,
    capacity: Integers,
    state: States,
    demand: int,
    unit: int,
    is_open: Flags,
    table: Floats,
) -> float:
    """Find the cheapest sites whose capacity covers ``demand``.

    Equation (19) of docs/algorithm.md.

    Parameters
    ----------
    reduced_cost : ndarray, shape (J,)
        u_j, the cost of having site j open.
    capacity : ndarray of int, shape (J,)
        s_j, tonnes.
    state : ndarray of int8, shape (J,)
        OPEN, CLOSED or FREE: the dynamic program decides on the free ones.
    demand : int
        D, tonnes.
    unit : int
        g >= 1, tonnes.
    is_open : ndarray of uint8, shape (J,)
        On return y_j.
    table : ndarray, shape (>= J + 1, >= demand in units + 1)
        Work array: least cost to cover each demand by the first sites.

    Returns
    -------
    float
        The minimum, or with ``unit`` > 1 a lower bound of it; inf if all sites together do not
        cover the demand.
    """
    sites = reduced_cost.shape[0]
    total = 0.0
    for j in range(sites):
        is_open[j] = 0
        if state[j] == OPEN or (state[j] == FREE and reduced_cost[j] <= 0.0):
            is_open[j] = 1
            total += reduced_cost[j]
            demand -= capacity[j]
    if demand <= 0:
        return total
    demand = _in_units(demand, unit)
    n = 0
    _init_row(table[0], demand)
    for j in range(sites):
        if is_open[j] == 0 and state[j] == FREE:
            _add_site(table[n], table[n + 1], reduced_cost[j], capacity[j], unit, demand)
            n += 1
    minimum: float = total + table[n, demand]
    if minimum == INF:
        return INF
    r = demand
    for j in range(sites - 1, -1, -1):
        if state[j] != FREE or reduced_cost[j] <= 0.0:
            continue
        if r > 0 and table[n, r] < table[n - 1, r]:
            is_open[j] = 1
            r -= _in_units(capacity[j], unit)
        n -= 1
    return minimum


@compiled
def forced_bounds(
    reduced_cost: Floats,
    capacity: Integers,
    state: States,
    demand: int,
    unit: int,
    is_open: Flags,
    minimum: float,
    if_open: Floats,
    if_closed: Floats,
    forward: Floats,
    backward: Floats,
) -> None:
    """Find the minimum of `min_knapsack` with each site forced open, and with each forced closed.

    Equation (33) of docs/algorithm.md.

    Forcing a site to its state in the optimum changes nothing. For the other state, two tables,
    from the first site of u_j > 0 on and from the last one back, give the minimum without any site.

    Parameters
    ----------
    reduced_cost, capacity, state, demand, unit, is_open
        As in `min_knapsack`, with the optimum that it found.
    minimum : float
        Its value.
    if_open, if_closed : ndarray, shape (J,)
        On return the minima; inf if the site's state or the demand forbids it.
    forward, backward : ndarray, shape (>= J + 1, >= demand + largest capacity + 1, in units)
        Work arrays.
    """
    sites = reduced_cost.shape[0]
    total, largest_closable = 0.0, 0
    for j in range(sites):
        if_open[j] = minimum if state[j] != CLOSED else INF
        if_closed[j] = minimum if state[j] != OPEN else INF
        if state[j] == OPEN or (state[j] == FREE and reduced_cost[j] <= 0.0):
            total += reduced_cost[j]
            demand -= capacity[j]
            if state[j] == FREE:
                largest_closable = max(largest_closable, capacity[j])
    # Closing a site that is open because u_j <= 0 leaves more demand for the others.
    max_demand = max(0, _in_units(demand + largest_closable, unit))
    demand_left, n = max(0, _in_units(demand, unit)), 0
    _init_row(forward[0], max_demand)
    for j in range(sites):
        if state[j] == FREE and reduced_cost[j] > 0.0:
            _add_site(forward[n], forward[n + 1], reduced_cost[j], capacity[j], unit, max_demand)
            n += 1
    _init_row(backward[n], demand_left)
    i = n
    for j in range(sites - 1, -1, -1):
        if state[j] == FREE and reduced_cost[j] > 0.0:
            i -= 1
            old, new = backward[i + 1], backward[i]
            _add_site(old, new, reduced_cost[j], capacity[j], unit, demand_left)
    i = 0
    for j in range(sites):
        if state[j] != FREE:
            continue
        if reduced_cost[j] <= 0.0:
            rest = max(0, _in_units(demand + capacity[j], unit))
            if_closed[j] = total - reduced_cost[j] + forward[n, rest]
            continue
        if is_open[j] == 1:
            if_closed[j] = total + _best_split(forward[i], backward[i + 1], demand_left)
        else:
            rest = max(0, demand_left - _in_units(capacity[j], unit))
            if_open[j] = total + reduced_cost[j] + _best_split(forward[i], backward[i + 1], rest)
        i += 1


@compiled
def _in_units(tonnes: int, unit: int) -> int:
    """Round tonnes up to whole units."""
    return (tonnes + unit - 1) // unit


@compiled
def _init_row(row: Floats, max_demand: int) -> None:
    """Initialise a table: without sites, demand 0 costs nothing and no other can be covered."""
    row[0] = 0.0
    for r in range(1, max_demand + 1):
        row[r] = INF


@compiled
def _add_site(
    old: Floats, new: Floats, reduced_cost: float, capacity: int, unit: int, max_demand: int
) -> None:
    """Compute the row with one more site for every demand up to ``max_demand``, in units."""
    # Slices of equal length, so that the compiler vectorises; see `solvers.native.bound.knapsack`.
    # One site alone covers less than so many units.
    covered = min(_in_units(capacity, unit), max_demand) + 1
    leave, best = old[:covered], new[:covered]
    for r in range(best.shape[0]):
        alone = old[0] + reduced_cost
        best[r] = alone if alone < leave[r] else leave[r]
    rest, leave, best = (
        old[1 : max_demand + 2 - covered],
        old[covered : max_demand + 1],
        new[covered : max_demand + 1],
    )
    for r in range(best.shape[0]):
        other = rest[r] + reduced_cost
        best[r] = other if other < leave[r] else leave[r]


@compiled
def _best_split(forward: Floats, backward: Floats, demand: int) -> float:
    """Return the least cost of splitting a demand between the sites of two tables."""
    minimum = INF
    for r in range(demand + 1):
        minimum = min(minimum, forward[r] + backward[demand - r])
    return minimum
