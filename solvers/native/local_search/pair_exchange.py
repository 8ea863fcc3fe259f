"""The best redistribution of the customers of two sites, for every pair of sites in turn.

Which customers of two sites go to the first one is a knapsack problem: the tonnes of the first site
lie between the tonnes that do not fit the second one and its own capacity. It is solved exactly, so
one step searches a neighbourhood of exponential size; shifts and swaps of single customers are in
it. Such neighbourhoods are surveyed by Ahuja, Ergun, Orlin and Punnen (2002), Discrete Applied
Mathematics 123.
"""

from __future__ import annotations

from solvers.native.bound.knapsack import backtrack, fill, init_exactly
from solvers.native.model.arrays import fill_vector
from solvers.native.model.compilation import compiled
from solvers.native.model.incumbent import Incumbent, offer_incumbent
from solvers.native.model.parameters import TabuParameters
from solvers.native.model.problem_data import Flags, ProblemData
from solvers.native.model.workspace import Workspace
from solvers.problem import Integers

MIN_GAIN = 1e-9
"""Least gain of an exchange, as a fraction of the costs and penalties at stake, so that rounding
cannot make a descent endless."""


@compiled
def exchange_pairs(
    data: ProblemData,
    allowed: Flags,
    assignment: Integers,
    incumbent: Incumbent,
    penalty_weight: float,
    work: Workspace,
    parameters: TabuParameters,
) -> None:
    """Descend from an assignment until no pair of sites improves; offer the result as incumbent.

    Equation (45) of docs/algorithm.md.

    Parameters
    ----------
    data : ProblemData
        The problem.
    allowed : ndarray of uint8, shape (J, K)
        Pairs that the search may use.
    assignment : ndarray of int, shape (K,)
        In and out: each customer's site; sites may be overloaded.
    incumbent : Incumbent
        In and out.
    penalty_weight : float
        Cost per tonne of overload; it is raised while the descent ends with overload.
    work : Workspace
        Work arrays.
    parameters : TabuParameters
        Number of descents, and how the weight rises.
    """
    sites = data.capacity.shape[0]
    load = work.unused
    for _ in range(parameters.descents):
        fill_vector(load, 0)
        for k in range(assignment.shape[0]):
            load[assignment[k]] += data.demand[k]
        last = 0
        turn = 0
        while turn <= last + sites * sites and work.stop[0] == 0:
            i, j = (turn // sites) % sites, turn % sites
            if (
                i < j
                and load[i] > 0
                and load[j] > 0
                and _exchange(data, allowed, assignment, load, work, i, j, penalty_weight)
            ):
                last = turn
            turn += 1
        over = 0
        for j in range(sites):
            over += max(0, load[j] - data.capacity[j])
        if over == 0:
            offer_incumbent(data, assignment, incumbent)
            return
        penalty_weight *= parameters.descent_weight_increase


@compiled
def _exchange(
    data: ProblemData,
    allowed: Flags,
    assignment: Integers,
    load: Integers,
    work: Workspace,
    first: int,
    second: int,
    penalty_weight: float,
) -> bool:
    """Redistribute the customers of two sites in the best way; return whether that costs less."""
    n = 0
    tonnes = 0
    kept = 0  # tonnes that must stay at the first site
    gain = 0.0
    for k in range(assignment.shape[0]):
        j = assignment[k]
        if j != first and j != second:
            continue
        if allowed[first, k] == 0 or allowed[second, k] == 0:
            if j == first:
                kept += data.demand[k]
            continue
        work.profit[n] = data.cost[second, k] - data.cost[first, k]
        work.weight[n] = data.demand[k]
        work.pair[n] = k
        tonnes += data.demand[k]
        if j == first:
            gain += work.profit[n]
        n += 1
    if n < 2:
        return False
    both = load[first] + load[second]
    room, least = data.capacity[first] - kept, both - data.capacity[second] - kept
    over = max(0, load[first] - data.capacity[first]) + max(0, load[second] - data.capacity[second])
    gain -= penalty_weight * over
    size = penalty_weight * both
    for i in range(n):
        size += abs(work.profit[i])
    width = min(tonnes, work.table.shape[1] - 1)
    init_exactly(work.table[0], width)
    fill(work.profit, work.weight, n, width, work.table)
    best, best_load = gain + MIN_GAIN * (1.0 + size), -1
    row = work.table[n]
    for c in range(width + 1):
        value = row[c] - penalty_weight * (max(0, c - room) + max(0, least - c))
        if value > best:
            best = value
            best_load = c
    if best_load < 0:
        return False
    backtrack(work.weight, n, best_load, work.table, work.take)
    for i in range(n):
        k = work.pair[i]
        old = assignment[k]
        new = first if work.take[i] == 1 else second
        load[old] -= data.demand[k]
        load[new] += data.demand[k]
        assignment[k] = new
    return True
