"""Exact Lagrangian penalties, and what they settle.

At one price vector and one node everything here comes from the same evaluation: the bound L, for
every pair (j, k) that is left the exact rise of u_j when k is forced into site j's knapsack or out
of it, and for every site the cover with the site forced open or closed. To serve k from j forces
k into j and out of every other site, so

    child(j, k) = L(y_j = 1) + in(j, k) + sum of out(j', k) over sites j' != j that are settled open

bounds every solution that serves k from j, whatever lambda_k is. A child at or above the cutoff is
struck out. Sites that are not settled stay out of the sum: their rise may be avoided by closing
them. Posta, Ferland and Michelon (2012), Computational Optimization and Applications 52.
"""

from __future__ import annotations

from solvers.native.bound.knapsack import fill, fill_backward, init_at_most, optimum_without
from solvers.native.bound.lagrangian import lagrangian_bound, profitable_items
from solvers.native.bound.min_knapsack import forced_bounds
from solvers.native.bound.penalty_table import PenaltyTable
from solvers.native.bound.surplus_capacity import surplus_is_small
from solvers.native.bound.surplus_penalties import compute_surplus_penalties
from solvers.native.model.compilation import compiled
from solvers.native.model.node import NodeProblem
from solvers.native.model.problem_data import CLOSED, FREE, INF, OPEN, Flags, ProblemData, States
from solvers.native.model.workspace import MARGIN, MULTIPLIERS, SITES, Workspace
from solvers.problem import Floats


@compiled
def compute_penalties(
    data: ProblemData,
    node: NodeProblem,
    work: Workspace,
    multiplier: Floats,
    penalties: PenaltyTable,
) -> float:
    """Evaluate L at prices of shape (K,), fill ``penalties`` and the flips in ``work``.

    Returns
    -------
    float
        A bound of the node: the largest, over customers, of their smallest child.
    """
    if surplus_is_small(node, work):
        return compute_surplus_penalties(data, node, work, multiplier, penalties)
    bound = lagrangian_bound(data, node, work, multiplier)
    if bound == INF:
        return INF
    for j in range(data.capacity.shape[0]):
        if node.state[j] != CLOSED:
            _knapsack_penalties(data, node, work, multiplier, penalties, j)
    forced_bounds(
        work.reduced_cost,
        data.capacity,
        node.state,
        data.total,
        work.is_open,
        work.parts[SITES],
        work.if_open,
        work.if_closed,
        work.cover_forward,
        work.cover_backward,
    )
    for j in range(data.capacity.shape[0]):
        work.if_open[j] += work.parts[MULTIPLIERS] - work.parts[MARGIN]
        work.if_closed[j] += work.parts[MULTIPLIERS] - work.parts[MARGIN]
    return max(bound, _child_bounds(data, node, work, penalties))


@compiled
def _knapsack_penalties(
    data: ProblemData,
    node: NodeProblem,
    work: Workspace,
    multiplier: Floats,
    penalties: PenaltyTable,
    j: int,
) -> None:
    """Fill the rises of one site's pairs."""
    n, _ = profitable_items(data, node, work, multiplier, j)
    residual = node.residual[j]
    init_at_most(work.table[0], residual)
    init_at_most(work.backward[n], residual)
    best = fill(work.profit, work.weight, n, residual, work.table)
    fill_backward(work.profit, work.weight, n, residual, work.backward)
    i = 0
    for p in range(node.start[j], node.start[j + 1]):
        k = node.item[p]
        d = data.demand[k]
        penalties.rise_in[p] = 0.0
        penalties.rise_out[p] = 0.0
        if i < n and work.pair[i] == p:
            other = optimum_without(
                work.table, work.backward, i, residual if work.serves[p] == 1 else residual - d
            )
            if work.serves[p] == 1:
                penalties.rise_out[p] = max(0.0, best - other)
            else:
                penalties.rise_in[p] = max(0.0, best - work.profit[i] - other)
            i += 1
        elif d > residual:
            penalties.rise_in[p] = INF
        else:
            penalties.rise_in[p] = (
                best - work.table[n, residual - d] - (multiplier[k] - data.cost[j, k])
            )


@compiled
def _child_bounds(
    data: ProblemData, node: NodeProblem, work: Workspace, penalties: PenaltyTable
) -> float:
    """Fill every pair's child and every customer's smallest; return the largest of those."""
    sites, customers = data.cost.shape
    for k in range(customers):
        penalties.out_sum[k] = 0.0
        penalties.least_child[k] = INF
    for j in range(sites):
        if node.state[j] == OPEN:
            for p in range(node.start[j], node.start[j + 1]):
                penalties.out_sum[node.item[p]] += penalties.rise_out[p]
    for j in range(sites):
        if node.state[j] == CLOSED:
            continue
        for p in range(node.start[j], node.start[j + 1]):
            k = node.item[p]
            others = penalties.out_sum[k]
            if node.state[j] == OPEN:
                others -= penalties.rise_out[p]
            penalties.child_bound[p] = work.if_open[j] + penalties.rise_in[p] + max(0.0, others)
            penalties.least_child[k] = min(penalties.least_child[k], penalties.child_bound[p])
    top = -INF
    for k in range(customers):
        if node.unassigned[k] == 1:
            top = max(top, penalties.least_child[k])
    return top


@compiled
def fix_variables(
    data: ProblemData,
    node: NodeProblem,
    work: Workspace,
    penalties: PenaltyTable,
    cutoff: float,
    allowed: Flags,
    state: States,
) -> int:
    """Strike what reaches the cutoff out of ``allowed`` and ``state``; count the decisions."""
    n_fixed = 0
    for j in range(data.capacity.shape[0]):
        if node.state[j] == FREE:
            if work.if_open[j] >= cutoff:
                state[j] = CLOSED
                n_fixed += 1
                continue
            if work.if_closed[j] >= cutoff:
                state[j] = OPEN
                n_fixed += 1
        if node.state[j] != CLOSED:
            for p in range(node.start[j], node.start[j + 1]):
                if penalties.child_bound[p] >= cutoff:
                    allowed[j, node.item[p]] = 0
                    n_fixed += 1
    return n_fixed
