"""The collapsed problem as the arrays of the search, and checks that it can be taken."""

from __future__ import annotations

import numpy as np

from solvers.formulations import collapsed
from solvers.native.model.parameters import MAX_CELLS, METRICS
from solvers.native.model.problem_data import ProblemData
from solvers.problem import Problem


def why_unfit(problem: Problem) -> str | None:
    """Return why the search cannot take a problem whose collapse is exact, or None if it can."""
    widest = min(float(problem.capacity.max()), float(problem.total_demand))
    sites, customers = problem.n_sites + 1, problem.n_customers + 1
    cells = 2.0 * (customers * (widest + 1) + sites * (problem.total_demand + widest + 1))
    cells += (METRICS + 1) * customers**2
    if cells > MAX_CELLS:
        return f"tables for {problem.total_demand:,} tonnes would have {cells:.0e} cells"
    with np.errstate(over="ignore"):
        most = collapsed.assignment_cost(problem).sum() + problem.fixed_cost.sum()
    if not most < np.finfo(float).max * 1e-9:
        return "costs are too large to be added up"
    return None


def make_problem_data(problem: Problem) -> ProblemData:
    """Write the collapsed problem as the search's arrays.

    Demands are whole tonnes, so capacities may be rounded down. Capacity beyond the total demand
    cannot be used, so it is cut off.
    """
    capacity = np.minimum(np.floor(problem.capacity), problem.total_demand).astype(np.int64)
    return ProblemData(
        cost=np.ascontiguousarray(collapsed.assignment_cost(problem).T),
        capacity=capacity,
        demand=np.array(problem.demand),
        fixed_cost=np.array(problem.fixed_cost),
        total_demand=problem.total_demand,
    )


def operations_per_evaluation(data: ProblemData) -> float:
    """Estimate the elementary operations of one evaluation of the bound and one step of the ascent.

    The knapsack of a site has about three times as many customers as fit, and a table as wide as
    the capacity; the min-knapsack has a row as wide as the total demand for each site.
    """
    sites, customers = data.cost.shape
    capacity = float(data.capacity.mean())
    items = min(customers, 3 * capacity / data.demand.mean() + 5)
    return float(sites * (items * capacity + data.total_demand) + 4 * customers**2)


def why_infeasible(data: ProblemData) -> str | None:
    """Return which capacity is too small for any assignment, or None."""
    total, largest = int(data.capacity.sum()), int(data.demand.max())
    if total < data.total_demand:
        return f"all sites together make {total:,} t, {data.total_demand:,} t are demanded"
    if largest > data.capacity.max():
        return f"a customer demands {largest:,} t, the largest site makes {data.capacity.max():,} t"
    return None
