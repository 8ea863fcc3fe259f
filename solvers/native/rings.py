"""The root of many sites as many nodes: one by the least promising site that is open.

With hundreds of sites most are never of use, and to settle one that is not moves no bound: a tree
that branches on single sites stays at its root. So the free sites are put in the order of what the
bound rises to if they are opened. Every solution either opens none after the first few dozen, or
there is a last one j that it opens: then j is open, all after it are closed, and the flip of j is
its bound. The nodes are disjoint and cover everything; the dear ones are never looked at.
"""

from __future__ import annotations

import numpy as np

from solvers.native.node import CLOSED, FREE, OPEN, Data, compress
from solvers.native.penalties import penalise, strike
from solvers.native.process import Space
from solvers.native.tree import Tree, push

CORE = 40
"""Free sites of the first node."""


def push_rings(data: Data, space: Space, tree: Tree, bound: float, cutoff: float) -> None:
    """Strike out what reaches the cutoff, and split what is left of a node.

    Parameters
    ----------
    data : Data
        The problem.
    space : Space
        The node, compressed; on return, what is left of it.
    tree : Tree
        Empty; on return it holds the node's parts, none if nothing is left below the cutoff.
    bound, cutoff : float
        What is known of the node, and what is of no interest any more.
    """
    view, work = space.node, space.work
    penalise(data, view, work, space.price, space.found)
    strike(data, view, work, space.found, cutoff, space.allowed, space.state)
    if not compress(data, space.allowed, space.state, view):
        return
    bound = max(bound, penalise(data, view, work, space.price, space.found))
    if bound >= cutoff:
        return
    free = np.flatnonzero(space.state == FREE)
    order = free[np.argsort(work.if_open[free], kind="stable")]
    state = space.state.copy()
    for last in order[: CORE - 1 : -1]:
        least = max(bound, float(work.if_open[last]))
        if least < cutoff:
            state[last] = OPEN
            push(tree, space.allowed, state, space.price, least)
        state[last] = CLOSED
    push(tree, space.allowed, state, space.price, bound)
