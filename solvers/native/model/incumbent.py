"""The incumbent: the best feasible assignment so far, and the cutoff that follows from it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from solvers.native.model.arrays import copy_vector
from solvers.native.model.compilation import compiled
from solvers.native.model.problem_data import INF, ProblemData
from solvers.problem import Floats, Integers

VALUE, PENALTY_WEIGHT, COST_STEP = range(3)
"""Indices of `Incumbent.scalars`."""

MAX_WHOLE_COST = 2.0**40
"""Costs of solutions are treated as whole numbers only up to this: doubles hold them exactly, and
`COST_MARGIN` beside them."""
COST_MARGIN = 1e-3
"""A bound that exceeds a whole number by less than this is not rounded up."""


class Incumbent(NamedTuple):
    """The best feasible assignment so far.

    Attributes
    ----------
    assignment : ndarray of int, shape (K,)
        Site of each customer.
    scalars : ndarray, shape (3,)
        VALUE, the cost, inf if there is no incumbent yet; PENALTY_WEIGHT, the cost of a tonne of
        overload with which a tabu search begins; COST_STEP, 1 if the cost of every solution is a
        whole number, else 0.
    load : ndarray of int, shape (J,)
        Work space: tonnes of each site.
    """

    assignment: Integers
    scalars: Floats
    load: Integers


def make_incumbent(data: ProblemData, penalty_weight: float) -> Incumbent:
    """Return an incumbent without a solution."""
    sites, customers = data.cost.shape
    return Incumbent(
        np.zeros(customers, np.int64),
        np.array([INF, penalty_weight, cost_step(data)]),
        np.zeros(sites, np.int64),
    )


def cost_step(data: ProblemData) -> float:
    """Return 1 if the cost of every solution is a whole number up to `MAX_WHOLE_COST`, else 0."""
    highest = data.fixed_cost.sum() + data.cost.max(axis=0).sum()
    whole = (data.fixed_cost % 1 == 0).all() and (data.cost % 1 == 0).all()
    return 1.0 if whole and highest <= MAX_WHOLE_COST else 0.0


def copy_incumbent(incumbent: Incumbent) -> Incumbent:
    """Return a copy that shares no array."""
    return Incumbent(incumbent.assignment.copy(), incumbent.scalars.copy(), incumbent.load.copy())


@compiled
def cost_of(data: ProblemData, assignment: Integers, load: Integers) -> float:
    """Return the cost of an assignment, shape (K,); inf if a capacity is exceeded.

    On return ``load``, shape (J,), holds the tonnes of each site.

    Equation (14) of docs/algorithm.md.
    """
    for j in range(load.shape[0]):
        load[j] = 0
    total = 0.0
    for k in range(assignment.shape[0]):
        load[assignment[k]] += data.demand[k]
        total += data.cost[assignment[k], k]
    for j in range(load.shape[0]):
        if load[j] > data.capacity[j]:
            return INF
        if load[j] > 0:
            total += data.fixed_cost[j]
    return total


@compiled
def offer_incumbent(data: ProblemData, assignment: Integers, incumbent: Incumbent) -> None:
    """Take an assignment as incumbent if it is feasible and cheaper."""
    value = cost_of(data, assignment, incumbent.load)
    if value < incumbent.scalars[VALUE]:
        incumbent.scalars[VALUE] = value
        copy_vector(assignment, incumbent.assignment)


@compiled
def cutoff_of(incumbent: Incumbent, gap: float) -> float:
    """Return the cost below which solutions are still of interest; inf without an incumbent.

    Equation (39) of docs/algorithm.md.
    """
    value = float(incumbent.scalars[VALUE])
    if value == INF:
        return INF
    cutoff = value * (1.0 - gap)
    step = incumbent.scalars[COST_STEP]
    if step > 0.0:
        cutoff = min(cutoff, value - step + 2 * COST_MARGIN)
    return cutoff


def rounded_up(bound: float, incumbent: Incumbent) -> float:
    """Return the least cost that a solution of at least ``bound`` can have.

    Equation (39) of docs/algorithm.md.

    Where costs are whole numbers, so is the result; else it is the bound itself.
    """
    if incumbent.scalars[COST_STEP] == 0.0 or not math.isfinite(bound):
        return bound
    return float(math.ceil(bound - COST_MARGIN))
