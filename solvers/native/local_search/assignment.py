"""Assignments: what one costs, the best one so far, and a walk that may overload sites."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.model.compilation import compiled
from solvers.native.model.problem_data import Flags, ProblemData
from solvers.problem import Floats, Integers

COST, OVERLOAD, STREAK_LENGTH, WEIGHT = range(4)
"""Numbers of `LocalSearchState.scalars`: cost without overload, overload in tonnes, streak, price of a tonne."""


class LocalSearchState(NamedTuple):
    """Where a search stands.

    Attributes
    ----------
    assignment : ndarray of int, shape (K,)
        Site of each customer.
    load, n_customers : ndarray of int, shape (J,)
        Tonnes and customers of each site.
    tabu_until : ndarray of int, shape (J, K)
        Step up to which a customer must not return to a site.
    start, site : ndarray of int, shapes (K + 1,) and (J K,)
        Sites allowed to customer k stand at start[k] .. start[k + 1] - 1 of ``site``.
    scalars : ndarray, shape (4,)
        COST, OVER, TURN and BETA.
    """

    assignment: Integers
    load: Integers
    n_customers: Integers
    tabu_until: Integers
    start: Integers
    site: Integers
    scalars: Floats


@compiled
def overload(load: int, capacity: int) -> int:
    """Tonnes of a load above a capacity."""
    return load - capacity if load > capacity else 0


@compiled
def make_local_search_state(
    data: ProblemData, allowed: Flags, assignment: Integers, penalty_weight: float
) -> LocalSearchState:
    """Set up loads, cost and overload of an assignment."""
    sites, customers = data.cost.shape
    local = LocalSearchState(
        assignment.copy(),
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
        local.start[k] = n
        for j in range(sites):
            if allowed[j, k] == 1:
                local.site[n] = j
                n += 1
        j = assignment[k]
        local.load[j] += data.demand[k]
        local.n_customers[j] += 1
        cost += data.cost[j, k]
    local.start[customers] = n
    over = 0
    for j in range(sites):
        over += overload(local.load[j], data.capacity[j])
        if local.n_customers[j] > 0:
            cost += data.fixed[j]
    local.scalars[COST] = cost
    local.scalars[OVERLOAD] = over
    local.scalars[WEIGHT] = penalty_weight
    return local


@compiled
def apply_move(
    data: ProblemData,
    local: LocalSearchState,
    customer: int,
    to: int,
    partner: int,
    tabu_until: int,
) -> None:
    """Shift a customer, or swap it with a partner, and keep the books.

    Neither may come back before step ``tabu_until``; partner -1 stands for none.
    """
    w, d, s, load = data.cost, data.demand, data.capacity, local.load
    a = local.assignment[customer]
    local.tabu_until[a, customer] = tabu_until
    over = -overload(load[a], s[a]) - overload(load[to], s[to])
    cost = w[to, customer] - w[a, customer]
    load[a] -= d[customer]
    load[to] += d[customer]
    if partner >= 0:
        local.tabu_until[to, partner] = tabu_until
        load[a] += d[partner]
        load[to] -= d[partner]
        cost += w[a, partner] - w[to, partner]
        local.assignment[partner] = a
    else:
        local.n_customers[a] -= 1
        local.n_customers[to] += 1
        if local.n_customers[a] == 0:
            cost -= data.fixed[a]
        if local.n_customers[to] == 1:
            cost += data.fixed[to]
    local.assignment[customer] = to
    local.scalars[COST] += cost
    local.scalars[OVERLOAD] += over + overload(load[a], s[a]) + overload(load[to], s[to])
