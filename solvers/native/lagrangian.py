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
of them. `evaluate` therefore takes 8 (J + K) M 2^-53 off each bound that it gives (for 80 nodes
some 1e-13 of it), and `penalties` takes it off what it adds up; nothing else needs a tolerance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.cover import cover
from solvers.native.jit import compiled
from solvers.native.knapsack import backtrack, fill
from solvers.native.node import CLOSED, INF, Data, Flags, View
from solvers.problem import Floats, Integers

ROUNDING = 8 * 2.0**-53
"""Of M (J + K): what a bound may be too high by rounding."""

COVER, PRICES, MARGIN = range(3)
"""Parts of a bound in `Work.part`: the cover, the sum of prices, what is taken off."""


class Work(NamedTuple):
    """Work space of the subproblems, and their solutions.

    Attributes
    ----------
    table, back : ndarray, shape (K + 1, largest capacity + 1)
        Of the knapsacks.
    profit, weight, place, take : ndarray, shape (K,)
        One site's items: gain, tonnes, index of the pair, and whether it is taken.
    value : ndarray, shape (J,)
        u_j.
    choice : ndarray of uint8, shape (J,)
        y_j.
    cost, pick, front, after : ndarray
        Of the cover.
    serves : ndarray of uint8, shape (J K,)
        z of each pair, in the order of `View.item`.
    served : ndarray of int, shape (K,)
        How many open sites serve a customer.
    if_open, if_closed : ndarray, shape (J,)
        Bounds with a site forced open and closed (by `penalties`).
    part : ndarray, shape (3,)
        The bound's parts: COVER, PRICES and MARGIN.
    """

    table: Floats
    back: Floats
    profit: Floats
    weight: Integers
    place: Integers
    take: Flags
    value: Floats
    choice: Flags
    cost: Floats
    pick: Flags
    front: Floats
    after: Floats
    serves: Flags
    served: Integers
    if_open: Floats
    if_closed: Floats
    part: Floats


def make_work(data: Data) -> Work:
    """Allocate the work space of a problem."""
    sites, customers = data.cost.shape
    room = int(data.capacity.max())
    return Work(
        table=np.zeros((customers + 1, room + 1)),
        back=np.zeros((customers + 1, room + 1)),
        profit=np.zeros(customers),
        weight=np.zeros(customers, np.int64),
        place=np.zeros(customers, np.int64),
        take=np.zeros(customers, np.uint8),
        value=np.zeros(sites),
        choice=np.zeros(sites, np.uint8),
        cost=np.zeros(data.total + 1),
        pick=np.zeros((sites, data.total + 1), np.uint8),
        front=np.zeros((sites + 1, data.total + room + 1)),
        after=np.zeros((sites + 1, data.total + 1)),
        serves=np.zeros(sites * customers, np.uint8),
        served=np.zeros(customers, np.int64),
        if_open=np.zeros(sites),
        if_closed=np.zeros(sites),
        part=np.zeros(3),
    )


@compiled
def pack(data: Data, view: View, work: Work, price: Floats, j: int) -> tuple[int, int]:
    """Collect the customers who would pay for site j; return their number and their tonnes."""
    n = 0
    load = 0
    for p in range(view.start[j], view.start[j + 1]):
        k = view.item[p]
        gain = price[k] - data.cost[j, k]
        if gain > 0.0:
            work.profit[n] = gain
            work.weight[n] = data.demand[k]
            work.place[n] = p
            load += data.demand[k]
            n += 1
    return n, load


@compiled
def evaluate(data: Data, view: View, work: Work, price: Floats) -> float:
    """Compute L at a node.

    Parameters
    ----------
    data, view : Data, View
        The problem, and what is left of it.
    work : Work
        On return it holds u, y, z, the service counts and the parts of the bound.
    price : ndarray, shape (K,)
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
        work.served[k] = 0
        if view.free[k] == 1:
            total += price[k]
            size += abs(price[k])
    for j in range(sites):
        if view.state[j] == CLOSED:
            continue
        best = _serve(data, view, work, price, j)
        work.value[j] = view.base[j] - best
        size += view.base[j] + best
    least = cover(
        work.value, data.capacity, view.state, data.total, work.choice, work.cost, work.pick
    )
    work.part[COVER] = least
    work.part[PRICES] = total
    work.part[MARGIN] = ROUNDING * (sites + customers) * size
    if least == INF:
        return INF
    for j in range(sites):
        if work.choice[j] == 1:
            for p in range(view.start[j], view.start[j + 1]):
                work.served[view.item[p]] += work.serves[p]
    return total + least - float(work.part[MARGIN])


@compiled
def _serve(data: Data, view: View, work: Work, price: Floats, j: int) -> float:
    """Solve site j's knapsack; return its profit and leave its customers in ``work.serves``."""
    for p in range(view.start[j], view.start[j + 1]):
        work.serves[p] = 0
    n, load = pack(data, view, work, price, j)
    best = 0.0
    if load <= view.room[j]:
        for i in range(n):
            best += work.profit[i]
            work.serves[work.place[i]] = 1
        return best
    best = fill(work.profit, work.weight, n, view.room[j], work.table)
    backtrack(work.weight, n, view.room[j], work.table, work.take)
    for i in range(n):
        work.serves[work.place[i]] = work.take[i]
    return best
