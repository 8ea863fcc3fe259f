"""Tabu search over assignments, with a price of overload that adjusts itself.

Moves shift one customer or swap two; a closed site may be entered (its fixed cost is paid), and an
emptied one closes. Overload costs beta a tonne; beta rises while the search is infeasible and
falls while it is feasible, so that chains of moves pass through tight capacities. Diaz and
Fernandez (2002), Journal of the Operational Research Society 53; Yagiura, Ibaraki and Glover
(2004), INFORMS Journal on Computing 16, on such penalties.
"""

from __future__ import annotations

import numpy as np

from solvers.native.jit import compiled
from solvers.native.node import INF, Data, Flags
from solvers.native.walk import (
    BETA,
    COST,
    OVER,
    TURN,
    VALUE,
    Incumbent,
    Walk,
    excess,
    move,
    offer,
    start_walk,
)
from solvers.problem import Integers

SAMPLE = 60
"""Customers that are tried as first partner of a swap in each step."""
TENURE, SPREAD = 5, 10
"""A move back is tabu for TENURE to TENURE + SPREAD - 1 steps."""
STREAK = 3
"""Steps on one side of feasibility after which beta changes."""
FALL, RISE = 0.9, 1.1
LEAST_BETA = 1e-3
"""Beta does not fall below this fraction of where it started."""


@compiled
def tabu(
    data: Data,
    allowed: Flags,
    assign: Integers,
    incumbent: Incumbent,
    beta: float,
    steps: int,
    seed: int,
) -> float:
    """Search from an assignment, overloaded or not, for a better incumbent.

    Parameters
    ----------
    data : Data
        The problem.
    allowed : ndarray of uint8, shape (J, K)
        Pairs that the search may use.
    assign : ndarray of int, shape (K,)
        Where to start; not changed.
    incumbent : Incumbent
        In and out.
    beta : float
        First price of a tonne of overload.
    steps : int
        Number of moves.
    seed : int
        Of the random numbers, which start anew with each call: no result depends on what was
        solved before in the process.

    Returns
    -------
    float
        The last price of overload.
    """
    np.random.seed(seed)  # noqa: NPY002 - compiled code has no other generator as cheap to seed
    walk = start_walk(data, allowed, assign, beta)
    least = LEAST_BETA * beta
    for step in range(steps):
        value = incumbent.number[VALUE]
        aspire = value * (1.0 - 1e-12) if value < INF else INF
        top, customer, to = _best_shift(data, walk, step, aspire)
        customer, to, partner = _best_swap(data, allowed, walk, step, aspire, top, customer, to)
        if customer < 0:
            continue
        tenure = TENURE + np.random.randint(SPREAD)  # noqa: NPY002
        move(data, walk, customer, to, partner, step + tenure)
        if walk.number[OVER] == 0.0 and walk.number[COST] < aspire:
            offer(data, walk.assign, incumbent)
        _adjust(walk, least)
    return float(walk.number[BETA])


@compiled
def _best_shift(data: Data, walk: Walk, step: int, aspire: float) -> tuple[float, int, int]:
    """Find the best shift that is not tabu: its price, customer and new site, -1 for none."""
    w, d, s, load = data.cost, data.demand, data.capacity, walk.load
    cost, over, beta = walk.number[COST], walk.number[OVER], walk.number[BETA]
    top = INF
    customer = -1
    to = -1
    for k in range(d.shape[0]):
        a = walk.assign[k]
        relief = excess(load[a] - d[k], s[a]) - excess(load[a], s[a])
        leave = -w[a, k] - (data.fixed[a] if walk.number_of[a] == 1 else 0.0)
        for p in range(walk.start[k], walk.start[k + 1]):
            j = walk.site[p]
            if j == a:
                continue
            dearer = leave + w[j, k] + (data.fixed[j] if walk.number_of[j] == 0 else 0.0)
            fuller = relief + excess(load[j] + d[k], s[j]) - excess(load[j], s[j])
            price = dearer + beta * fuller
            if price < top:
                record = over + fuller == 0 and cost + dearer < aspire
                if walk.until[j, k] > step and not record:
                    continue
                top = price
                customer = k
                to = j
    return top, customer, to


@compiled
def _best_swap(
    data: Data,
    allowed: Flags,
    walk: Walk,
    step: int,
    aspire: float,
    top: float,
    customer: int,
    to: int,
) -> tuple[int, int, int]:
    """Find a swap better than the shift in hand: customer, new site and partner, -1 for none."""
    w, d, s, load = data.cost, data.demand, data.capacity, walk.load
    cost, over, beta = walk.number[COST], walk.number[OVER], walk.number[BETA]
    customers = d.shape[0]
    partner = -1
    sampled = customers > SAMPLE
    first = np.random.randint(customers) if sampled else 0  # noqa: NPY002
    for q in range(SAMPLE if sampled else customers):
        k = (first + q) % customers
        a = walk.assign[k]
        for other in range(0 if sampled else k + 1, customers):
            b = walk.assign[other]
            if a == b or allowed[b, k] == 0 or allowed[a, other] == 0:
                continue
            dearer = w[b, k] + w[a, other] - w[a, k] - w[b, other]
            if dearer >= top and over == 0.0:
                continue
            e = d[other] - d[k]
            fuller = (
                excess(load[a] + e, s[a])
                - excess(load[a], s[a])
                + excess(load[b] - e, s[b])
                - excess(load[b], s[b])
            )
            price = dearer + beta * fuller
            if price < top:
                record = over + fuller == 0 and cost + dearer < aspire
                if (walk.until[b, k] > step or walk.until[a, other] > step) and not record:
                    continue
                top = price
                customer = k
                to = b
                partner = other
    return customer, to, partner


@compiled
def _adjust(walk: Walk, least: float) -> None:
    """Make overload dearer after a streak of infeasible steps, cheaper after feasible ones."""
    turn = walk.number[TURN]
    if walk.number[OVER] == 0.0:
        walk.number[TURN] = turn + 1 if turn > 0 else 1
        if walk.number[TURN] >= STREAK:
            walk.number[BETA] = max(least, walk.number[BETA] * FALL)
    else:
        walk.number[TURN] = turn - 1 if turn < 0 else -1
        if walk.number[TURN] <= -STREAK:
            walk.number[BETA] *= RISE
