"""Branching: the site or customer on which a node branches, and its children."""

from __future__ import annotations

from solvers.native.model.arrays import fill_vector
from solvers.native.model.compilation import compiled
from solvers.native.model.problem_data import CLOSED, FREE, INF, OPEN, ProblemData
from solvers.native.tree.node_queue import NodeQueue, push
from solvers.native.tree.node_workspace import NodeWorkspace


@compiled
def choose_site(workspace: NodeWorkspace, bound: float, min_rise_share: float) -> int:
    """Return the free site with the greatest product of its two children's rises; -1 for none.

    A rise counts as at least the fraction ``min_rise_share`` of the bound.

    Equation (40) of docs/algorithm.md.
    """
    chosen = -1
    best_score = -INF
    min_rise = min_rise_share * abs(bound)
    for j in range(workspace.state.shape[0]):
        if workspace.node.state[j] == FREE:
            opened = max(workspace.work.if_open[j] - bound, min_rise)
            closed = max(workspace.work.if_closed[j] - bound, min_rise)
            if opened * closed > best_score:
                best_score = opened * closed
                chosen = j
    return chosen


@compiled
def split_site(
    workspace: NodeWorkspace, queue: NodeQueue, site: int, bound: float, cutoff: float
) -> float:
    """Fix a site in its better state, and push the other child; return the bound of the first."""
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
    """Return the customer with the fewest sites left; among equals, by greatest total rise."""
    node, rise = workspace.node, workspace.penalties.out_sum
    fill_vector(rise, 0.0)
    for p in range(node.start[node.start.shape[0] - 1]):
        rise[node.item[p]] += workspace.penalties.child_bound[p] - bound
    chosen = -1
    for k in range(data.demand.shape[0]):
        if node.unassigned[k] == 0:
            continue
        fewer = chosen < 0 or node.n_sites_left[k] < node.n_sites_left[chosen]
        if fewer or (node.n_sites_left[k] == node.n_sites_left[chosen] and rise[k] > rise[chosen]):
            chosen = k
    return chosen


@compiled
def split_customer(
    data: ProblemData, workspace: NodeWorkspace, queue: NodeQueue, bound: float, cutoff: float
) -> float:
    """Assign a customer to its best site, and push the other children.

    Children with bounds at or above the cutoff are dropped.

    Returns
    -------
    float
        The bound of the best child; inf if all children are dropped.
    """
    node, child_bound = workspace.node, workspace.penalties.child_bound
    k = _choose_customer(data, workspace, bound)
    best_site = -1
    best_bound = INF
    for j in range(data.capacity.shape[0]):
        workspace.allowed[j, k] = 0  # allowed again for one child at a time
        for p in range(node.start[j], node.start[j + 1]):
            if node.item[p] == k and child_bound[p] < best_bound:
                best_bound = child_bound[p]
                best_site = j
    if best_site < 0 or best_bound >= cutoff:
        return INF
    for j in range(data.capacity.shape[0]):
        for p in range(node.start[j], node.start[j + 1]):
            if node.item[p] == k and j != best_site and child_bound[p] < cutoff:
                workspace.allowed[j, k] = 1
                push(
                    queue,
                    workspace.allowed,
                    workspace.state,
                    workspace.multiplier,
                    max(bound, child_bound[p]),
                )
                workspace.allowed[j, k] = 0
    workspace.allowed[best_site, k] = 1
    return max(bound, best_bound)
