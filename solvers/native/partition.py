"""The root of many sites as many nodes: one by the least promising site that is open.

With hundreds of sites most are never of use, and to settle one that is not moves no bound: a tree
that branches on single sites stays at its root. So the free sites are put in the order of what the
bound rises to if they are opened. Every solution either opens none after the first few dozen, or
there is a last one j that it opens: then j is open, all after it are closed, and the flip of j is
its bound. The nodes are disjoint and cover everything; the dear ones are never looked at.
"""

from __future__ import annotations

import numpy as np

from solvers.native.bound.penalties import compute_penalties, fix_variables
from solvers.native.model.node import propagate
from solvers.native.model.problem_data import CLOSED, FREE, OPEN, ProblemData
from solvers.native.tree.node_queue import NodeQueue, push
from solvers.native.tree.node_workspace import NodeWorkspace

CORE = 40
"""Free sites of the first node."""


def push_partition(
    data: ProblemData, workspace: NodeWorkspace, queue: NodeQueue, bound: float, cutoff: float
) -> None:
    """Strike out what reaches the cutoff, and split what is left of a node.

    Parameters
    ----------
    data : Data
        The problem.
    workspace : Space
        The node, compressed; on return, what is left of it.
    queue : Tree
        Empty; on return it holds the node's parts, none if nothing is left below the cutoff.
    bound, cutoff : float
        What is known of the node, and what is of no interest any more.
    """
    node, work = workspace.node, workspace.work
    compute_penalties(data, node, work, workspace.multiplier, workspace.penalties)
    fix_variables(data, node, work, workspace.penalties, cutoff, workspace.allowed, workspace.state)
    if not propagate(data, workspace.allowed, workspace.state, node):
        return
    bound = max(
        bound, compute_penalties(data, node, work, workspace.multiplier, workspace.penalties)
    )
    if bound >= cutoff:
        return
    free = np.flatnonzero(workspace.state == FREE)
    order = free[np.argsort(work.if_open[free], kind="stable")]
    state = workspace.state.copy()
    for last in order[: CORE - 1 : -1]:
        least = max(bound, float(work.if_open[last]))
        if least < cutoff:
            state[last] = OPEN
            push(queue, workspace.allowed, state, workspace.multiplier, least)
        state[last] = CLOSED
    push(queue, workspace.allowed, state, workspace.multiplier, bound)
