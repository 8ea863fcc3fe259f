"""Lagrangian relaxation of the assignment constraints: the bound behind everything else.

With a price lambda_k for every customer,

    L(lambda) = sum_k lambda_k + min { sum_j u_j y_j : sum_j s_j y_j >= D },
    u_j = f_j - max { sum_k (lambda_k - w_jk) z_k : sum_k d_k z_k <= s_j },

is a lower bound whatever the prices are. Both parts are solved as integer programmes, so the best L
is stronger than the linear relaxation. Holmberg, Ronnqvist and Yuan (1999), European Journal of
Operational Research 113.

Rounding. Every number of a bound is a sum of fewer than J + K doubles, each of whose partial sums
stays below M = sum_k |lambda_k| + sum_j (f_j + what j serves + its best knapsack); such a sum is
off by at most (J + K) M 2^-53. A bound, or a bound plus penalties, is made of no more than eight
of them. `lagrangian_bound` therefore takes 8 (J + K) M 2^-53 off each bound that it gives (for 80
nodes some 1e-13 of it), and `penalties` takes it off what it adds up; nothing else needs a
tolerance.
"""

from __future__ import annotations

from solvers.native.bound.knapsack import backtrack, fill, init_at_most
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
    """Collect the customers who would pay for site j; return their number and their tonnes."""
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

    Parameters
    ----------
    data, node : Data, View
        The problem, and what is left of it.
    work : Work
        On return it holds u, y, z, the service counts and the parts of the bound.
    multiplier : ndarray, shape (K,)
        lambda.

    Returns
    -------
    float
        The bound, less the margin for rounding; inf if the capacity left is below the demand.
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
    least = min_knapsack(
        work.reduced_cost,
        data.capacity,
        node.state,
        data.total,
        work.is_open,
        work.cover_cost,
        work.cover_pick,
    )
    work.parts[SITES] = least
    work.parts[MULTIPLIERS] = total
    work.parts[MARGIN] = ROUNDING * (sites + customers) * size
    if least == INF:
        return INF
    for j in range(sites):
        if work.is_open[j] == 1:
            for p in range(node.start[j], node.start[j + 1]):
                work.times_served[node.item[p]] += work.serves[p]
    return total + least - float(work.parts[MARGIN])


@compiled
def _solve_knapsack(
    data: ProblemData, node: NodeProblem, work: Workspace, multiplier: Floats, j: int
) -> float:
    """Solve site j's knapsack; return its profit and leave its customers in ``work.serves``."""
    for p in range(node.start[j], node.start[j + 1]):
        work.serves[p] = 0
    n, load = profitable_items(data, node, work, multiplier, j)
    best = 0.0
    if load <= node.residual[j]:
        for i in range(n):
            best += work.profit[i]
            work.serves[work.pair[i]] = 1
        return best
    init_at_most(work.table[0], node.residual[j])
    best = fill(work.profit, work.weight, n, node.residual[j], work.table)
    backtrack(work.weight, n, node.residual[j], work.table, work.take)
    for i in range(n):
        work.serves[work.pair[i]] = work.take[i]
    return best
