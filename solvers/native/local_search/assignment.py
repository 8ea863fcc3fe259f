"""The current assignment of a local search, which may overload sites, and its moves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.model.arrays import copy_vector, fill_vector
from solvers.native.model.compilation import compiled
from solvers.native.model.problem_data import Flags, ProblemData
from solvers.problem import Floats, Integers

COST, OVERLOAD, STREAK_LENGTH, WEIGHT = range(4)
"""Indices of `LocalSearchState.scalars`."""


class LocalSearchState(NamedTuple):
    """State of a local search.

    Attributes
    ----------
    assignment : ndarray of int, shape (K,)
        Site of each customer.
    load, n_customers : ndarray of int, shape (J,)
        Tonnes and number of customers of each site.
    tabu_until : ndarray of int, shape (J, K)
        Last step in which a customer must not move to a site.
    start, site : ndarray of int, shapes (K + 1,) and (J K,)
        Sites allowed for customer k are entries start[k] .. start[k + 1] - 1 of ``site``.
    scalars : ndarray, shape (4,)
        COST, without overload; OVERLOAD, total, tonnes; STREAK_LENGTH, successive feasible steps,
        or infeasible ones as a negative number; WEIGHT, the penalty weight, cost per tonne.
    """

    assignment: Integers
    load: Integers
    n_customers: Integers
    tabu_until: Integers
    start: Integers
    site: Integers
    scalars: Floats
    member: Integers
    position: Integers


@compiled
def overload(load: int, capacity: int) -> int:
    """Return the tonnes of a load above a capacity."""
    return load - capacity if load > capacity else 0


def make_local_search_state(data: ProblemData) -> LocalSearchState:
    """Allocate the state of a local search, to be filled by `start_local_search`."""
    sites, customers = data.cost.shape
    return LocalSearchState(
        assignment=np.zeros(customers, np.int64),
        load=np.zeros(sites, np.int64),
        n_customers=np.zeros(sites, np.int64),
        tabu_until=np.zeros((sites, customers), np.int64),
        start=np.zeros(customers + 1, np.int64),
        site=np.zeros(sites * customers, np.int64),
        scalars=np.zeros(4),
        member=np.zeros((sites, customers), np.int64),
        position=np.zeros(customers, np.int64),
    )


@compiled
def start_local_search(
    data: ProblemData,
    allowed: Flags,
    assignment: Integers,
    penalty_weight: float,
    local: LocalSearchState,
) -> None:
    """Begin at an assignment, with no tabu."""
    sites, customers = data.cost.shape
    copy_vector(assignment, local.assignment)
    fill_vector(local.load, 0)
    fill_vector(local.n_customers, 0)
    n = 0
    cost = 0.0
    for k in range(customers):
        local.start[k] = n
        for j in range(sites):
            local.tabu_until[j, k] = 0
            if allowed[j, k] == 1:
                local.site[n] = j
                n += 1
        j = assignment[k]
        local.load[j] += data.demand[k]
        local.member[j, local.n_customers[j]] = k
        local.position[k] = local.n_customers[j]
        local.n_customers[j] += 1
        cost += data.cost[j, k]
    local.start[customers] = n
    over = 0
    for j in range(sites):
        over += overload(local.load[j], data.capacity[j])
        if local.n_customers[j] > 0:
            cost += data.fixed_cost[j]
    local.scalars[COST] = cost
    local.scalars[OVERLOAD] = over
    local.scalars[STREAK_LENGTH] = 0.0
    local.scalars[WEIGHT] = penalty_weight


@compiled
def apply_move(
    data: ProblemData,
    local: LocalSearchState,
    customer: int,
    target: int,
    partner: int,
    tabu_until: int,
) -> None:
    """Shift a customer to a site, or swap it with a partner there, and update the state.

    Neither may return up to step ``tabu_until``; partner -1 means a shift.
    """
    w, d, s, load = data.cost, data.demand, data.capacity, local.load
    origin = local.assignment[customer]
    local.tabu_until[origin, customer] = tabu_until
    over = -overload(load[origin], s[origin]) - overload(load[target], s[target])
    cost = w[target, customer] - w[origin, customer]
    load[origin] -= d[customer]
    load[target] += d[customer]
    if partner >= 0:
        local.tabu_until[target, partner] = tabu_until
        load[origin] += d[partner]
        load[target] -= d[partner]
        cost += w[origin, partner] - w[target, partner]
        local.assignment[partner] = origin
        i, other = local.position[customer], local.position[partner]
        local.member[origin, i], local.member[target, other] = partner, customer
        local.position[customer], local.position[partner] = other, i
    else:
        i, last = local.position[customer], local.n_customers[origin] - 1
        local.member[origin, i] = local.member[origin, last]
        local.position[local.member[origin, i]] = i
        local.member[target, local.n_customers[target]] = customer
        local.position[customer] = local.n_customers[target]
        local.n_customers[origin] -= 1
        local.n_customers[target] += 1
        if local.n_customers[origin] == 0:
            cost -= data.fixed_cost[origin]
        if local.n_customers[target] == 1:
            cost += data.fixed_cost[target]
    local.assignment[customer] = target
    local.scalars[COST] += cost
    local.scalars[OVERLOAD] += (
        over + overload(load[origin], s[origin]) + overload(load[target], s[target])
    )
