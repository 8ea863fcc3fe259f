"""The problem as arrays, and what is left of it at a node of the tree.

Indices run site first here: rows of sites are what the loops walk along.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solvers.native.jit import compiled
from solvers.problem import Floats, Integers

INF = np.inf
OPEN, CLOSED, FREE = 1, 0, -1
"""States of a site."""
NOBODY = -1

Flags = NDArray[np.uint8]
States = NDArray[np.int8]


class Data(NamedTuple):
    """A single-source capacitated facility location problem.

    Attributes
    ----------
    cost : ndarray, shape (J, K)
        w_jk >= 0, cost of serving customer k whole from site j.
    capacity : ndarray of int, shape (J,)
        s_j, tonnes, at most the total demand.
    demand : ndarray of int, shape (K,)
        d_k >= 1, tonnes.
    fixed : ndarray, shape (J,)
        f_j >= 0.
    total : int
        D, sum of the demands.
    """

    cost: Floats
    capacity: Integers
    demand: Integers
    fixed: Floats
    total: int


class View(NamedTuple):
    """What is still open at a node.

    Attributes
    ----------
    state : ndarray of int8, shape (J,)
        OPEN, CLOSED or FREE.
    room : ndarray of int, shape (J,)
        Capacity that assigned customers leave, tonnes.
    base : ndarray, shape (J,)
        Fixed cost, and cost of the customers assigned.
    start : ndarray of int, shape (J + 1,)
        Site j's pairs stand at start[j] .. start[j + 1] - 1 of `item`.
    item : ndarray of int, shape (J K,)
        Customers that are free and allowed at a site, ascending.
    free : ndarray of uint8, shape (K,)
        Which customers are not assigned yet.
    owner : ndarray of int, shape (K,)
        Site of an assigned customer, else NOBODY.
    left : ndarray of int, shape (K,)
        Number of sites that are allowed to a customer.
    waste : ndarray of int, shape (1,)
        T, what the capacity of the sites that are not closed exceeds the demand by, tonnes.
    """

    state: States
    room: Integers
    base: Floats
    start: Integers
    item: Integers
    free: Flags
    owner: Integers
    left: Integers
    waste: Integers


def make_view(data: Data) -> View:
    """Allocate a view, to be filled by `compress`."""
    sites, customers = data.cost.shape
    return View(
        state=np.full(sites, FREE, np.int8),
        room=data.capacity.copy(),
        base=data.fixed.copy(),
        start=np.zeros(sites + 1, np.int64),
        item=np.zeros(sites * customers, np.int64),
        free=np.ones(customers, np.uint8),
        owner=np.full(customers, NOBODY, np.int64),
        left=np.zeros(customers, np.int64),
        waste=np.zeros(1, np.int64),
    )


@compiled
def compress(data: Data, allowed: Flags, state: States, view: View) -> bool:
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
    view : View
        What is filled.

    Returns
    -------
    bool
        False if no solution is left.
    """
    sites, customers = data.cost.shape
    for j in range(sites):
        view.room[j] = data.capacity[j]
        view.base[j] = data.fixed[j]
    for k in range(customers):
        view.owner[k] = NOBODY
        view.free[k] = 1
        view.left[k] = 0
        for j in range(sites):
            if state[j] == CLOSED:
                allowed[j, k] = 0
            view.left[k] += allowed[j, k]
    while True:
        changed = _assign_forced(data, allowed, state, view)
        if changed < 0:
            return False
        if changed == 0:
            break
        for j in range(sites):
            for k in range(customers):
                if allowed[j, k] == 1 and view.free[k] == 1 and data.demand[k] > view.room[j]:
                    allowed[j, k] = 0
                    view.left[k] -= 1
    n = 0
    reach = 0
    for j in range(sites):
        view.state[j] = state[j]
        view.start[j] = n
        if state[j] == CLOSED:
            continue
        reach += data.capacity[j]
        for k in range(customers):
            if allowed[j, k] == 1 and view.free[k] == 1:
                view.item[n] = k
                n += 1
    view.start[sites] = n
    view.waste[0] = reach - data.total
    return reach >= data.total


@compiled
def _assign_forced(data: Data, allowed: Flags, state: States, view: View) -> int:
    """Assign the customers with one site left; return their number, -1 if one has nowhere to go."""
    assigned = 0
    for k in range(data.demand.shape[0]):
        if view.left[k] == 0:
            return -1
        if view.left[k] > 1 or view.owner[k] != NOBODY:
            continue
        j = 0
        while allowed[j, k] == 0:
            j += 1
        view.owner[k] = j
        view.free[k] = 0
        view.room[j] -= data.demand[k]
        view.base[j] += data.cost[j, k]
        state[j] = OPEN
        assigned += 1
        if view.room[j] < 0:
            return -1
    return assigned
