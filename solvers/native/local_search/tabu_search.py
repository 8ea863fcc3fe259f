"""Tabu search over assignments, with an adaptive penalty weight of overload.

A move shifts one customer or swaps two. A shift to a closed site opens it at its fixed cost, and a
site without customers is closed. Overload costs the penalty weight beta per tonne. Beta rises while
the search is infeasible and falls while it is feasible (strategic oscillation), so that sequences
of moves get through tight capacities. Diaz and Fernandez (2001), European Journal of Operational
Research 132; Yagiura, Ibaraki and Glover (2004), INFORMS Journal on Computing 16, on such
penalties.
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
    overload,
    start_local_search,
)
from solvers.native.model.compilation import compiled
from solvers.native.model.incumbent import VALUE, Incumbent, offer_incumbent
from solvers.native.model.parameters import TabuParameters
from solvers.native.model.problem_data import INF, Flags, ProblemData
from solvers.problem import Integers


def steps_in(operations: int, data: ProblemData, parameters: TabuParameters) -> int:
    """Return how many steps of a tabu search take about so many operations, at least one."""
    swaps = parameters.swap_sample * len(data.demand)
    return max(1, int(operations / (data.cost.size + swaps)))


@compiled
def tabu_search(
    data: ProblemData,
    allowed: Flags,
    assignment: Integers,
    incumbent: Incumbent,
    penalty_weight: float,
    steps: int,
    seed: int,
    parameters: TabuParameters,
    local: LocalSearchState,
    stop: Flags,
) -> float:
    """Search for a better incumbent from an assignment, which may overload sites.

    Equation (44) of docs/algorithm.md.

    Parameters
    ----------
    data : ProblemData
        The problem.
    allowed : ndarray of uint8, shape (J, K)
        Pairs that the search may use.
    assignment : ndarray of int, shape (K,)
        Where to start; not changed.
    incumbent : Incumbent
        In and out.
    penalty_weight : float
        First beta, cost per tonne of overload.
    steps : int
        Number of moves.
    seed : int
        Seed of the random numbers: no result depends on what the process solved before.
    parameters : TabuParameters
        Of the moves and the penalty weight.
    local : LocalSearchState
        Work arrays.
    stop : ndarray of uint8, shape (1,)
        The search ends early when this is 1; see `Workspace.stop`.

    Returns
    -------
    float
        The last beta.
    """
    np.random.seed(seed)  # noqa: NPY002 - compiled code has no other generator as cheap to seed
    start_local_search(data, allowed, assignment, penalty_weight, local)
    min_weight = parameters.min_weight * penalty_weight
    for step in range(steps):
        if stop[0] == 1:
            break
        aspiration = incumbent.scalars[VALUE] * (1.0 - 1e-12)  # inf without an incumbent
        shift = _best_shift(data, local, step, aspiration)
        customer, target, partner = _best_swap(
            data, allowed, local, step, aspiration, parameters.swap_sample, *shift
        )
        if customer < 0:
            continue
        tenure = parameters.tenure + np.random.randint(parameters.tenure_spread)  # noqa: NPY002
        apply_move(data, local, customer, target, partner, step + tenure)
        if local.scalars[OVERLOAD] == 0.0 and local.scalars[COST] < aspiration:
            offer_incumbent(data, local.assignment, incumbent)
        _adjust_penalty_weight(local, min_weight, parameters)
    return float(local.scalars[WEIGHT])


@compiled
def _best_shift(
    data: ProblemData, local: LocalSearchState, step: int, aspiration: float
) -> tuple[float, int, int]:
    """Return the best shift that is not tabu: change of cost, customer and site; -1 for none."""
    w, d, s, f = data.cost, data.demand, data.capacity, data.fixed_cost
    load, n_customers, assignment = local.load, local.n_customers, local.assignment
    start, site, tabu_until = local.start, local.site, local.tabu_until
    cost, total_overload, penalty_weight = (
        local.scalars[COST],
        local.scalars[OVERLOAD],
        local.scalars[WEIGHT],
    )
    best_delta = INF
    customer = -1
    target = -1
    for k in range(d.shape[0]):
        origin = assignment[k]
        relief = overload(load[origin] - d[k], s[origin]) - overload(load[origin], s[origin])
        leaving_cost = -w[origin, k] - (f[origin] if n_customers[origin] == 1 else 0.0)
        for p in range(start[k], start[k + 1]):
            j = site[p]
            if j == origin:
                continue
            cost_change = leaving_cost + w[j, k] + (f[j] if n_customers[j] == 0 else 0.0)
            overload_change = relief + overload(load[j] + d[k], s[j]) - overload(load[j], s[j])
            delta = cost_change + penalty_weight * overload_change
            if delta < best_delta:
                improves = total_overload + overload_change == 0 and cost + cost_change < aspiration
                if tabu_until[j, k] > step and not improves:
                    continue
                best_delta = delta
                customer = k
                target = j
    return best_delta, customer, target


@compiled
def _best_swap(
    data: ProblemData,
    allowed: Flags,
    local: LocalSearchState,
    step: int,
    aspiration: float,
    swap_sample: int,
    best_delta: float,
    customer: int,
    target: int,
) -> tuple[int, int, int]:
    """Return the best swap (customer, site, partner), or the given shift if no swap is better."""
    w, d, s, load = data.cost, data.demand, data.capacity, local.load
    assignment, tabu_until = local.assignment, local.tabu_until
    start, site, member, n_customers = local.start, local.site, local.member, local.n_customers
    cost, total_overload, penalty_weight = (
        local.scalars[COST],
        local.scalars[OVERLOAD],
        local.scalars[WEIGHT],
    )
    customers = d.shape[0]
    partner = -1
    sampled = customers > swap_sample
    first = np.random.randint(customers) if sampled else 0  # noqa: NPY002
    for q in range(swap_sample if sampled else customers):
        k = (first + q) % customers
        origin = assignment[k]
        for p in range(start[k], start[k + 1]):
            b = site[p]
            if b == origin:
                continue
            for i in range(n_customers[b]):
                other = member[b, i]
                if allowed[origin, other] == 0 or (other < k and not sampled):
                    continue
                cost_change = w[b, k] + w[origin, other] - w[origin, k] - w[b, other]
                if cost_change >= best_delta and total_overload == 0.0:
                    continue
                e = d[other] - d[k]
                overload_change = (
                    overload(load[origin] + e, s[origin])
                    - overload(load[origin], s[origin])
                    + overload(load[b] - e, s[b])
                    - overload(load[b], s[b])
                )
                delta = cost_change + penalty_weight * overload_change
                if delta < best_delta:
                    improves = (
                        total_overload + overload_change == 0 and cost + cost_change < aspiration
                    )
                    if (
                        tabu_until[b, k] > step or tabu_until[origin, other] > step
                    ) and not improves:
                        continue
                    best_delta = delta
                    customer = k
                    target = b
                    partner = other
    return customer, target, partner


@compiled
def _adjust_penalty_weight(
    local: LocalSearchState, min_weight: float, parameters: TabuParameters
) -> None:
    """Raise beta after a streak of infeasible steps, lower it after a streak of feasible ones."""
    streak = local.scalars[STREAK_LENGTH]
    if local.scalars[OVERLOAD] == 0.0:
        local.scalars[STREAK_LENGTH] = streak + 1 if streak > 0 else 1
        if local.scalars[STREAK_LENGTH] >= parameters.streak:
            lower = local.scalars[WEIGHT] * parameters.weight_decrease
            local.scalars[WEIGHT] = max(min_weight, lower)
    else:
        local.scalars[STREAK_LENGTH] = streak - 1 if streak < 0 else -1
        if local.scalars[STREAK_LENGTH] <= -parameters.streak:
            local.scalars[WEIGHT] *= parameters.weight_increase
