"""Repair heuristic: an assignment from the Lagrangian solution, as the start of the tabu search."""

from __future__ import annotations

from solvers.native.model.arrays import copy_vector
from solvers.native.model.compilation import compiled
from solvers.native.model.node import NodeProblem
from solvers.native.model.problem_data import INF, UNASSIGNED, ProblemData
from solvers.native.model.workspace import Workspace
from solvers.problem import Floats, Integers


@compiled
def repair(
    data: ProblemData, node: NodeProblem, work: Workspace, multiplier: Floats, assignment: Integers
) -> None:
    """Make an assignment, possibly with overload, close to the Lagrangian solution in ``work``.

    Equation (43) of docs/algorithm.md.

    A customer that sites serve is assigned to the cheapest of them. The others are assigned in
    descending order of demand, each to the open site of least cost plus penalty of overload.

    Parameters
    ----------
    data, node, work : ProblemData, NodeProblem, Workspace
        The problem, the node, and the solution of the last evaluation of the bound.
    multiplier : ndarray, shape (K,)
        lambda; lambda_k / d_k is the penalty weight, cost per tonne of overload, for customer k.
    assignment : ndarray of int, shape (K,)
        Out: each customer's site.
    """
    sites = data.capacity.shape[0]
    residual = work.unused
    copy_vector(node.residual, residual)
    copy_vector(node.site_of, assignment)
    for j in range(sites):
        if work.is_open[j] == 0:
            continue
        for p in range(node.start[j], node.start[j + 1]):
            k = node.item[p]
            better = assignment[k] == UNASSIGNED or data.cost[j, k] < data.cost[assignment[k], k]
            if work.serves[p] == 1 and better:
                assignment[k] = j
    for k in range(assignment.shape[0]):
        if assignment[k] != UNASSIGNED and node.site_of[k] == UNASSIGNED:
            residual[assignment[k]] -= data.demand[k]
    for i in range(data.by_demand.shape[0]):
        k = data.by_demand[i]
        if assignment[k] != UNASSIGNED:
            continue
        top = INF
        for j in range(sites):
            if work.is_open[j] == 0:
                continue
            cost = data.cost[j, k]
            if residual[j] < data.demand[k]:
                cost += (data.demand[k] - max(residual[j], 0)) * multiplier[k] / data.demand[k]
            if cost < top:
                top = cost
                assignment[k] = j
        residual[assignment[k]] -= data.demand[k]
