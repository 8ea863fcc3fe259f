"""Process one node: maximise the bound, compute penalties, fix variables, propagate; repeat."""

from __future__ import annotations

import numpy as np

from solvers.native.bound.penalties import compute_penalties, fix_variables
from solvers.native.bound.subgradient import (
    BEST,
    USED,
    ascend,
    initial_step,
    reset_metric,
    start_ascent,
)
from solvers.native.model.arrays import copy_matrix
from solvers.native.model.compilation import compiled
from solvers.native.model.node import propagate
from solvers.native.model.parameters import AscentParameters, TreeParameters
from solvers.native.model.problem_data import INF, ProblemData, States
from solvers.native.tree.node_workspace import NodeWorkspace


@compiled
def site_hash(state: States) -> int:
    """Return a hash of the states of the sites; never 0."""
    h = np.int64(1469598103934665603)
    for j in range(state.shape[0]):
        h = (h ^ np.int64(3 * j + state[j] + 1)) * np.int64(1099511628211)
    return int(h) if h != 0 else 1


@compiled
def process_node(
    data: ProblemData,
    workspace: NodeWorkspace,
    bound: float,
    cutoff: float,
    max_evaluations: int,
    tree: TreeParameters,
    ascent_parameters: AscentParameters,
) -> tuple[float, int]:
    """Bound and tighten the node in ``workspace``.

    Parameters
    ----------
    data, workspace : ProblemData, NodeWorkspace
        The problem and the node.
    bound, cutoff : float
        A lower bound of the node; processing ends when the bound reaches the cutoff.
    max_evaluations : int
        Most evaluations of the bound in one round; after so many no further round begins.
    tree, ascent_parameters : TreeParameters, AscentParameters
        Of the rounds, and of the ascent in each.

    Returns
    -------
    bound, used : float, int
        The bound, and the number of evaluations used. A node whose bound is at or above the cutoff
        can be pruned; the bound is inf if it is infeasible. If the bound is below the cutoff,
        ``workspace`` holds the penalties at its multipliers.
    """
    node, work, ascent = workspace.node, workspace.work, workspace.ascent
    if not propagate(data, workspace.allowed, workspace.state, node):
        return INF, 0
    used = 0
    for _ in range(tree.rounds):
        best = _maximise_dual(data, workspace, cutoff, max_evaluations, tree, ascent_parameters)
        bound = max(bound, best)
        used += int(ascent.scalars[USED])
        if bound >= cutoff:
            return bound, used
        bound = max(
            bound,
            compute_penalties(data, node, work, workspace.multiplier, workspace.penalties, cutoff),
        )
        if bound >= cutoff:
            return bound, used
        before = site_hash(workspace.state)
        pairs = node.start[node.start.shape[0] - 1]
        n_fixed = fix_variables(
            data, node, work, workspace.penalties, cutoff, workspace.allowed, workspace.state
        )
        if n_fixed == 0:
            return bound, used
        if not propagate(data, workspace.allowed, workspace.state, node):
            return INF, used
        few = n_fixed < tree.min_fixed_share * pairs and site_hash(workspace.state) == before
        if few or used >= max_evaluations:
            break
    # The last round fixed variables, so that the penalties must be computed again.
    return max(
        bound,
        compute_penalties(data, node, work, workspace.multiplier, workspace.penalties, cutoff),
    ), used


@compiled
def _maximise_dual(
    data: ProblemData,
    workspace: NodeWorkspace,
    cutoff: float,
    max_evaluations: int,
    tree: TreeParameters,
    parameters: AscentParameters,
) -> float:
    """Ascend from the current multipliers; at the first visit of a set of open sites, for longer.

    A metric that converged for one set is poor for another set. So for a new set it is reset, and
    it is stored for the next node with the same set.
    """
    customers = data.demand.shape[0]
    ascent = workspace.ascent
    h = site_hash(workspace.state)
    i = (h >> 20) & (workspace.metric_key.shape[0] - 1)
    known = h == workspace.current_key[0]
    if not known and workspace.metric_key[i] == h:
        copy_matrix(workspace.metrics[i], ascent.metric)
        known = True
    workspace.current_key[0] = h
    if known:
        start_ascent(data, workspace.node, workspace.work, workspace.multiplier, ascent, 0.0)
        ascend(
            data,
            workspace.node,
            workspace.work,
            workspace.multiplier,
            ascent,
            cutoff,
            min(tree.evaluations, max_evaluations),
            tree.min_gain,
            tree.window,
            tree.min_progress,
            parameters,
        )
        return float(ascent.scalars[BEST])
    reset_metric(data, ascent)
    step = initial_step(data, workspace.multiplier, parameters)
    start_ascent(data, workspace.node, workspace.work, workspace.multiplier, ascent, step)
    evaluations = tree.first_evaluations + tree.evaluations_per_customer * customers
    ascend(
        data,
        workspace.node,
        workspace.work,
        workspace.multiplier,
        ascent,
        cutoff,
        min(evaluations, max_evaluations),
        tree.first_min_gain,
        customers,
        0.0,
        parameters,
    )
    if ascent.scalars[BEST] < cutoff:
        workspace.metric_key[i] = h
        copy_matrix(ascent.metric, workspace.metrics[i])
    return float(ascent.scalars[BEST])
