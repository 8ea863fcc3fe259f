"""The surplus-capacity bound: every tonne of capacity is either used or part of the surplus.

The assignment constraints imply that all sites together serve exactly D tonnes, so that their
unused capacity, that of closed sites included, is a known number T. Lagrangian relaxation loses
this equation. The loss is largest if the sites are fixed and T is small: then the optima of the
knapsacks do not add up to D tonnes. With the equation kept in the subproblem, the bound is

    L'(lambda) = sum_k lambda_k - max { sum_j h_j(q_j) : sum_j q_j = T },
    T = sum_j s_j - D over all sites that are not fixed closed,

where h_j(q) is the profit of site j, less its base cost, if exactly q tonnes stay unused: the
optimum of its knapsack filled with exactly s_j - q tonnes, or 0 at q = s_j if the site is closed.
L' is at least L with the same multipliers, because it only adds a constraint that every solution
satisfies. The distribution of the surplus is a dynamic program over sites and tonnes (a max-plus
convolution per site). It is too slow if most sites stay closed, because T is then large.

Rounding is as in `solvers.native.bound.lagrangian`, with M = sum_k |lambda_k| + sum_j (base cost of
j + sum of |profit| of its pairs): a knapsack that is filled exactly may hold items of negative
profit.
"""

from __future__ import annotations

from solvers.native.bound.knapsack import backtrack, fill, init_exactly
from solvers.native.bound.surplus_distribution import distribute_surplus
from solvers.native.model.compilation import compiled
from solvers.native.model.node import NodeProblem
from solvers.native.model.problem_data import CLOSED, FREE, INF, ProblemData
from solvers.native.model.workspace import MARGIN, MULTIPLIERS, ROUNDING, SITES, Workspace
from solvers.problem import Floats


@compiled
def surplus_is_small(node: NodeProblem, work: Workspace) -> bool:
    """Return whether the surplus T of the node is small enough for the surplus-capacity bound."""
    return bool(work.use_surplus[0] == 1 and node.surplus[0] < work.other_sites_profit.shape[0])


@compiled
def all_items(
    data: ProblemData, node: NodeProblem, work: Workspace, multiplier: Floats, j: int
) -> int:
    """Collect all remaining customers of site j, of any profit; return their number."""
    n = 0
    for p in range(node.start[j], node.start[j + 1]):
        k = node.item[p]
        work.profit[n] = multiplier[k] - data.cost[j, k]
        work.weight[n] = data.demand[k]
        work.pair[n] = p
        n += 1
    return n


@compiled
def surplus_capacity_bound(
    data: ProblemData, node: NodeProblem, work: Workspace, multiplier: Floats, cutoff: float
) -> float:
    """Compute L' at a node.

    Equations (27) and (53) of docs/algorithm.md.

    Parameters and results are those of `solvers.native.bound.lagrangian.lagrangian_bound`. In
    addition, ``work.site_tables`` holds the knapsack tables of the sites, ``work.site_profit``
    holds h, and ``work.prefix`` the greatest total profits of the first sites.
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
        work.is_open[j] = 0
        if node.state[j] != CLOSED:
            size += _site_profits(data, node, work, multiplier, j)
    work.parts[MULTIPLIERS] = total
    work.parts[MARGIN] = ROUNDING * (sites + customers) * size
    best = distribute_surplus(node, work, cutoff)
    if best == -INF:
        return INF
    _recover_solution(data, node, work, multiplier)
    work.parts[SITES] = -best
    return float(total - best - work.parts[MARGIN])


@compiled
def _site_profits(
    data: ProblemData, node: NodeProblem, work: Workspace, multiplier: Floats, j: int
) -> float:
    """Fill h_j; return the part of the site in M (see Rounding).

    Equation (26) of docs/algorithm.md.
    """
    residual = node.residual[j]
    n = all_items(data, node, work, multiplier, j)
    size = node.base_cost[j]
    for i in range(n):
        size += abs(work.profit[i])
    table = work.site_tables[j]
    init_exactly(table[0], residual)
    fill(work.profit, work.weight, n, residual, table)
    for q in range(min(node.surplus[0], residual) + 1):
        work.site_profit[j, q] = table[n, residual - q] - node.base_cost[j]
    if node.state[j] == FREE and residual <= node.surplus[0]:
        work.site_profit[j, residual] = 0.0
    return float(size)


@compiled
def _recover_solution(
    data: ProblemData, node: NodeProblem, work: Workspace, multiplier: Floats
) -> None:
    """Write the solution to ``is_open``, ``serves`` and ``times_served``."""
    left = node.surplus[0]
    for j in range(data.capacity.shape[0] - 1, -1, -1):
        for p in range(node.start[j], node.start[j + 1]):
            work.serves[p] = 0
        if node.state[j] == CLOSED:
            continue
        residual = node.residual[j]
        best_profit = -INF
        unused = 0
        for q in range(min(left, residual) + 1):
            profit = work.prefix[j, left - q] + work.site_profit[j, q]
            if profit > best_profit:
                best_profit = profit
                unused = q
        left -= unused
        n = node.start[j + 1] - node.start[j]
        if node.state[j] == FREE and unused == residual:
            continue
        work.is_open[j] = 1
        for i in range(n):
            work.weight[i] = data.demand[node.item[node.start[j] + i]]
        backtrack(work.weight, n, residual - unused, work.site_tables[j], work.take)
        for i in range(n):
            p = node.start[j] + i
            work.serves[p] = work.take[i]
            work.times_served[node.item[p]] += work.take[i]
