"""From the Lagrangian solution to an assignment: the start of the tabu search."""

from __future__ import annotations

import numpy as np

from solvers.native.jit import compiled
from solvers.native.node import INF, NOBODY, Data, View
from solvers.native.work import Work
from solvers.problem import Floats, Integers


@compiled
def repair(data: Data, view: View, work: Work, price: Floats, assign: Integers) -> None:
    """Make an assignment, perhaps overloaded, close to the solution in ``work``.

    Customers who are served keep the cheapest of the sites that serve them; the others go, largest
    first, to the open site of least cost plus price of overload.

    Parameters
    ----------
    data, view, work : Data, View, Work
        The problem, the node, and the solution that `evaluate` left.
    price : ndarray, shape (K,)
        lambda; lambda_k / d_k is the price of a tonne of overload.
    assign : ndarray of int, shape (K,)
        Out: each customer's site.
    """
    sites = data.capacity.shape[0]
    room = view.room.copy()
    assign[:] = view.owner
    for j in range(sites):
        if work.choice[j] == 0:
            continue
        for p in range(view.start[j], view.start[j + 1]):
            k = view.item[p]
            better = assign[k] == NOBODY or data.cost[j, k] < data.cost[assign[k], k]
            if work.serves[p] == 1 and better:
                assign[k] = j
    for k in range(assign.shape[0]):
        if assign[k] != NOBODY and view.owner[k] == NOBODY:
            room[assign[k]] -= data.demand[k]
    for k in np.argsort(-data.demand):
        if assign[k] != NOBODY:
            continue
        top = INF
        for j in range(sites):
            if work.choice[j] == 0:
                continue
            cost = data.cost[j, k]
            if room[j] < data.demand[k]:
                cost += (data.demand[k] - max(room[j], 0)) * price[k] / data.demand[k]
            if cost < top:
                top = cost
                assign[k] = j
        room[assign[k]] -= data.demand[k]
