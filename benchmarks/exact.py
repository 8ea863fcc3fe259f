"""The exact optimum of a small problem: all assignments, in whole numbers and fractions.

It shares nothing with the solvers: costs are fractions, and the flows for an assignment come from
successive shortest paths in exact arithmetic.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

from solvers.problem import Problem
from solvers.solution import flows_are_whole

MAX_DENOMINATOR = 10**6
"""Alpha is the fraction that its decimal digits mean: 0.001 is 1/1000."""

Costs = list[list[Fraction]]


def enumerate_optimum(problem: Problem) -> Fraction | None:
    """Minimise objective (1) over all assignments; None if none is feasible.

    No fixed cost is negative, so a site is open if and only if it serves a customer; (3) then
    follows from (4). Of the assignments with the same site loads only the cheapest second stage
    counts. Sets of loads are taken in ascending order of their cost without supply limits.
    """
    alpha = _alpha(problem)
    cheapest = [Fraction(t) for t in problem.inbound.min(axis=0).tolist()]
    second_stages = _second_stages(problem)
    lower_bound = {
        loads: cost + alpha * sum(n * t for n, t in zip(loads, cheapest, strict=True))
        for loads, cost in second_stages.items()
    }
    best: Fraction | None = None
    for loads in sorted(lower_bound, key=lambda each: lower_bound[each]):
        if best is not None and lower_bound[loads] >= best:
            break
        first = first_stage_cost(problem, loads)
        if first is None:
            return None  # the total supply is too small, whatever the loads
        total = second_stages[loads] + first
        best = total if best is None else min(best, total)
    return best


def first_stage_cost(problem: Problem, loads: tuple[int, ...]) -> Fraction | None:
    """Return the least cost of the flows for site loads, or None if all supplies do not suffice."""
    alpha, supplies = _alpha(problem), problem.supply.tolist()
    whole = flows_are_whole(problem)
    left = [Fraction(math.floor(p)) if whole else Fraction(p) for p in supplies]
    required = [alpha * load for load in loads]
    if sum(left) < sum(required):
        return None
    inbound = [[Fraction(t) for t in row] for row in problem.inbound.tolist()]
    return _cheapest_flow(inbound, left, required)


def _alpha(problem: Problem) -> Fraction:
    return Fraction(problem.alpha).limit_denominator(MAX_DENOMINATOR)


def _second_stages(problem: Problem) -> dict[tuple[int, ...], Fraction]:
    """Return the least cost of second stage and fixed cost for all site loads that are feasible."""
    sites = range(problem.n_sites)
    demand = problem.demand.tolist()
    fixed = [Fraction(f) for f in problem.fixed_cost.tolist()]
    capacity = [math.floor(s) for s in problem.capacity.tolist()]
    partial: dict[tuple[int, ...], Fraction] = {tuple(0 for _ in sites): Fraction(0)}
    for tonnes, row in zip(demand, problem.outbound.tolist(), strict=True):
        unit_cost = [Fraction(c) for c in row]
        extended: dict[tuple[int, ...], Fraction] = {}
        for (loads, cost), j in itertools.product(partial.items(), sites):
            if loads[j] + tonnes <= capacity[j]:
                longer = (*loads[:j], loads[j] + tonnes, *loads[j + 1 :])
                opening = fixed[j] if loads[j] == 0 else 0
                total = cost + tonnes * unit_cost[j] + opening
                extended[longer] = min(total, extended.get(longer, total))
        partial = extended
    return partial


def _cheapest_flow(inbound: Costs, left: list[Fraction], required: list[Fraction]) -> Fraction:
    """Return the least cost of the flows that the sites require; ``left`` is used up."""
    flow = [[Fraction(0)] * len(required) for _ in left]
    for site, missing in enumerate(required):
        while missing > 0:
            path = _shortest_path(inbound, left, flow, site)
            first = path[0][0]
            amount = min([missing, left[first], *(flow[i][j] for i, j, sign in path if sign < 0)])
            for i, j, sign in path:
                flow[i][j] += sign * amount
            left[first] -= amount
            missing -= amount
    pairs = itertools.product(range(len(left)), range(len(required)))
    return sum((inbound[i][j] * flow[i][j] for i, j in pairs), Fraction(0))


def _shortest_path(
    inbound: Costs, left: list[Fraction], flow: Costs, target: int
) -> list[tuple[int, int, int]]:
    """Return the cheapest path from a source with material left to a site (Bellman and Ford).

    Returns
    -------
    list of (int, int, int)
        Source, site, and 1 for more flow between them, -1 for less.
    """
    sites = range(len(inbound[0]))
    to_source = {i: (Fraction(0), list[tuple[int, int, int]]()) for i in _positive(left)}
    to_site: dict[int, tuple[Fraction, list[tuple[int, int, int]]]] = {}
    for _ in inbound:
        for (i, (cost, path)), j in itertools.product(to_source.items(), sites):
            if j not in to_site or cost + inbound[i][j] < to_site[j][0]:
                to_site[j] = (cost + inbound[i][j], [*path, (i, j, 1)])
        for j, (cost, path) in to_site.items():
            for i in _positive([row[j] for row in flow]):
                if i not in to_source or cost - inbound[i][j] < to_source[i][0]:
                    to_source[i] = (cost - inbound[i][j], [*path, (i, j, -1)])
    return to_site[target][1]


def _positive(amounts: list[Fraction]) -> list[int]:
    """Return the indices of the amounts above 0."""
    return [index for index, amount in enumerate(amounts) if amount > 0]
