"""Whether the search can take a problem."""

from __future__ import annotations

from solvers.native.model.memory_limits import MAX_CELLS, METRICS
from solvers.problem import Problem


def why_unfit(problem: Problem) -> str | None:
    """Return why the search cannot take a problem whose collapse is exact, or None if it can."""
    widest = min(float(problem.capacity.max()), float(problem.total_demand))
    sites, customers = problem.n_sites + 1, problem.n_customers + 1
    cells = 2.0 * (customers * (widest + 1) + sites * (problem.total_demand + widest + 1))
    cells += (METRICS + 1) * customers**2
    if cells > MAX_CELLS:
        return f"tables for {problem.total_demand:,} tonnes would have {cells:.0e} cells"
    return None
