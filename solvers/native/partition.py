"""Partition of the root of a problem with many sites, by the last site that is open.

With hundreds of sites, most are in no good solution, and closing one of those does not raise the
bound: a tree that branches on single sites makes no progress at its root. So the free sites are
sorted by their forced-open bounds, ascending. Every solution either opens none after the first
`core_sites`, or there is a last site j that it opens. In the second case j is open, all sites after
it are closed, and the forced-open bound of j is a bound of the node. The nodes are disjoint and
together contain every solution; best-bound search never processes those with high bounds.
"""

from __future__ import annotations

import numpy as np

from solvers.native.bound.penalties import compute_penalties, fix_variables
from solvers.native.model.node import propagate
from solvers.native.model.problem_data import CLOSED, FREE, OPEN, ProblemData
from solvers.native.tree.node_queue import NodeQueue, push
from solvers.native.tree.node_workspace import NodeWorkspace


def push_partition(
    data: ProblemData,
    workspace: NodeWorkspace,
    queue: NodeQueue,
    core_sites: int,
    bound: float,
    cutoff: float,
) -> None:
    """Fix variables by the cutoff, and partition what remains of a node.

    Equation (41) of docs/algorithm.md.

    Parameters
    ----------
    data : ProblemData
        The problem.
    workspace : NodeWorkspace
        The node, on which `propagate` has run; tightened.
    queue : NodeQueue
        Empty; on return it holds the parts of the node, none if nothing remains below the cutoff.
    core_sites : int
        Free sites of the first node.
    bound, cutoff : float
        A lower bound of the node; only solutions below the cutoff are of interest.
    """
    node, work = workspace.node, workspace.work
    compute_penalties(data, node, work, workspace.multiplier, workspace.penalties, cutoff)
    fix_variables(data, node, work, workspace.penalties, cutoff, workspace.allowed, workspace.state)
    if not propagate(data, workspace.allowed, workspace.state, node):
        return
    bound = max(
        bound,
        compute_penalties(data, node, work, workspace.multiplier, workspace.penalties, cutoff),
    )
    if bound >= cutoff:
        return
    free = np.flatnonzero(workspace.state == FREE)
    order = free[np.argsort(work.if_open[free], kind="stable")]
    state = workspace.state.copy()
    for last in order[: core_sites - 1 : -1]:
        part_bound = max(bound, float(work.if_open[last]))
        if part_bound < cutoff:
            state[last] = OPEN
            push(queue, workspace.allowed, state, workspace.multiplier, part_bound)
        state[last] = CLOSED
    push(queue, workspace.allowed, state, workspace.multiplier, bound)
