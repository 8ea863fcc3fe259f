"""Laws that hold for every problem, tried on random small ones."""

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

# Without a deadline: a busy machine must not fail a law.
LAW = settings(
    deadline=None,
    derandomize=True,
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow],
)
FEWER = settings(LAW, max_examples=50)

ROUNDING = 1e-9


def exactly(problem: Problem, solver: str, method: str) -> Result:
    """Solve to gap 0."""
    return solve(problem, Options(solver=solver, method=method, gap=0))


def assert_is_optimum(problem: Problem, result: Result, optimum: float | None) -> None:
    """Hold a result at gap 0 against the optimum of enumeration."""
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
def test_direct_is_collapsed_is_enumeration_with_highs(
    problem: Problem, brute_force: BruteForce
) -> None:
    """Both models have the optimum of enumeration, or all three find no solution."""
    optimum = brute_force(problem)
    for method in ("direct", "collapsed"):
        assert_is_optimum(problem, exactly(problem, "highs", method), optimum)


@pytest.mark.parametrize("solver", ["gurobi"], indirect=True)
@given(problem=st.from_type(Problem))
@FEWER
def test_direct_is_collapsed_is_enumeration_with_gurobi(
    solver: str, problem: Problem, brute_force: BruteForce
) -> None:
    """Both models have the optimum of enumeration, or all three find no solution."""
    optimum = brute_force(problem)
    for method in ("direct", "collapsed"):
        assert_is_optimum(problem, exactly(problem, solver, method), optimum)


@given(problem=st.from_type(Problem))
@LAW
def test_native_is_enumeration(problem: Problem, brute_force: BruteForce) -> None:
    """The native search proves the optimum of enumeration by itself, or that there is none."""
    result = exactly(problem, "highs", "native")
    assert_is_optimum(problem, result, brute_force(problem))
    by_itself = collapsed.why_invalid(problem) is None
    assert result.method == ("native" if by_itself else "direct")


@given(problem=st.from_type(Problem), data=st.data())
@FEWER
def test_binding_sources_take_the_direct_model(
    problem: Problem, data: st.DataObject, brute_force: BruteForce
) -> None:
    """Where the free optimum overdraws a source, the direct model decides, and says why."""
    free = exactly(replace(problem, supply=np.full(problem.n_sources, 1e8)), "highs", "collapsed")
    assume(free.solution is not None)
    assert free.solution is not None
    drawn = free.solution.flow.sum(axis=1)
    source = int(drawn.argmax())
    supply = np.array(problem.supply)
    less = data.draw(st.integers(0, 9)) / 10 * drawn[source]
    supply[source] = np.floor(less) if problem.alpha >= 1 else less
    bound = replace(problem, supply=supply)

    result = exactly(bound, "highs", "collapsed")
    assert result.method == "direct"
    assert result.fallback_reason is not None
    assert result.fallback_reason.endswith("sources may bind")
    optimum = brute_force(bound)
    assert_is_optimum(bound, result, optimum)
    assert free.objective is not None
    assert optimum is None or optimum >= free.objective * (1 - ROUNDING)


@given(problem=st.from_type(Problem))
@LAW
def test_guard_lets_only_exact_collapses_through(problem: Problem) -> None:
    """Where the guard is silent, no assignment within the capacities overdraws any source."""
    assume(collapsed.why_invalid(problem) is None)
    cheapest = problem.inbound.argmin(axis=0)
    for i in range(problem.n_sources):
        sites = cheapest == i
        # The most that whole customers can load on these sites, found by their subset sums.
        sums = {0}
        for d in problem.demand:
            sums |= {s + int(d) for s in sums}
        most = max(s for s in sums if s <= problem.capacity[sites].sum())
        assert problem.alpha * most <= problem.supply[i] * (1 + ROUNDING)


@pytest.mark.parametrize("method", ["native", "collapsed"])
@given(problem=st.from_type(Problem), gap=st.sampled_from([0.0, 1e-4, 0.1, 0.9, 2.0]))
@FEWER
def test_optimum_lies_between_bound_and_objective(
    method: str, problem: Problem, gap: float, brute_force: BruteForce
) -> None:
    """Whatever gap is asked for, it is kept, and bound <= optimum <= objective."""
    optimum = brute_force(problem)
    result = solve(problem, Options(solver="highs", method=method, gap=gap))
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
    """V(alpha) is the least of the lines A + alpha B: never falling, and concave.

    That is true where sources do not bind; else alpha also decides what is feasible.
    """
    free = replace(problem, supply=np.full(problem.n_sources, 99_999_999))
    low, middle, high = sorted(alphas)
    results = [exactly(replace(free, alpha=a), "highs", "collapsed") for a in (low, middle, high)]
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
def test_optimal_cost_lies_under_the_line_of_every_solution(problem: Problem) -> None:
    """A solution costs A + alpha B: what is optimal at alpha = 2 bounds the optimum at 5."""
    free = replace(problem, supply=np.full(problem.n_sources, 99_999_999), alpha=2)
    here = exactly(free, "highs", "collapsed")
    assume(here.cost is not None)
    assert here.cost is not None
    other = replace(free, alpha=5)
    there = exactly(other, "highs", "collapsed")
    assert there.objective is not None
    line = here.cost.second + here.cost.fixed + 5 / 2 * here.cost.first
    assert there.objective <= line + ROUNDING * max(1.0, line)
