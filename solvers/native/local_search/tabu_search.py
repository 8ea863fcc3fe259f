"""Tabu search over assignments, with a price of overload that adjusts itself.

Moves shift one customer or swap two; a closed site may be entered (its fixed cost is paid), and an
emptied one closes. Overload costs beta a tonne; beta rises while the search is infeasible and
falls while it is feasible, so that chains of moves pass through tight capacities. Diaz and
Fernandez (2002), Journal of the Operational Research Society 53; Yagiura, Ibaraki and Glover
(2004), INFORMS Journal on Computing 16, on such penalties.
"""

from __future__ import annotations

import numpy as np

from solvers.native.local_search.assignment import (
    COST,
    OVERLOAD,
    STREAK_LENGTH,
    WEIGHT,
    LocalSearchState,
    apply_move,
    make_local_search_state,
    overload,
)
from solvers.native.model.compilation import compiled
from solvers.native.model.incumbent import VALUE, Incumbent, offer_incumbent
from solvers.native.model.problem_data import INF, Flags, ProblemData
from solvers.problem import Integers

SAMPLE = 60
"""Customers that are tried as first partner of a swap in each step."""
TENURE, SPREAD = 5, 10
"""A move back is tabu for TENURE to TENURE + SPREAD - 1 steps."""
STREAK = 3
"""Steps on one side of feasibility after which beta changes."""
FALL, RISE = 0.9, 1.1
MIN_WEIGHT = 1e-3
"""Beta does not fall below this fraction of where it started."""


@compiled
def tabu_search(
    data: ProblemData,
    allowed: Flags,
    assignment: Integers,
    incumbent: Incumbent,
    penalty_weight: float,
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
    assignment : ndarray of int, shape (K,)
        Where to start; not changed.
    incumbent : Incumbent
        In and out.
    penalty_weight : float
        First price of a tonne of overload.
    max_tabu_steps : int
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
    local = make_local_search_state(data, allowed, assignment, penalty_weight)
    least = MIN_WEIGHT * penalty_weight
    for step in range(steps):
        value = incumbent.scalars[VALUE]
        aspire = value * (1.0 - 1e-12) if value < INF else INF
        top, customer, to = _best_shift(data, local, step, aspire)
        customer, to, partner = _best_swap(data, allowed, local, step, aspire, top, customer, to)
        if customer < 0:
            continue
        tenure = TENURE + np.random.randint(SPREAD)  # noqa: NPY002
        apply_move(data, local, customer, to, partner, step + tenure)
        if local.scalars[OVERLOAD] == 0.0 and local.scalars[COST] < aspire:
            offer_incumbent(data, local.assignment, incumbent)
        _adjust_penalty_weight(local, least)
    return float(local.scalars[WEIGHT])


@compiled
def _best_shift(
    data: ProblemData, local: LocalSearchState, step: int, aspire: float
) -> tuple[float, int, int]:
    """Find the best shift that is not tabu: its price, customer and new site, -1 for none."""
    w, d, s, load = data.cost, data.demand, data.capacity, local.load
    cost, over, penalty_weight = local.scalars[COST], local.scalars[OVERLOAD], local.scalars[WEIGHT]
    top = INF
    customer = -1
    to = -1
    for k in range(d.shape[0]):
        a = local.assignment[k]
        relief = overload(load[a] - d[k], s[a]) - overload(load[a], s[a])
        leave = -w[a, k] - (data.fixed[a] if local.n_customers[a] == 1 else 0.0)
        for p in range(local.start[k], local.start[k + 1]):
            j = local.site[p]
            if j == a:
                continue
            dearer = leave + w[j, k] + (data.fixed[j] if local.n_customers[j] == 0 else 0.0)
            fuller = relief + overload(load[j] + d[k], s[j]) - overload(load[j], s[j])
            delta = dearer + penalty_weight * fuller
            if delta < top:
                record = over + fuller == 0 and cost + dearer < aspire
                if local.tabu_until[j, k] > step and not record:
                    continue
                top = delta
                customer = k
                to = j
    return top, customer, to


@compiled
def _best_swap(
    data: ProblemData,
    allowed: Flags,
    local: LocalSearchState,
    step: int,
    aspire: float,
    top: float,
    customer: int,
    to: int,
) -> tuple[int, int, int]:
    """Find a swap better than the shift in hand: customer, new site and partner, -1 for none."""
    w, d, s, load = data.cost, data.demand, data.capacity, local.load
    cost, over, penalty_weight = local.scalars[COST], local.scalars[OVERLOAD], local.scalars[WEIGHT]
    customers = d.shape[0]
    partner = -1
    sampled = customers > SAMPLE
    first = np.random.randint(customers) if sampled else 0  # noqa: NPY002
    for q in range(SAMPLE if sampled else customers):
        k = (first + q) % customers
        a = local.assignment[k]
        for other in range(0 if sampled else k + 1, customers):
            b = local.assignment[other]
            if a == b or allowed[b, k] == 0 or allowed[a, other] == 0:
                continue
            dearer = w[b, k] + w[a, other] - w[a, k] - w[b, other]
            if dearer >= top and over == 0.0:
                continue
            e = d[other] - d[k]
            fuller = (
                overload(load[a] + e, s[a])
                - overload(load[a], s[a])
                + overload(load[b] - e, s[b])
                - overload(load[b], s[b])
            )
            delta = dearer + penalty_weight * fuller
            if delta < top:
                record = over + fuller == 0 and cost + dearer < aspire
                if (
                    local.tabu_until[b, k] > step or local.tabu_until[a, other] > step
                ) and not record:
                    continue
                top = delta
                customer = k
                to = b
                partner = other
    return customer, to, partner


@compiled
def _adjust_penalty_weight(local: LocalSearchState, least: float) -> None:
    """Make overload dearer after a streak of infeasible steps, cheaper after feasible ones."""
    turn = local.scalars[STREAK_LENGTH]
    if local.scalars[OVERLOAD] == 0.0:
        local.scalars[STREAK_LENGTH] = turn + 1 if turn > 0 else 1
        if local.scalars[STREAK_LENGTH] >= STREAK:
            local.scalars[WEIGHT] = max(least, local.scalars[WEIGHT] * FALL)
    else:
        local.scalars[STREAK_LENGTH] = turn - 1 if turn < 0 else -1
        if local.scalars[STREAK_LENGTH] <= -STREAK:
            local.scalars[WEIGHT] *= RISE
