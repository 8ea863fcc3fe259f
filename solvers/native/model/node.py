"""The problem as arrays, and what is left of it at a node of the tree.

Indices run site first here: rows of sites are what the loops walk along.
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
    """What is still open at a node.

    Attributes
    ----------
    state : ndarray of int8, shape (J,)
        OPEN, CLOSED or FREE.
    residual : ndarray of int, shape (J,)
        Capacity that assigned customers leave, tonnes.
    base_cost : ndarray, shape (J,)
        Fixed cost, and cost of the customers assigned.
    start : ndarray of int, shape (J + 1,)
        Site j's pairs stand at start[j] .. start[j + 1] - 1 of `item`.
    item : ndarray of int, shape (J K,)
        Customers that are free and allowed at a site, ascending.
    unassigned : ndarray of uint8, shape (K,)
        Which customers are not assigned yet.
    site_of : ndarray of int, shape (K,)
        Site of an assigned customer, else NOBODY.
    n_sites_left : ndarray of int, shape (K,)
        Number of sites that are allowed to a customer.
    surplus : ndarray of int, shape (1,)
        T, what the capacity of the sites that are not closed exceeds the demand by, tonnes.
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
    """Allocate a view, to be filled by `propagate`."""
    sites, customers = data.cost.shape
    return NodeProblem(
        state=np.full(sites, FREE, np.int8),
        residual=data.capacity.copy(),
        base_cost=data.fixed.copy(),
        start=np.zeros(sites + 1, np.int64),
        item=np.zeros(sites * customers, np.int64),
        unassigned=np.ones(customers, np.uint8),
        site_of=np.full(customers, UNASSIGNED, np.int64),
        n_sites_left=np.zeros(customers, np.int64),
        surplus=np.zeros(1, np.int64),
    )


@compiled
def propagate(data: ProblemData, allowed: Flags, state: States, node: NodeProblem) -> bool:
    """Fill a view from the pairs and states that are left, and draw the consequences.

    A customer with one site left is assigned: the site opens and loses the tonnes, and customers
    that no longer fit are forbidden there; and so on, until nothing changes.

    Parameters
    ----------
    data : Data
        The problem.
    allowed : ndarray of uint8, shape (J, K)
        Pairs that are left; tightened.
    state : ndarray of int8, shape (J,)
        States of the sites; tightened.
    node : View
        What is filled.

    Returns
    -------
    bool
        False if no solution is left.
    """
    sites, customers = data.cost.shape
    for j in range(sites):
        node.residual[j] = data.capacity[j]
        node.base_cost[j] = data.fixed[j]
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
    node.surplus[0] = capacity_left - data.total
    return capacity_left >= data.total


@compiled
def _assign_forced(data: ProblemData, allowed: Flags, state: States, node: NodeProblem) -> int:
    """Assign the customers with one site left; return their number, -1 if one has nowhere to go."""
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
