"""Lagrangian relaxation of the assignment constraints: the basic lower bound.

With a multiplier lambda_k for every customer,

    L(lambda) = sum_k lambda_k + min { sum_j u_j y_j : sum_j s_j y_j >= D },
    u_j = f_j - max { sum_k (lambda_k - w_jk) z_k : sum_k d_k z_k <= s_j },

is a lower bound for any multipliers. Both parts are solved as integer programs, so the best L is
at least as high as the bound of the linear relaxation, and mostly higher. Holmberg, Ronnqvist and
Yuan (1999), European Journal of Operational Research 113.

Rounding. Every number of a bound is a sum of fewer than J + K doubles, each of whose partial sums
stays below M = sum_k |lambda_k| + sum_j (base cost of j + optimum of its knapsack), where the base
cost of a site is f_j plus the cost of the customers assigned to it. The error of such a sum is at
most (J + K) M 2^-53. A bound, or a bound plus penalties, consists of at most eight such sums.
`lagrangian_bound` therefore subtracts 8 (J + K) M 2^-53 from its bound (for J + K = 80 about 1e-13
of the bound), and `compute_penalties` subtracts it from its sums. Section 11 of docs/algorithm.md
also deals with the one number that may exceed M.
"""

from __future__ import annotations

from solvers.native.bound.knapsack_core import optimum
from solvers.native.bound.min_knapsack import min_knapsack
from solvers.native.model.compilation import compiled
from solvers.native.model.node import NodeProblem
from solvers.native.model.problem_data import CLOSED, INF, ProblemData
from solvers.native.model.workspace import MARGIN, MULTIPLIERS, ROUNDING, SITES, Workspace
from solvers.problem import Floats


@compiled
def profitable_items(
    data: ProblemData, node: NodeProblem, work: Workspace, multiplier: Floats, j: int
) -> tuple[int, int]:
    """Collect the customers of positive profit at site j; return their number and their tonnes."""
    n = 0
    load = 0
    for p in range(node.start[j], node.start[j + 1]):
        k = node.item[p]
        gain = multiplier[k] - data.cost[j, k]
        if gain > 0.0:
            work.profit[n] = gain
            work.weight[n] = data.demand[k]
            work.pair[n] = p
            load += data.demand[k]
            n += 1
    return n, load


@compiled
def lagrangian_bound(
    data: ProblemData, node: NodeProblem, work: Workspace, multiplier: Floats
) -> float:
    """Compute L at a node.

    Equations (17) and (52) of docs/algorithm.md.

    Parameters
    ----------
    data, node : ProblemData, NodeProblem
        The problem, and what remains of it at the node.
    work : Workspace
        On return it holds u, y, z, the counts ``times_served`` and the parts of the bound.
    multiplier : ndarray, shape (K,)
        lambda.

    Returns
    -------
    float
        The bound, less the margin for rounding; inf if the sites that are not closed have less
        capacity than the total demand.
    """
    sites, customers = data.cost.shape
    total = 0.0
    size = 0.0
    for k in range(customers):
        work.times_served[k] = 0
        if node.unassigned[k] == 1:
            total += multiplier[k]
            size += abs(multiplier[k])
    for j in range(sites):
        if node.state[j] == CLOSED:
            continue
        best = _solve_knapsack(data, node, work, multiplier, j)
        work.reduced_cost[j] = node.base_cost[j] - best
        size += node.base_cost[j] + best
    minimum = min_knapsack(
        work.reduced_cost,
        data.capacity,
        node.state,
        data.total_demand,
        work.cover_unit[0],
        work.is_open,
        work.cover_forward,
    )
    work.parts[SITES] = minimum
    work.parts[MULTIPLIERS] = total
    work.parts[MARGIN] = ROUNDING * (sites + customers) * size
    if minimum == INF:
        return INF
    for j in range(sites):
        if work.is_open[j] == 1:
            for p in range(node.start[j], node.start[j + 1]):
                work.times_served[node.item[p]] += work.serves[p]
    return total + minimum - float(work.parts[MARGIN])


@compiled
def _solve_knapsack(
    data: ProblemData, node: NodeProblem, work: Workspace, multiplier: Floats, j: int
) -> float:
    """Solve the knapsack of site j; return its optimum and write z_j to ``work.serves``.

    Equation (16) of docs/algorithm.md.
    """
    for p in range(node.start[j], node.start[j + 1]):
        work.serves[p] = 0
    n, load = profitable_items(data, node, work, multiplier, j)
    best = 0.0
    if load <= node.residual[j]:
        for i in range(n):
            best += work.profit[i]
            work.serves[work.pair[i]] = 1
        return best
    best = optimum(work.profit, work.weight, n, node.residual[j], work.core, work.table, work.take)
    for i in range(n):
        work.serves[work.pair[i]] = work.take[i]
    return best
