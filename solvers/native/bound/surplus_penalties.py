"""Exact penalties of the surplus-capacity bound: L' with each single decision forced.

All sites share one surplus, so penalties of different sites do not add up as in
`solvers.native.bound.penalties`. To serve k from j forces k into site j and out of every other
site. Each of these decisions alone gives a lower bound, and the largest of them is used:

    child(j, k) = max { L'(k in j), L'(k out of j') over sites j' != j }.
"""

from __future__ import annotations

from solvers.native.bound.knapsack import fill_backward, optimum_without
from solvers.native.bound.penalty_table import PenaltyTable
from solvers.native.bound.surplus_capacity import (
    all_items,
    surplus_capacity_bound,
)
from solvers.native.bound.surplus_distribution import (
    convolve_backward,
    distribute_over_others,
    guess_loss,
)
from solvers.native.model.arrays import fill_vector
from solvers.native.model.compilation import compiled
from solvers.native.model.node import NodeProblem
from solvers.native.model.problem_data import CLOSED, FREE, INF, ProblemData
from solvers.native.model.workspace import MARGIN, MULTIPLIERS, SITES, Workspace
from solvers.problem import Floats


@compiled
def compute_surplus_penalties(
    data: ProblemData,
    node: NodeProblem,
    work: Workspace,
    multiplier: Floats,
    penalties: PenaltyTable,
    cutoff: float,
) -> float:
    """Do as `solvers.native.bound.penalties.compute_penalties`, with the surplus-capacity bound."""
    bound = surplus_capacity_bound(data, node, work, multiplier, cutoff)
    if bound == INF:
        return INF
    sites = data.capacity.shape[0]
    convolve_backward(node, work)
    for j in range(sites):
        work.if_open[j] = INF
        work.if_closed[j] = bound
        if node.state[j] != CLOSED:
            _site_penalties(data, node, work, multiplier, penalties, j)
    guess_loss(work, -work.parts[SITES])
    # At and above the cutoff the child bounds may be too high.
    return max(bound, min(_child_bounds(data, node, penalties), cutoff))


@compiled
def _site_penalties(
    data: ProblemData,
    node: NodeProblem,
    work: Workspace,
    multiplier: Floats,
    penalties: PenaltyTable,
    j: int,
) -> None:
    """Compute L' for each decision on one site: forced bounds, ``rise_in`` and ``rise_out``.

    Equation (37) of docs/algorithm.md.

    The last row of the backward table holds the greatest profit of all other sites with the part of
    the surplus that this site does not take, so that one pass gives an optimum over all sites.
    """
    residual, surplus = node.residual[j], node.surplus[0]
    level = work.parts[MULTIPLIERS] - work.parts[MARGIN]
    distribute_over_others(node, work, j)
    n = all_items(data, node, work, multiplier, j)
    table, backward = work.site_tables[j], work.backward
    fill_vector(backward[n, : residual + 1], -INF)
    for q in range(min(surplus, residual) + 1):
        backward[n, q] = work.other_sites_profit[surplus - q] - node.base_cost[j]
    fill_backward(work.profit, work.weight, n, residual, backward)
    closed = (
        work.other_sites_profit[surplus - residual]
        if node.state[j] == FREE and residual <= surplus
        else -INF
    )
    work.if_open[j] = level - backward[0, residual]
    work.if_closed[j] = level - closed
    for i in range(n):
        p = node.start[j] + i
        inside = work.profit[i] + optimum_without(table, backward, i, residual - work.weight[i])
        outside = max(optimum_without(table, backward, i, residual), closed)
        penalties.rise_in[p] = level - inside
        penalties.rise_out[p] = level - outside


@compiled
def _child_bounds(data: ProblemData, node: NodeProblem, penalties: PenaltyTable) -> float:
    """Fill the child bounds and each customer's smallest; return the largest of the latter.

    Equation (38) of docs/algorithm.md.
    """
    largest_out, second_out, argmax_out = (
        penalties.largest_out,
        penalties.second_out,
        penalties.argmax_out,
    )
    fill_vector(largest_out, -INF)
    fill_vector(second_out, -INF)
    fill_vector(penalties.min_child_bound, INF)
    for j in range(data.capacity.shape[0]):
        for p in range(node.start[j], node.start[j + 1]):
            k = node.item[p]
            if penalties.rise_out[p] > largest_out[k]:
                second_out[k] = largest_out[k]
                largest_out[k] = penalties.rise_out[p]
                argmax_out[k] = j
            elif penalties.rise_out[p] > second_out[k]:
                second_out[k] = penalties.rise_out[p]
    for j in range(data.capacity.shape[0]):
        for p in range(node.start[j], node.start[j + 1]):
            k = node.item[p]
            others = second_out[k] if argmax_out[k] == j else largest_out[k]
            penalties.child_bound[p] = max(penalties.rise_in[p], others)
            penalties.min_child_bound[k] = min(
                penalties.min_child_bound[k], penalties.child_bound[p]
            )
    bound = -INF
    for k in range(data.demand.shape[0]):
        if node.unassigned[k] == 1:
            bound = max(bound, penalties.min_child_bound[k])
    return bound
