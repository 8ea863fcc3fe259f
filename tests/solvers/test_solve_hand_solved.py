"""Problems small enough to solve by hand: every solver and method must find that optimum.

Each docstring gives the reasoning; indices run from 1 there, as in the paper, and from 0 in the
code. Costs are per tonne.
"""

from typing import NamedTuple

import numpy as np
import pytest

from solvers.backends.backend import SolverUnavailable
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.solution import violations
from solvers.solve import solve

UNLIMITED = 99_999_999


class Optimum(NamedTuple):
    """The optimum found by hand."""

    first: float
    second: float
    fixed: float
    open_sites: list[int]
    assignment: list[int]


@pytest.fixture(params=["native", "collapsed", "direct"])
def method(request: pytest.FixtureRequest) -> str:
    """Name each method in turn."""
    return str(request.param)


def solve_exactly(problem: Problem, solver: str, method: str) -> Result:
    """Solve to gap 0 with one solver and one method."""
    if method == "native":
        return solve(problem, Options(solver="auto" if solver == "gurobi" else "native", gap=0))
    return solve(problem, Options(solver=solver, model=method, gap=0))


def assert_optimum(problem: Problem, solver: str, method: str, expected: Optimum) -> Result:
    """Solve, and compare every part of the result with the optimum found by hand."""
    result = solve_exactly(problem, solver, method)
    assert result.status is Status.OPTIMAL, result.error
    assert result.solver == ("native" if result.method == "native" else solver)
    assert result.solution is not None
    assert result.cost is not None
    assert violations(problem, result.solution) == []
    assert result.solution.assignment.tolist() == expected.assignment
    assert result.solution.open_sites.tolist() == expected.open_sites
    parts = [result.cost.first, result.cost.second, result.cost.fixed]
    assert parts == pytest.approx([expected.first, expected.second, expected.fixed], rel=1e-9)
    assert result.objective == pytest.approx(sum(expected[:3]), rel=1e-9)
    assert result.bound == pytest.approx(sum(expected[:3]), rel=1e-6)
    return result


def two_customers(fixed_cost: list[float]) -> Problem:
    """Two sites, each next to one of two customers and equally far from the one source."""
    return Problem(
        inbound=[[1, 1]],
        outbound=[[1, 4], [4, 1]],
        demand=[3, 4],
        capacity=[10, 10],
        fixed_cost=fixed_cost,
        supply=[UNLIMITED],
        alpha=1,
    )


def test_high_fixed_cost_closes_a_site(solver: str, method: str) -> None:
    """If fixed costs are high, one site serves all customers.

    The first stage costs 7 x 1 in any case. Second stage and fixed cost:
    both sites 3 + 4 + 10 + 11 = 28; only site 1 3 + 16 + 10 = 29; only site 2 12 + 4 + 11 = 27.
    """
    expected = Optimum(first=7, second=16, fixed=11, open_sites=[1], assignment=[1, 1])
    assert_optimum(two_customers([10, 11]), solver, method, expected)


def test_low_fixed_cost_opens_both_sites(solver: str, method: str) -> None:
    """If fixed costs are low, each customer has its own site.

    As above with f = (5, 6): both 3 + 4 + 11 = 18; only site 1 3 + 16 + 5 = 24; only site 2
    12 + 4 + 6 = 22.
    """
    expected = Optimum(first=7, second=7, fixed=11, open_sites=[0, 1], assignment=[0, 1])
    assert_optimum(two_customers([5, 6]), solver, method, expected)


def test_single_sourcing_costs_more_than_splitting(solver: str, method: str) -> None:
    """A customer is not split, although that would be cheaper.

    Site 1 (capacity 5) costs 1 a tonne, site 2 2 a tonne; demands are 3, 3 and 3. Whole customers:
    site 1 takes one of them (two would be 6 tonnes), best the third, which costs most at
    site 2 (3 a tonne): second stage 3 x 1 + 6 x 2 = 15. Split customers could fill site 1:
    3 x 1 + 2 x 1 + 4 x 2 = 13. The first stage is 9 x 1.
    """
    problem = Problem(
        inbound=[[1, 1]],
        outbound=[[1, 2], [1, 2], [1, 3]],
        demand=[3, 3, 3],
        capacity=[5, 10],
        fixed_cost=[0, 0],
        supply=[UNLIMITED],
        alpha=1,
    )
    expected = Optimum(first=9, second=15, fixed=0, open_sites=[0, 1], assignment=[1, 1, 0])
    assert_optimum(problem, solver, method, expected)


@pytest.mark.parametrize(
    ("alpha", "expected"),
    [
        (1, Optimum(first=80, second=10, fixed=5, open_sites=[0], assignment=[0])),
        (2, Optimum(first=20, second=90, fixed=5, open_sites=[1], assignment=[1])),
    ],
)
def test_alpha_moves_the_site_to_the_source(
    solver: str, method: str, alpha: float, expected: Optimum
) -> None:
    """A low alpha draws the site to the customers, a high alpha to the source.

    Transport costs 8 to site 1 and 1 from it, 1 to site 2 and 9 from it. A tonne of product then
    costs 8 alpha + 1 from site 1 and alpha + 9 from site 2. These are equal at alpha = 8/7.
    Ten tonnes, f = 5:
    alpha = 1: 80 + 10 + 5 = 95 against 10 + 90 + 5 = 105;
    alpha = 2: 160 + 10 + 5 = 175 against 20 + 90 + 5 = 115.
    """
    problem = Problem(
        inbound=[[8, 1]],
        outbound=[[1, 9]],
        demand=[10],
        capacity=[10, 10],
        fixed_cost=[5, 5],
        supply=[UNLIMITED],
        alpha=alpha,
    )
    result = assert_optimum(problem, solver, method, expected)
    assert result.method == method
    assert result.fallback_reason is None


