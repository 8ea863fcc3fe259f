"""What fits in memory, and what is done for problems that are larger."""

import numpy as np
import pytest

from solvers import native
from solvers.native.model.memory_limits import (
    MAX_COVER_CELLS,
    METRICS,
    cover_unit,
    stored_metrics,
)
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Status
from solvers.solution import violations
from solvers.solve import solve


@pytest.mark.parametrize(
    ("customers", "metrics"), [(1, METRICS), (900, METRICS), (1000, 16), (2000, 4), (9000, 1)]
)
def test_with_more_customers_fewer_metrics_are_stored(customers: int, metrics: int) -> None:
    """A power of two, because hashes are cut to it; at least one."""
    assert stored_metrics(customers) == metrics


@pytest.mark.parametrize("demand", [10_000, 1_000_000, 50_000_000])
def test_the_unit_of_the_min_knapsack_is_the_least_that_fits(demand: int) -> None:
    """Two tables for 100 sites; with a unit less by one they would not fit."""
    unit, cells = cover_unit(100, demand, demand // 50), 101 * (2 * demand + demand // 50)
    assert cells / unit <= MAX_COVER_CELLS
    assert unit == 1 or cells / (unit - 1) > MAX_COVER_CELLS


def problem_of(sites: int, customers: int, tonnes: int) -> Problem:
    """Return a problem with one source, sites on a line and customers between them."""
    random = np.random.default_rng(0)
    place = np.sort(random.uniform(0, 1000, sites))
    demand = random.integers(1, 2 * tonnes, customers)
    return Problem(
        inbound=place[None, :],
        outbound=np.abs(random.uniform(0, 1000, customers)[:, None] - place[None, :]),
        demand=demand,
        capacity=np.full(sites, np.ceil(3 * demand.sum() / sites)),
        fixed_cost=np.full(sites, 100.0 * tonnes),
        supply=[1e12],
        alpha=1.0,
    )


def test_too_many_pairs_and_too_wide_sites_are_refused_by_name() -> None:
    """The reason names the number that is too large."""
    assert native.why_unfit(problem_of(1000, 2000, 50)) is None
    pairs = native.why_unfit(problem_of(1001, 10_000, 50))
    assert pairs == "the search takes 10,000,000 pairs of site and customer, not 10,010,000"
    wide = native.why_unfit(problem_of(2, 100, 50_000))
    assert wide is not None
    assert wide.startswith("tables for a site of ")


@pytest.mark.slow
def test_a_network_of_a_thousand_sites_gets_an_incumbent_and_a_bound() -> None:
    """1,000 sites and 2,000 customers, whose exact tables do not fit."""
    problem = problem_of(1000, 2000, 50)
    result = solve(problem, Options("native", time_limit_s=40))
    assert (result.status, result.solver) == (Status.TIME_LIMIT, "native")
    assert result.solution is not None
    assert violations(problem, result.solution) == []
    assert result.gap is not None
    assert result.gap < 0.5
