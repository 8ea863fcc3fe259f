"""A solve that starts from an earlier result is no worse than that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Status
from solvers.solution import cost
from solvers.solve import solve
from solvers.start import Start
from solvers.transportation import solution_of

Network = Callable[..., Problem]

TOO_SHORT_S = 1e-9
"""A time limit within which no solver finds or proves anything."""


@pytest.fixture(scope="session")
def problem(network: Network) -> Problem:
    """Return a problem that needs branching and takes well under a second."""
    return network(3, 8, 16, tightness=1.2, alpha=2.0, seed=5)


@pytest.fixture(scope="session")
def optimal(problem: Problem) -> Start:
    """Return the optimum and its proof."""
    result = solve(problem, Options("native", gap=0))
    assert result.status is Status.OPTIMAL
    assert result.solution is not None
    return Start(tuple(result.solution.assignment.tolist()), result.bound)


WORDS = [
    Options("native", gap=0, time_limit_s=TOO_SHORT_S),
    Options("highs", gap=0, time_limit_s=TOO_SHORT_S),
    Options("highs", "direct", gap=0, time_limit_s=TOO_SHORT_S),
]


@pytest.mark.parametrize("options", WORDS, ids=lambda options: f"{options.solver} {options.model}")
def test_without_time_the_start_is_the_result(
    problem: Problem, optimal: Start, options: Options
) -> None:
    """Assignment and bound of the start are kept; together they are the proof."""
    result = solve(problem, options, optimal)
    assert result.status is Status.OPTIMAL
    assert result.solution is not None
    assert tuple(result.solution.assignment.tolist()) == optimal.assignment
    assert result.bound == optimal.bound


@pytest.mark.parametrize("options", WORDS, ids=lambda options: f"{options.solver} {options.model}")
def test_a_start_without_a_bound_proves_nothing(
    problem: Problem, optimal: Start, options: Options
) -> None:
    """The solution is kept, and the gap stays open."""
    result = solve(problem, options, Start(optimal.assignment))
    assert result.status is Status.TIME_LIMIT
    assert result.objective == pytest.approx(optimal.bound)


def test_a_bound_above_the_cost_of_a_solution_is_an_error(problem: Problem, optimal: Start) -> None:
    """Such a bound was wrong; it does not make a proof."""
    assert optimal.bound is not None
    result = solve(problem, Options("native"), Start(None, 2 * optimal.bound))
    assert result.status is Status.ERROR
    assert "exceeds the cost" in str(result.error)


@pytest.mark.parametrize("assignment", [(0,), (99,) * 16, (-1,) * 16, (0,) * 16])
def test_a_wrong_assignment_is_left_out(problem: Problem, assignment: tuple[int, ...]) -> None:
    """Too few customers, no such site, or an overloaded one: the solve starts from nothing."""
    result = solve(problem, Options("native", gap=0), Start(assignment))
    assert result.objective == solve(problem, Options("native", gap=0)).objective


@settings(deadline=None, max_examples=60, derandomize=True)
@given(problem=st.from_type(Problem), data=st.data(), gap=st.sampled_from([0.0, 0.5]))
def test_a_result_is_no_worse_than_its_start(
    problem: Problem, data: st.DataObject, gap: float
) -> None:
    """For any assignment and any valid bound, of problems with and without binding sources."""
    site = st.integers(0, problem.n_sites - 1)
    assignment = tuple(data.draw(st.tuples(*[site] * problem.n_customers)))
    optimum = solve(problem, Options("native", gap=0))
    share = data.draw(st.sampled_from([0.0, 0.5, 1.0]))
    known = None if optimum.bound is None else share * optimum.bound
    start = Start(assignment, known)
    before = start.solution(problem)
    for solver in ("native", "highs"):
        model = "direct" if solver == "highs" else "collapsed"
        result = solve(problem, Options(solver, model, gap=gap), start)
        if optimum.objective is None:
            assert result.status is Status.INFEASIBLE
            continue
        assert result.status is Status.OPTIMAL, result.error
        assert result.objective is not None
        assert result.bound is not None
        assert result.bound >= (known or 0.0)
        assert result.objective >= optimum.objective * (1 - 1e-9)
        if before is not None:
            assert result.objective <= cost(problem, before).total * (1 + 1e-9)


def test_the_solution_of_a_start_has_the_cheapest_flows(problem: Problem, optimal: Start) -> None:
    """Flows are not stored with a row: they follow from the assignment."""
    solution = optimal.solution(problem)
    assert solution is not None
    assert (solution.flow == solution_of(problem, solution.assignment).flow).all()