def two_sources(supply: list[float]) -> Problem:
    """Site 1 is next to source 1 and far from source 2; site 2 is half-way."""
    return Problem(
        inbound=[[1, 2], [5, 2]],
        outbound=[[1, 1], [1, 1]],
        demand=[4, 6],
        capacity=[10, 10],
        fixed_cost=[3, 3],
        supply=supply,
        alpha=2,
    )


def test_unlimited_sources_leave_the_siting_to_the_costs(solver: str, method: str) -> None:
    """With unlimited supply site 1 alone is best.

    Twenty tonnes of material: site 1 alone 20 x 1 + 10 + 3 = 33; site 2 alone 20 x 2 + 10 + 3 = 53;
    both at least 20 x 1 + 10 + 6 = 36.
    """
    expected = Optimum(first=20, second=10, fixed=3, open_sites=[0], assignment=[0, 0])
    assert_optimum(two_sources([UNLIMITED, UNLIMITED]), solver, method, expected)


def test_binding_source_changes_the_siting(solver: str, method: str) -> None:
    """With 10 tonnes at source 1 a second site opens, and only the direct model is exact.

    Second stage 10 in any case. First stage and fixed cost:
    site 1 alone 10 x 1 + 10 x 5 + 3 = 63; site 2 alone 20 x 2 + 3 = 43;
    customer 1 (4) at site 1, customer 2 (6) at site 2: 8 x 1 + 12 x 2 + 6 = 38;
    customer 1 at site 2, customer 2 at site 1: 10 x 1 + 2 x 5 + 8 x 2 + 6 = 42.
    """
    expected = Optimum(first=32, second=10, fixed=6, open_sites=[0, 1], assignment=[0, 1])
    problem = two_sources([10, UNLIMITED])
    if method == "collapsed":
        with pytest.raises(SolverUnavailable, match=r"not exact: 1 of 2 .* expected model direct"):
            solve_exactly(problem, solver, method)
        return
    result = assert_optimum(problem, solver, method, expected)
    assert result.method == "direct"
    if method == "native":
        assert result.fallback_reason == "1 of 2 sources may bind"
    else:
        assert result.fallback_reason is None


def test_fractional_alpha_has_fractional_flows(solver: str, method: str) -> None:
    """Three tonnes at alpha = 2.5 take 7.5 tonnes of material: 7.5 x 2 + 3 x 1 + 1 = 19."""
    problem = Problem(
        inbound=[[2]],
        outbound=[[1]],
        demand=[3],
        capacity=[3],
        fixed_cost=[1],
        supply=[UNLIMITED],
        alpha=2.5,
    )
    expected = Optimum(first=15, second=3, fixed=1, open_sites=[0], assignment=[0])
    result = assert_optimum(problem, solver, method, expected)
    assert result.solution is not None
    np.testing.assert_allclose(result.solution.flow, [[7.5]], rtol=1e-9)


def test_problem_without_cost_has_optimum_zero(solver: str, method: str) -> None:
    """If all costs are 0, objective and gap are 0; nothing divides by 0."""
    problem = Problem(
        inbound=[[0]],
        outbound=[[0]],
        demand=[1],
        capacity=[1],
        fixed_cost=[0],
        supply=[UNLIMITED],
        alpha=1,
    )
    result = solve_exactly(problem, solver, method)
    assert (result.status, result.objective, result.gap) == (Status.OPTIMAL, 0, 0)


def assert_infeasible(problem: Problem, solver: str, method: str) -> Result:
    """Solve, and expect a proof that no solution exists: the objective is None, not 0."""
    result = solve_exactly(problem, solver, method)
    assert result.status is Status.INFEASIBLE, result.error
    assert result.solution is None
    assert result.cost is None
    assert result.objective is None
    assert result.bound is None
    assert result.gap is None
    assert result.error is not None
    return result


def test_demand_above_all_capacity_is_infeasible(solver: str, method: str) -> None:
    """Nine tonnes of demand do not fit into eight of capacity."""
    problem = Problem(
        inbound=[[1, 1]],
        outbound=[[1, 1]],
        demand=[9],
        capacity=[4, 4],
        fixed_cost=[1, 1],
        supply=[UNLIMITED],
        alpha=2,
    )
    assert_infeasible(problem, solver, method)


def test_customers_that_do_not_pack_are_infeasible(solver: str, method: str) -> None:
    """Three customers of 3 tonnes do not fit into two sites of 5, though 9 < 10."""
    problem = Problem(
        inbound=[[1, 1]],
        outbound=np.ones((3, 2)),
        demand=[3, 3, 3],
        capacity=[5, 5],
        fixed_cost=[1, 1],
        supply=[UNLIMITED],
        alpha=2,
    )
    assert_infeasible(problem, solver, method)


def test_too_little_raw_material_is_infeasible(solver: str, method: str) -> None:
    """Five tonnes of product take ten of material; the sources have nine."""
    problem = Problem(
        inbound=[[1, 1], [1, 1]],
        outbound=[[1, 1]],
        demand=[5],
        capacity=[9, 9],
        fixed_cost=[1, 1],
        supply=[4, 5],
        alpha=2,
    )
    if method == "collapsed":
        method = "direct"
    assert assert_infeasible(problem, solver, method).method == "direct"
