"""A dive: fix all sites of a node in a few rounds, to have one good set of open sites early.

With dozens of sites, a tree reaches its first leaf late, and a local search that moves single
customers rarely gets from one set of open sites to another. The forced bounds say how much the
bound rises if a site is open or closed. Each round fixes the sites whose two forced bounds differ
most, and then maximises the bound again.

The relaxation nearly ignores that customers are packed whole: it prefers sets of sites with almost
no surplus capacity. Those are cheap in the relaxation, but an assignment of whole customers to them
is expensive. A dive may therefore keep a reserve: a fraction of each capacity that only the search
for an incumbent may use.
"""

from __future__ import annotations

import time

import numpy as np

from solvers.native.bound.penalties import compute_penalties
from solvers.native.bound.subgradient import BEST, ascend, initial_step, reset_metric, start_ascent
from solvers.native.local_search.repair import repair
from solvers.native.local_search.tabu_search import steps_in, tabu_search
from solvers.native.model.incumbent import PENALTY_WEIGHT, Incumbent
from solvers.native.model.node import propagate
from solvers.native.model.parameters import AscentParameters, DiveParameters, SearchParameters
from solvers.native.model.problem_data import CLOSED, FREE, INF, OPEN, ProblemData, evaluations_in
from solvers.native.tree.node_workspace import NodeWorkspace


def dive(
    data: ProblemData,
    workspace: NodeWorkspace,
    parameters: SearchParameters,
    incumbent: Incumbent,
    divisor: int,
    deadline: float,
    seed: int,
    reserve: float = 0.0,
    bound_limit: float = INF,
) -> float:
    """Fix all sites of the node in ``workspace``, and search for an incumbent in the open ones.

    Parameters
    ----------
    data, workspace, parameters, incumbent
        The problem; the node, on which `propagate` has run, and which is changed; the parameters;
        the incumbent, which may be improved.
    divisor : int
        Each round fixes the fraction 1 / ``divisor`` of the free sites, at least one.
    deadline : float
        Value of `time.perf_counter` at which to stop, s.
    seed : int
        Seed of the first tabu search.
    reserve : float, optional
        Fraction of each capacity that may not be used while sites are fixed.
    bound_limit : float, optional
        There is no tabu search if the bound is not below this.

    Returns
    -------
    float
        A lower bound for the fixed sites with their capacities reduced by the reserve; inf if no
        solution remains, or if the time is over.
    """
    less = np.ceil(data.capacity * (1.0 - reserve)).astype(np.int64)
    kept = data._replace(capacity=less)
    if not propagate(kept, workspace.allowed, workspace.state, workspace.node):
        return INF
    workspace.work.use_surplus[0] = 0  # it makes rounds slower and chooses no better sites
    bound = _fix_all_sites(kept, workspace, parameters, divisor, deadline)
    workspace.work.use_surplus[0] = 1
    if bound < bound_limit:
        compute_penalties(
            kept, workspace.node, workspace.work, workspace.multiplier, workspace.penalties, INF
        )
        repair(kept, workspace.node, workspace.work, workspace.multiplier, workspace.assignment)
        penalty_weight = incumbent.scalars[PENALTY_WEIGHT]
        steps = steps_in(parameters.tree.node_operations, data, parameters.tabu)
        for i in range(parameters.dive.tabu_searches):
            if time.perf_counter() > deadline:
                break
            tabu_search(
                data,
                workspace.allowed,
                workspace.assignment,
                incumbent,
                penalty_weight,
                min(steps, parameters.dive.tabu_steps),
                seed + i,
                parameters.tabu,
                workspace.local,
                workspace.work.stop,
            )
    return bound


def _fix_all_sites(
    data: ProblemData,
    workspace: NodeWorkspace,
    parameters: SearchParameters,
    divisor: int,
    deadline: float,
) -> float:
    """Maximise the bound and fix sites in turn until no site is free; return as `dive` does."""
    affordable = evaluations_in(parameters.tree.node_operations, data)
    evaluations = min(affordable, parameters.dive.evaluations)
    limits = parameters.dive._replace(evaluations=evaluations)
    while time.perf_counter() < deadline:
        _ascend(data, workspace, limits, parameters.ascent)
        if not (workspace.state == FREE).any():
            return float(workspace.ascent.scalars[BEST])
        compute_penalties(
            data, workspace.node, workspace.work, workspace.multiplier, workspace.penalties, INF
        )
        _fix_surest_sites(data, workspace, divisor)
        if not propagate(data, workspace.allowed, workspace.state, workspace.node):
            return INF
    return INF


def _ascend(
    data: ProblemData,
    workspace: NodeWorkspace,
    limits: DiveParameters,
    parameters: AscentParameters,
) -> None:
    """Ascend from the multipliers in ``workspace``, with a fresh metric."""
    reset_metric(data, workspace.ascent)
    step = initial_step(data, workspace.multiplier, parameters)
    start_ascent(data, workspace.node, workspace.work, workspace.multiplier, workspace.ascent, step)
    ascend(
        data,
        workspace.node,
        workspace.work,
        workspace.multiplier,
        workspace.ascent,
        INF,
        limits.evaluations,
        limits.min_gain,
        limits.window,
        0.0,
        parameters,
    )


def _fix_surest_sites(data: ProblemData, workspace: NodeWorkspace, divisor: int) -> None:
    """Fix the free sites whose forced bounds differ most; capacity for the demand stays open.

    Equation (46) of docs/algorithm.md.
    """
    free = np.flatnonzero(workspace.state == FREE)
    # A forced bound is inf if that state is impossible: such sites come first.
    opened, closed = workspace.work.if_open[free], workspace.work.if_closed[free]
    with np.errstate(invalid="ignore"):
        regret = np.nan_to_num(closed - opened, nan=0.0, posinf=INF, neginf=-INF)
    spare = int(data.capacity[workspace.state != CLOSED].sum()) - data.total_demand
    surest = np.argsort(-np.abs(regret), kind="stable")[: max(1, len(free) // divisor)]
    for i in surest:
        site = free[i]
        if regret[i] > 0 or data.capacity[site] > spare:
            workspace.state[site] = OPEN
        else:
            workspace.state[site] = CLOSED
            spare -= int(data.capacity[site])
