"""From the Lagrangian solution to an assignment: the start of the tabu search."""

from __future__ import annotations

import numpy as np

from solvers.native.model.compilation import compiled
from solvers.native.model.node import NodeProblem
from solvers.native.model.problem_data import INF, UNASSIGNED, ProblemData
from solvers.native.model.workspace import Workspace
from solvers.problem import Floats, Integers


@compiled
def repair(
    data: ProblemData, node: NodeProblem, work: Workspace, multiplier: Floats, assignment: Integers
) -> None:
    """Make an assignment, perhaps overloaded, close to the solution in ``work``.

    Customers who are served keep the cheapest of the sites that serve them; the others go, largest
    first, to the open site of least cost plus price of overload.

    Parameters
    ----------
    data, node, work : Data, View, Work
        The problem, the node, and the solution that `lower_bound` left.
    multiplier : ndarray, shape (K,)
        lambda; lambda_k / d_k is the price of a tonne of overload.
    assignment : ndarray of int, shape (K,)
        Out: each customer's site.
    """
    sites = data.capacity.shape[0]
    residual = node.residual.copy()
    assignment[:] = node.site_of
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
    for k in np.argsort(-data.demand):
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
