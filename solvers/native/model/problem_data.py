"""The single-source capacitated facility location problem as arrays, site first.

The inner loops of the search run over the customers of one site, so the site is the first index.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solvers.formulations import collapsed
from solvers.native.model.memory_limits import cover_unit
from solvers.problem import Floats, Integers, Problem

INF = np.inf
OPEN, CLOSED, FREE = 1, 0, -1
"""States of a site."""
UNASSIGNED = -1
"""Site of a customer without a site."""

Flags = NDArray[np.uint8]
States = NDArray[np.int8]


class ProblemData(NamedTuple):
    """A single-source capacitated facility location problem.

    Attributes
    ----------
    cost : ndarray, shape (J, K)
        w_jk >= 0, cost of serving customer k whole from site j.
    capacity : ndarray of int, shape (J,)
        s_j, tonnes, at most the total demand.
    demand : ndarray of int, shape (K,)
        d_k >= 1, tonnes.
    fixed_cost : ndarray, shape (J,)
        f_j >= 0, fixed cost of an open site.
    by_demand : ndarray of int, shape (K,)
        The customers in descending order of demand, equal ones in their order.
    total_demand : int
        D, sum of the demands, tonnes.
    """

    cost: Floats
    capacity: Integers
    demand: Integers
    fixed_cost: Floats
    by_demand: Integers
    total_demand: int


def make_problem_data(problem: Problem) -> ProblemData:
    """Write the collapsed problem as the search's arrays.

    Equation (15) of docs/algorithm.md.

    Demands are whole tonnes, so capacities may be rounded down. Capacity beyond the total demand
    cannot be used, so it is cut off.
    """
    capacity = np.minimum(np.floor(problem.capacity), problem.total_demand).astype(np.int64)
    return ProblemData(
        cost=np.ascontiguousarray(collapsed.assignment_cost(problem).T),
        capacity=capacity,
        demand=np.array(problem.demand),
        fixed_cost=np.array(problem.fixed_cost),
        by_demand=np.argsort(-problem.demand, kind="stable"),
        total_demand=problem.total_demand,
    )


def evaluations_in(operations: int, data: ProblemData) -> int:
    """Return how many evaluations of the bound take about so many operations, at least one."""
    return max(1, int(operations / operations_per_evaluation(data)))


def operations_per_evaluation(data: ProblemData) -> float:
    """Estimate the elementary operations of one evaluation of the bound and one step of the ascent.

    The knapsack of a site has about three times as many customers as fit, and a table as wide as
    the capacity; the min-knapsack has a row as wide as the total demand, in units, for each site.
    """
    sites, customers = data.cost.shape
    capacity = float(data.capacity.mean())
    items = min(customers, 3 * capacity / data.demand.mean() + 5)
    row = data.total_demand / cover_unit(sites, data.total_demand, int(data.capacity.max()))
    return float(sites * (items * capacity + row) + 4 * customers**2)
