"""Assignments: what one costs, the best one so far, and a walk that may overload sites."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.jit import compiled
from solvers.native.node import INF, Data, Flags
from solvers.problem import Floats, Integers

VALUE, PRICE = range(2)
"""Numbers of `Incumbent.number`: its cost, and the price of overload near it."""

COST, OVER, TURN, BETA = range(4)
"""Numbers of `Walk.number`: cost without overload, overload in tonnes, streak, price of a tonne."""


class Incumbent(NamedTuple):
    """The best feasible assignment so far.

    Attributes
    ----------
    assign : ndarray of int, shape (K,)
        Site of each customer.
    number : ndarray, shape (2,)
        VALUE, inf for none yet, and PRICE, what a tonne of overload costs when a search begins.
    """

    assign: Integers
    number: Floats


class Walk(NamedTuple):
    """Where a search stands.

    Attributes
    ----------
    assign : ndarray of int, shape (K,)
        Site of each customer.
    load, number_of : ndarray of int, shape (J,)
        Tonnes and customers of each site.
    until : ndarray of int, shape (J, K)
        Step up to which a customer must not return to a site.
    start, site : ndarray of int, shapes (K + 1,) and (J K,)
        Sites allowed to customer k stand at start[k] .. start[k + 1] - 1 of ``site``.
    number : ndarray, shape (4,)
        COST, OVER, TURN and BETA.
    """

    assign: Integers
    load: Integers
    number_of: Integers
    until: Integers
    start: Integers
    site: Integers
    number: Floats


@compiled
def price_of(data: Data, assign: Integers) -> float:
    """Sum up the cost of an assignment, shape (K,); inf if a capacity is exceeded."""
    load = np.zeros(data.capacity.shape[0], np.int64)
    total = 0.0
    for k in range(assign.shape[0]):
        load[assign[k]] += data.demand[k]
        total += data.cost[assign[k], k]
    for j in range(load.shape[0]):
        if load[j] > data.capacity[j]:
            return INF
        if load[j] > 0:
            total += data.fixed[j]
    return total


@compiled
def offer(data: Data, assign: Integers, incumbent: Incumbent) -> None:
    """Take an assignment as incumbent if it is feasible and cheaper."""
    value = price_of(data, assign)
    if value < incumbent.number[VALUE]:
        incumbent.number[VALUE] = value
        incumbent.assign[:] = assign


@compiled
def cutoff_of(incumbent: Incumbent, gap: float) -> float:
    """Give the cost below which solutions are still of interest; inf without an incumbent."""
    value = float(incumbent.number[VALUE])
    return value * (1.0 - gap) if value < INF else INF


@compiled
def excess(load: int, capacity: int) -> int:
    """Tonnes of a load above a capacity."""
    return load - capacity if load > capacity else 0


@compiled
def start_walk(data: Data, allowed: Flags, assign: Integers, beta: float) -> Walk:
    """Set up loads, cost and overload of an assignment."""
    sites, customers = data.cost.shape
    walk = Walk(
        assign.copy(),
        np.zeros(sites, np.int64),
        np.zeros(sites, np.int64),
        np.zeros((sites, customers), np.int64),
        np.zeros(customers + 1, np.int64),
        np.zeros(sites * customers, np.int64),
        np.zeros(4),
    )
    n = 0
    cost = 0.0
    for k in range(customers):
        walk.start[k] = n
        for j in range(sites):
            if allowed[j, k] == 1:
                walk.site[n] = j
                n += 1
        j = assign[k]
        walk.load[j] += data.demand[k]
        walk.number_of[j] += 1
        cost += data.cost[j, k]
    walk.start[customers] = n
    over = 0
    for j in range(sites):
        over += excess(walk.load[j], data.capacity[j])
        if walk.number_of[j] > 0:
            cost += data.fixed[j]
    walk.number[COST] = cost
    walk.number[OVER] = over
    walk.number[BETA] = beta
    return walk


@compiled
def move(data: Data, walk: Walk, customer: int, to: int, partner: int, until: int) -> None:
    """Shift a customer, or swap it with a partner, and keep the books.

    Neither may come back before step ``until``; partner -1 stands for none.
    """
    w, d, s, load = data.cost, data.demand, data.capacity, walk.load
    a = walk.assign[customer]
    walk.until[a, customer] = until
    over = -excess(load[a], s[a]) - excess(load[to], s[to])
    cost = w[to, customer] - w[a, customer]
    load[a] -= d[customer]
    load[to] += d[customer]
    if partner >= 0:
        walk.until[to, partner] = until
        load[a] += d[partner]
        load[to] -= d[partner]
        cost += w[a, partner] - w[to, partner]
        walk.assign[partner] = a
    else:
        walk.number_of[a] -= 1
        walk.number_of[to] += 1
        if walk.number_of[a] == 0:
            cost -= data.fixed[a]
        if walk.number_of[to] == 1:
            cost += data.fixed[to]
    walk.assign[customer] = to
    walk.number[COST] += cost
    walk.number[OVER] += over + excess(load[a], s[a]) + excess(load[to], s[to])
