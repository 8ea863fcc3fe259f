"""The incumbent: the best feasible assignment so far, and the cutoff that follows from it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.model.arrays import copy_vector
from solvers.native.model.compilation import compiled
from solvers.native.model.problem_data import INF, ProblemData
from solvers.problem import Floats, Integers

VALUE, PENALTY_WEIGHT = range(2)
"""Indices of `Incumbent.scalars`."""


class Incumbent(NamedTuple):
    """The best feasible assignment so far.

    Attributes
    ----------
    assignment : ndarray of int, shape (K,)
        Site of each customer.
    scalars : ndarray, shape (2,)
        VALUE, the cost, inf if there is no incumbent yet; PENALTY_WEIGHT, the cost of a tonne of
        overload with which a tabu search begins.
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
        np.zeros(customers, np.int64), np.array([INF, penalty_weight]), np.zeros(sites, np.int64)
    )


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
    return value * (1.0 - gap) if value < INF else INF
