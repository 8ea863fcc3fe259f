"""Checks before a search: whether it can take the problem, and whether capacities are too small."""

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


def why_infeasible(data: ProblemData) -> str | None:
    """Return which capacity is too small for any assignment, or None."""
    total, largest = int(data.capacity.sum()), int(data.demand.max())
    if total < data.total_demand:
        return f"all sites together make {total:,} t, {data.total_demand:,} t are demanded"
    if largest > data.capacity.max():
        return f"a customer demands {largest:,} t, the largest site makes {data.capacity.max():,} t"
    return None
