"""Branching: which site or customer splits a node, and into which children."""

from __future__ import annotations

from solvers.native.model.compilation import compiled
from solvers.native.model.problem_data import CLOSED, FREE, INF, OPEN, ProblemData
from solvers.native.tree.node_queue import NodeQueue, push
from solvers.native.tree.node_workspace import NodeWorkspace


@compiled
def choose_site(workspace: NodeWorkspace, bound: float) -> int:
    """Choose the unsettled site whose two children rise most, by the product; -1 for none."""
    pick = -1
    top = -INF
    least = 1e-6 * abs(bound)
    for j in range(workspace.state.shape[0]):
        if workspace.node.state[j] == FREE:
            opened = max(workspace.work.if_open[j] - bound, least)
            closed = max(workspace.work.if_closed[j] - bound, least)
            if opened * closed > top:
                top = opened * closed
                pick = j
    return pick


@compiled
def split_site(
    workspace: NodeWorkspace, queue: NodeQueue, site: int, bound: float, cutoff: float
) -> float:
    """Go on with the better state of a site and keep the other; return the bound."""
    opened = max(bound, workspace.work.if_open[site])
    closed = max(bound, workspace.work.if_closed[site])
    chosen = workspace.work.is_open[site] == 1
    follow = OPEN if opened < closed or (opened == closed and chosen) else CLOSED
    other = closed if follow == OPEN else opened
    if other < cutoff:
        workspace.state[site] = CLOSED if follow == OPEN else OPEN
        push(queue, workspace.allowed, workspace.state, workspace.multiplier, other)
    workspace.state[site] = follow
    return float(min(opened, closed))


@compiled
def _choose_customer(data: ProblemData, workspace: NodeWorkspace, bound: float) -> int:
    """Choose the customer with the fewest sites left; among equals, where children rise most."""
    node, rise = workspace.node, workspace.penalties.out_sum
    rise[:] = 0.0
    for p in range(node.start[node.start.shape[0] - 1]):
        rise[node.item[p]] += workspace.penalties.child_bound[p] - bound
    pick = -1
    for k in range(data.demand.shape[0]):
        if node.unassigned[k] == 0:
            continue
        fewer = pick < 0 or node.n_sites_left[k] < node.n_sites_left[pick]
        if fewer or (node.n_sites_left[k] == node.n_sites_left[pick] and rise[k] > rise[pick]):
            pick = k
    return pick


@compiled
def split_customer(
    data: ProblemData, workspace: NodeWorkspace, queue: NodeQueue, bound: float, cutoff: float
) -> float:
    """Go on with a customer at its best site and keep its others; return the bound, or the cutoff.

    What is at the cutoff or above is dropped; if that is all, there is nothing to go on with.
    """
    node, child_bound = workspace.node, workspace.penalties.child_bound
    k = _choose_customer(data, workspace, bound)
    lead = -1
    low = INF
    for j in range(data.capacity.shape[0]):
        workspace.allowed[j, k] = 0  # and one at a time is admitted again
        for p in range(node.start[j], node.start[j + 1]):
            if node.item[p] == k and child_bound[p] < low:
                low = child_bound[p]
                lead = j
    if lead < 0 or low >= cutoff:
        return INF
    for j in range(data.capacity.shape[0]):
        for p in range(node.start[j], node.start[j + 1]):
            if node.item[p] == k and j != lead and child_bound[p] < cutoff:
                workspace.allowed[j, k] = 1
                push(
                    queue,
                    workspace.allowed,
                    workspace.state,
                    workspace.multiplier,
                    max(bound, child_bound[p]),
                )
                workspace.allowed[j, k] = 0
    workspace.allowed[lead, k] = 1
    return max(bound, low)
