"""The root node: multipliers, a first incumbent and variable fixing before any branching."""

from __future__ import annotations

import numpy as np

from solvers.native.bound.penalties import compute_penalties, fix_variables
from solvers.native.bound.subgradient import (
    BEST,
    STEP,
    ascend,
    initial_step,
    reset_metric,
    start_ascent,
)
from solvers.native.local_search.pair_exchange import exchange_pairs
from solvers.native.local_search.repair import repair
from solvers.native.local_search.tabu_search import tabu_search
from solvers.native.model.incumbent import PENALTY_WEIGHT, VALUE, Incumbent, cutoff_of
from solvers.native.model.node import propagate
from solvers.native.model.parameters import SearchParameters
from solvers.native.model.problem_data import INF, Flags, ProblemData, evaluations_in
from solvers.native.model.search_clock import SearchClock
from solvers.native.tree.node_workspace import NodeWorkspace
from solvers.problem import Floats


def initial_multipliers(data: ProblemData) -> Floats:
    """Return the first multipliers, shape (K,).

    Equation (21) of docs/algorithm.md.

    A customer's cost at its third cheapest site, plus its share, by demand, of the mean fixed cost
    of a site of mean capacity.
    """
    third = np.sort(data.cost, axis=0)[min(2, len(data.capacity) - 1)]
    multiplier: Floats = third + data.fixed_cost.mean() * data.demand / data.capacity.mean()
    return multiplier


def process_root(
    data: ProblemData,
    workspace: NodeWorkspace,
    parameters: SearchParameters,
    incumbent: Incumbent,
    gap: float,
    clock: SearchClock,
    deadline: float,
    seed: int,
) -> float:
    """Maximise the bound at the root, search for an incumbent, and fix variables by both.

    Parameters
    ----------
    data, workspace, parameters, incumbent
        The problem; the root, on which `propagate` has run, and which is tightened; the
        parameters; the incumbent, which may be improved.
    gap : float
        Relative gap: solutions within this distance below the incumbent need not be found.
    clock, deadline : SearchClock, float
        The clock, and its value at which to stop, s.
    seed : int
        Seed of the tabu searches.

    Returns
    -------
    float
        A lower bound of the problem; if a variable was fixed, at most the cutoff; inf if there is
        no solution. If it equals the cutoff, the incumbent is optimal within the gap.
    """
    pairs = workspace.allowed.copy()
    workspace.multiplier[:] = initial_multipliers(data)
    reset_metric(data, workspace.ascent)
    step = initial_step(data, workspace.multiplier, parameters.ascent)
    step *= max(1.0, len(data.demand) / parameters.root.step_customers)
    bound = -INF
    any_fixed = False
    for round_number in range(parameters.root.rounds):
        if clock.is_over(deadline):
            break
        cutoff = cutoff_of(incumbent, gap)
        step = _ascend(data, workspace, parameters, round_number, step, cutoff, clock, deadline)
        bound = max(bound, float(workspace.ascent.scalars[BEST]))
        if bound >= cutoff:
            break
        bound = max(bound, _penalties(data, workspace, cutoff))
        if bound == INF:
            return INF
        _search_locally(data, workspace, parameters, incumbent, pairs, round_number, seed)
        cutoff = cutoff_of(incumbent, gap)
        if bound >= cutoff:
            break
        if incumbent.scalars[VALUE] == INF:
            continue
        any_fixed = True
        node, work, penalties = workspace.node, workspace.work, workspace.penalties
        fix_variables(data, node, work, penalties, cutoff, workspace.allowed, workspace.state)
        if not propagate(data, workspace.allowed, workspace.state, workspace.node):
            return cutoff
        pairs[:] = workspace.allowed
        pairs[incumbent.assignment, np.arange(len(data.demand))] = 1
    return min(bound, cutoff_of(incumbent, gap)) if any_fixed else bound


def _penalties(data: ProblemData, workspace: NodeWorkspace, cutoff: float) -> float:
    """Compute the penalties at the multipliers of the workspace; return the bound they imply."""
    node, work, penalties = workspace.node, workspace.work, workspace.penalties
    return compute_penalties(data, node, work, workspace.multiplier, penalties, cutoff)


def _search_locally(
    data: ProblemData,
    workspace: NodeWorkspace,
    parameters: SearchParameters,
    incumbent: Incumbent,
    pairs: Flags,
    round_number: int,
    seed: int,
) -> None:
    """Repair the Lagrangian solution and improve it by tabu search.

    The penalty weight at the end of one tabu search is the first one of the next.
    """
    multiplier, assignment = workspace.multiplier, workspace.assignment
    repair(data, workspace.node, workspace.work, multiplier, assignment)
    weight = incumbent.scalars[PENALTY_WEIGHT]
    local = workspace.local.assignment
    local[:] = assignment
    exchange_pairs(data, pairs, local, incumbent, weight, workspace.work, parameters.tabu)
    steps = parameters.root.tabu_steps * (1 + round_number)
    incumbent.scalars[PENALTY_WEIGHT] = tabu_search(
        data,
        pairs,
        assignment,
        incumbent,
        weight,
        steps,
        seed + round_number,
        parameters.tabu,
        workspace.local,
        workspace.work.stop,
    )


def _ascend(
    data: ProblemData,
    workspace: NodeWorkspace,
    parameters: SearchParameters,
    round_number: int,
    step: float,
    cutoff: float,
    clock: SearchClock,
    deadline: float,
) -> float:
    """Ascend in slices and read the clock after each; return the last step length."""
    node, work, ascent = workspace.node, workspace.work, workspace.ascent
    root, is_first = parameters.root, round_number == 0
    min_gain = root.first_min_gain if is_first else root.min_gain
    window = root.first_window if is_first else root.window
    work.use_surplus[0] = not is_first
    start_ascent(data, node, work, workspace.multiplier, ascent, step)
    slice_evaluations = evaluations_in(parameters.slice_operations, data)
    left = (root.first_evaluations if is_first else root.evaluations) * len(data.demand)
    while left > 0 and not clock.is_over(deadline):
        ended = ascend(
            data,
            node,
            work,
            workspace.multiplier,
            ascent,
            cutoff,
            min(slice_evaluations, left),
            min_gain,
            window,
            0.0,
            parameters.ascent,
        )
        clock.bound = min(float(ascent.scalars[BEST]), cutoff)
        if ended:
            break
        left -= slice_evaluations
    return float(ascent.scalars[STEP])
