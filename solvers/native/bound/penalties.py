"""Exact Lagrangian penalties, and the variables that they fix.

With given multipliers at a given node, one evaluation yields the bound L; for every remaining pair
(j, k) the exact rise of u_j if k is forced into the knapsack of site j or out of it; and for every
site the min-knapsack with the site forced open or closed (the forced bounds). To serve k from j
forces k into j and out of every other site, so

    child(j, k) = L(y_j = 1) + in(j, k) + sum of out(j', k) over sites j' != j that are fixed open

is a lower bound of every solution that serves k from j, whatever lambda_k is. If it is at or above
the cutoff, the pair is fixed at 0. Sites that are not fixed open are not in the sum: closing such a
site avoids its rise. Posta, Ferland and Michelon (2012), Computational Optimization and
Applications 52.
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
    cutoff: float,
) -> float:
    """Compute the bound with multipliers of shape (K,), the penalties and the forced bounds.

    Equation (35) of docs/algorithm.md.

    The penalties are written to ``penalties``, the forced bounds to ``work.if_open`` and
    ``work.if_closed``. Those below the cutoff are exact; of the others only that they are not below
    it is certain.

    Returns
    -------
    float
        A lower bound of the node: the larger of L and, over customers, the largest of their
        smallest child bounds; inf if the node is infeasible.
    """
    if surplus_is_small(node, work):
        return compute_surplus_penalties(data, node, work, multiplier, penalties, cutoff)
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
        data.total_demand,
        work.cover_unit[0],
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
    """Fill ``rise_in`` and ``rise_out`` for the pairs of one site.

    Equation (31) of docs/algorithm.md.
    """
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
    """Fill the child bounds and each customer's smallest; return the largest of the latter.

    Equation (34) of docs/algorithm.md.
    """
    sites, customers = data.cost.shape
    for k in range(customers):
        penalties.out_sum[k] = 0.0
        penalties.min_child_bound[k] = INF
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
            penalties.min_child_bound[k] = min(
                penalties.min_child_bound[k], penalties.child_bound[p]
            )
    bound = -INF
    for k in range(customers):
        if node.unassigned[k] == 1:
            bound = max(bound, penalties.min_child_bound[k])
    return bound


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
    """Fix sites and pairs whose bounds reach the cutoff; return the number of variables fixed.

    Equation (36) of docs/algorithm.md.
    """
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
