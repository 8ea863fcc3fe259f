"""The cheapest flows of raw material for a given assignment of customers to sites."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_array, eye_array, kron, vstack

from solvers.formulations.collapsed import expand, why_inexact
from solvers.formulations.program import Program
from solvers.problem import Floats, Integers, Problem
from solvers.scaling import scale
from solvers.solution import Solution, flows_are_whole, site_loads

SUPPLY_ROUNDING = 1e-9
"""By this fraction the supplies may be short of what is needed, where flows are not whole."""


def why_short(problem: Problem) -> str | None:
    """Return why the sources cannot supply the customers, or None if they can.

    Every source reaches every site, so only the total supply counts. Flows that are whole use whole
    tonnes of each supply.
    """
    needed, supply = problem.alpha * problem.total_demand, float(_usable_supply(problem).sum())
    rounding = 0.0 if flows_are_whole(problem) else SUPPLY_ROUNDING * needed
    if supply >= needed - rounding:
        return None
    return f"all sources together deliver {supply:,g} t, {needed:,g} t are needed"


def solution_of(problem: Problem, assignment: Integers) -> Solution:
    """Return the cheapest solution with an assignment: the sites that it uses, the cheapest flows.

    Parameters
    ----------
    problem : Problem
        One for which `why_short` returns None.
    assignment : ndarray of int, shape (K,)
        The site of each customer, from 0 to J - 1.
    """
    flow = cheapest_flow(problem, assignment)
    assert flow is not None
    return Solution(site_loads(problem, assignment) > 0, assignment, flow)


def cheapest_flow(problem: Problem, assignment: Integers) -> Floats | None:
    """Find x_ij of least cost under constraints (5), (6) and (9), given z.

    If no source can bind, each site draws from its cheapest source. Otherwise this is a
    transportation problem. Its linear program has a whole solution; what rounding changed is
    repaired, so that the flows keep the constraints exactly.

    Parameters
    ----------
    problem : Problem
        The data.
    assignment : ndarray of int, shape (K,)
        The site of each customer, from 0 to J - 1.

    Returns
    -------
    ndarray, shape (I, J), or None
        Tonnes from each source to each site; None if the sources cannot supply the sites.
    """
    if why_inexact(problem) is None:
        return expand(problem, np.ones(problem.n_sites, dtype=bool), assignment).flow
    if why_short(problem) is not None:
        return None
    excess = problem.inbound - problem.inbound.min(axis=0)
    required = problem.alpha * site_loads(problem, assignment)
    supply = _usable_supply(problem)
    filled = _repaired(np.zeros(excess.shape), excess, required, supply)
    known_cost = float((excess * filled).sum())
    if known_cost == 0:
        return filled
    solved = _solve_linear_program(excess, required, supply, known_cost)
    if solved is None:
        return filled
    if flows_are_whole(problem):
        solved = np.rint(solved)
    repaired = _repaired(solved, excess, required, supply)
    return repaired if (excess * repaired).sum() < known_cost else filled


def _usable_supply(problem: Problem) -> Floats:
    """Return what each source can deliver, at most what all sites together need, shape (I,)."""
    supply = np.minimum(problem.supply, problem.alpha * problem.total_demand)
    return np.floor(supply) if flows_are_whole(problem) else supply


def _solve_linear_program(
    cost: Floats, required: Floats, supply: Floats, known_cost: float
) -> Floats | None:
    """Minimise the cost of flows, shape (I, J), up to rounding; None if HiGHS fails."""
    # Imported here: it takes 0.4 s, one after the other in driver, worker and fork server, before
    # the first solve of a sweep, and few networks have a source that binds.
    from scipy.optimize import Bounds, LinearConstraint, milp

    sources, sites = cost.shape
    n = cost.size
    received = kron(np.ones((1, sources)), eye_array(sites))
    delivered = kron(eye_array(sources), np.ones((1, sites)))
    program = Program(
        cost=cost.ravel(),
        upper=np.minimum.outer(supply, required).ravel(),
        integer=np.zeros(n, dtype=bool),
        implied_integer=np.zeros(n, dtype=bool),
        matrix=csc_array(vstack([received, delivered])),
        row_lower=np.concatenate([required, np.full(sources, -np.inf)]),
        row_upper=np.concatenate([required, supply]),
        columns=(),
        rows=(),
    )
    scaled = scale(program, known_cost)
    optimum = milp(
        scaled.program.cost,
        bounds=Bounds(0, scaled.program.upper),
        constraints=LinearConstraint(
            scaled.program.matrix, scaled.program.row_lower, scaled.program.row_upper
        ),
    )
    if optimum.x is None:
        return None
    flow: Floats = (optimum.x * scaled.unit).reshape(sources, sites)
    return flow


def _repaired(flow: Floats, cost: Floats, required: Floats, supply: Floats) -> Floats:
    """Return flows that deliver what is required and keep the supplies, close to the given ones.

    What a site or a source has too much of is taken from its most expensive flows; what a site then
    lacks comes from the cheapest sources with material left.
    """
    flow = np.maximum(flow, 0.0)
    for flows, costs, limits in ((flow, cost, supply), (flow.T, cost.T, required)):
        for line, prices, limit in zip(flows, costs, limits, strict=True):
            for place in np.argsort(-prices, kind="stable"):
                line[place] -= min(line[place], max(0.0, line.sum() - limit))
    left = supply - flow.sum(axis=1)
    # The site that loses most if it does not get its cheapest source comes first.
    for j in np.argsort(-np.ptp(cost, axis=0), kind="stable"):
        for i in np.argsort(cost[:, j], kind="stable"):
            amount = min(max(0.0, left[i]), max(0.0, required[j] - flow[:, j].sum()))
            flow[i, j] += amount
            left[i] -= amount
    return flow
