"""What remains of the problem at a node of the tree, and constraint propagation.

The site is the first index, as in `solvers.native.model.problem_data`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.model.compilation import compiled
from solvers.native.model.problem_data import (
    CLOSED,
    FREE,
    OPEN,
    UNASSIGNED,
    Flags,
    ProblemData,
    States,
)
from solvers.problem import Floats, Integers


class NodeProblem(NamedTuple):
    """The remaining problem at a node.

    Attributes
    ----------
    state : ndarray of int8, shape (J,)
        OPEN, CLOSED or FREE.
    residual : ndarray of int, shape (J,)
        Capacity less the demand of the customers assigned to the site, tonnes.
    base_cost : ndarray, shape (J,)
        Fixed cost, plus cost of the customers assigned to the site.
    start : ndarray of int, shape (J + 1,)
        The remaining pairs of site j are entries start[j] .. start[j + 1] - 1 of ``item``.
    item : ndarray of int, shape (J K,)
        Customer of each pair: unassigned and allowed at the site, ascending.
    unassigned : ndarray of uint8, shape (K,)
        1 for the customers that are not assigned yet.
    site_of : ndarray of int, shape (K,)
        Site of an assigned customer, else UNASSIGNED.
    n_sites_left : ndarray of int, shape (K,)
        Number of sites allowed for a customer.
    surplus : ndarray of int, shape (1,)
        T, total capacity of the sites that are not closed, less the total demand, tonnes.
    """

    state: States
    residual: Integers
    base_cost: Floats
    start: Integers
    item: Integers
    unassigned: Flags
    site_of: Integers
    n_sites_left: Integers
    surplus: Integers


def make_node(data: ProblemData) -> NodeProblem:
    """Allocate the problem of a node, to be filled by `propagate`."""
    sites, customers = data.cost.shape
    return NodeProblem(
        state=np.full(sites, FREE, np.int8),
        residual=data.capacity.copy(),
        base_cost=data.fixed_cost.copy(),
        start=np.zeros(sites + 1, np.int64),
        item=np.zeros(sites * customers, np.int64),
        unassigned=np.ones(customers, np.uint8),
        site_of=np.full(customers, UNASSIGNED, np.int64),
        n_sites_left=np.zeros(customers, np.int64),
        surplus=np.zeros(1, np.int64),
    )


@compiled
def propagate(data: ProblemData, allowed: Flags, state: States, node: NodeProblem) -> bool:
    """Propagate the fixed pairs and states, and write the remaining problem to ``node``.

    Equation (25) of docs/algorithm.md.

    A customer with one site left is assigned: the site is fixed open, its residual capacity falls,
    and customers that no longer fit there are forbidden at it. This is repeated until nothing
    changes.

    Parameters
    ----------
    data : ProblemData
        The problem.
    allowed : ndarray of uint8, shape (J, K)
        Pairs that are not fixed at 0; tightened.
    state : ndarray of int8, shape (J,)
        States of the sites; tightened.
    node : NodeProblem
        Out: the remaining problem.

    Returns
    -------
    bool
        False if the node is infeasible.
    """
    sites, customers = data.cost.shape
    for j in range(sites):
        node.residual[j] = data.capacity[j]
        node.base_cost[j] = data.fixed_cost[j]
    for k in range(customers):
        node.site_of[k] = UNASSIGNED
        node.unassigned[k] = 1
        node.n_sites_left[k] = 0
        for j in range(sites):
            if state[j] == CLOSED:
                allowed[j, k] = 0
            node.n_sites_left[k] += allowed[j, k]
    while True:
        changed = _assign_forced(data, allowed, state, node)
        if changed < 0:
            return False
        if changed == 0:
            break
        for j in range(sites):
            for k in range(customers):
                if (
                    allowed[j, k] == 1
                    and node.unassigned[k] == 1
                    and data.demand[k] > node.residual[j]
                ):
                    allowed[j, k] = 0
                    node.n_sites_left[k] -= 1
    n = 0
    capacity_left = 0
    for j in range(sites):
        node.state[j] = state[j]
        node.start[j] = n
        if state[j] == CLOSED:
            continue
        capacity_left += data.capacity[j]
        for k in range(customers):
            if allowed[j, k] == 1 and node.unassigned[k] == 1:
                node.item[n] = k
                n += 1
    node.start[sites] = n
    node.surplus[0] = capacity_left - data.total_demand
    return capacity_left >= data.total_demand


@compiled
def _assign_forced(data: ProblemData, allowed: Flags, state: States, node: NodeProblem) -> int:
    """Assign the customers with one site left; return their number, -1 if that is infeasible."""
    assigned = 0
    for k in range(data.demand.shape[0]):
        if node.n_sites_left[k] == 0:
            return -1
        if node.n_sites_left[k] > 1 or node.site_of[k] != UNASSIGNED:
            continue
        j = 0
        while allowed[j, k] == 0:
            j += 1
        node.site_of[k] = j
        node.unassigned[k] = 0
        node.residual[j] -= data.demand[k]
        node.base_cost[j] += data.cost[j, k]
        state[j] = OPEN
        assigned += 1
        if node.residual[j] < 0:
            return -1
    return assigned
