"""Laws of `solve` that hold for every problem, checked on random small ones."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from solvers.formulations import collapsed
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.solution import violations
from solvers.solve import solve

BruteForce = Callable[[Problem], float | None]

# No deadline: a law must not fail because the machine is busy.
LAW = settings(
    deadline=None,
    derandomize=True,
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow],
)
FEWER = settings(LAW, max_examples=50)

ROUNDING = 1e-9


def solve_exactly(problem: Problem, solver: str, method: str) -> Result:
    """Solve to gap 0."""
    if method == "native":
        return solve(problem, Options(solver="native", gap=0))
    inexact = collapsed.why_inexact(problem) is not None
    return solve(problem, Options(solver, "direct" if inexact else method, gap=0))


def assert_optimum(problem: Problem, result: Result, optimum: float | None) -> None:
    """Compare a result at gap 0 with the optimum of enumeration; None means infeasible."""
    if optimum is None:
        assert result.status is Status.INFEASIBLE, result.error
        assert result.objective is None
        return
    assert result.status is Status.OPTIMAL, result.error
    assert result.objective == pytest.approx(optimum, rel=ROUNDING, abs=ROUNDING)
    assert result.solution is not None
    assert violations(problem, result.solution) == []
    assert result.bound is not None
    rounding = ROUNDING * max(1.0, optimum)
    assert result.bound - rounding <= optimum <= result.objective + rounding


@given(problem=st.from_type(Problem))
@LAW
def test_direct_and_collapsed_find_the_enumerated_optimum_with_highs(
    problem: Problem, brute_force: BruteForce
) -> None:
    """Both models have the same optimum as enumeration, or all three are infeasible."""
    optimum = brute_force(problem)
    for method in ("direct", "collapsed"):
        assert_optimum(problem, solve_exactly(problem, "highs", method), optimum)


@pytest.mark.parametrize("solver", ["gurobi"], indirect=True)
@given(problem=st.from_type(Problem))
@FEWER
def test_direct_and_collapsed_find_the_enumerated_optimum_with_gurobi(
    solver: str, problem: Problem, brute_force: BruteForce
) -> None:
    """Both models have the same optimum as enumeration, or all three are infeasible."""
    optimum = brute_force(problem)
    for method in ("direct", "collapsed"):
        assert_optimum(problem, solve_exactly(problem, solver, method), optimum)


@given(problem=st.from_type(Problem))
@LAW
def test_native_search_finds_the_enumerated_optimum(
    problem: Problem, brute_force: BruteForce
) -> None:
    """The native search alone proves the optimum of enumeration, or infeasibility."""
    result = solve_exactly(problem, "highs", "native")
    assert_optimum(problem, result, brute_force(problem))
    exact = collapsed.why_inexact(problem) is None
    assert result.method == ("native" if exact else "direct")


@given(problem=st.from_type(Problem), data=st.data())
@FEWER
def test_binding_sources_are_solved_with_the_direct_model(
    problem: Problem, data: st.DataObject, brute_force: BruteForce
) -> None:
    """If the optimum without supply limits overdraws a source, the direct model decides."""
    unlimited = replace(problem, supply=np.full(problem.n_sources, 1e8))
    relaxed = solve_exactly(unlimited, "highs", "collapsed")
    assume(relaxed.solution is not None)
    assert relaxed.solution is not None
    drawn = relaxed.solution.flow.sum(axis=1)
    source = int(drawn.argmax())
    supply = np.array(problem.supply)
    too_little = data.draw(st.integers(0, 9)) / 10 * drawn[source]
    supply[source] = np.floor(too_little) if problem.alpha >= 1 else too_little
    limited = replace(problem, supply=supply)

    result = solve(limited, Options(solver="native", gap=0))
    assert result.method == "direct"
    assert result.fallback_reason is not None
    assert result.fallback_reason.endswith("sources may bind")
    optimum = brute_force(limited)
    assert_optimum(limited, result, optimum)
    assert relaxed.objective is not None
    assert optimum is None or optimum >= relaxed.objective * (1 - ROUNDING)


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["native", "mip"])
@given(problem=st.from_type(Problem), gap=st.sampled_from([0.0, 1e-4, 0.1, 0.9, 2.0]))
@FEWER
def test_optimum_lies_between_bound_and_objective(
    solver: str, problem: Problem, gap: float, brute_force: BruteForce
) -> None:
    """For every gap: the result keeps it, and bound <= optimum <= objective."""
    optimum = brute_force(problem)
    result = solve(problem, Options(solver=solver, gap=gap))
    if optimum is None:
        assert result.status is Status.INFEASIBLE
        return
    assert result.status is Status.OPTIMAL, result.error
    assert result.objective is not None
    assert result.bound is not None
    assert result.gap is not None
    rounding = ROUNDING * max(1.0, optimum)
    assert result.bound - rounding <= optimum <= result.objective + rounding
    assert result.gap <= gap + 1e-6


@given(
    problem=st.from_type(Problem),
    alphas=st.lists(
        st.sampled_from([0.01, 0.5, 1, 2, 2.5, 5, 20, 1000]), min_size=3, max_size=3, unique=True
    ),
)
@LAW
def test_optimal_cost_rises_and_is_concave_in_alpha(problem: Problem, alphas: list[float]) -> None:
    """V(alpha) is the minimum of the lines A + alpha B: it never falls, and it is concave.

    This holds if sources do not bind; otherwise alpha also changes what is feasible.
    """
    unlimited = replace(problem, supply=np.full(problem.n_sources, 99_999_999))
    low, middle, high = sorted(alphas)
    results = [
        solve_exactly(replace(unlimited, alpha=a), "highs", "collapsed")
        for a in (low, middle, high)
    ]
    assert len({result.status for result in results}) == 1
    assume(results[0].status is Status.OPTIMAL)
    v_low, v_middle, v_high = (result.objective or 0.0 for result in results)
    rounding = ROUNDING * max(1.0, v_high)
    assert v_low <= v_middle + rounding
    assert v_middle <= v_high + rounding
    chord = ((high - middle) * v_low + (middle - low) * v_high) / (high - low)
    assert v_middle >= chord - rounding


@given(problem=st.from_type(Problem))
@LAW
def test_optimal_cost_lies_on_or_below_the_line_of_every_solution(problem: Problem) -> None:
    """A solution costs A + alpha B: the optimal one for alpha = 2 bounds the optimum for 5."""
    unlimited = replace(problem, supply=np.full(problem.n_sources, 99_999_999), alpha=2)
    at_2 = solve_exactly(unlimited, "highs", "collapsed")
    assume(at_2.cost is not None)
    assert at_2.cost is not None
    at_5 = solve_exactly(replace(unlimited, alpha=5), "highs", "collapsed")
    assert at_5.objective is not None
    line = at_2.cost.second + at_2.cost.fixed + 5 / 2 * at_2.cost.first
    assert at_5.objective <= line + ROUNDING * max(1.0, line)
