"""Whether the search can take a problem."""

from __future__ import annotations

from solvers.native.model.memory_limits import MAX_CELLS, MAX_PAIRS
from solvers.problem import Problem


def why_unfit(problem: Problem) -> str | None:
    """Return why the search cannot take a problem whose collapse is exact, or None if it can."""
    pairs = problem.n_sites * problem.n_customers
    if pairs > MAX_PAIRS:
        return f"the search takes {MAX_PAIRS:,} pairs of site and customer, not {pairs:,}"
    widest = min(float(problem.capacity.max()), float(problem.total_demand))
    customers = problem.n_customers + 1
    cells = 2.0 * customers * (widest + 1) + 2.0 * customers**2
    if cells > MAX_CELLS:
        return f"tables for a site of {widest:,.0f} tonnes would have {cells:.0e} cells"
    return None
