"""Both backends: gaps, time limits, threads, seeds, a start, and silence."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from solvers import native
from solvers.backends.select import backend
from solvers.formulations import collapsed
from solvers.formulations.formulation import siting_values
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Status
from solvers.solution import violations
from solvers.solve import solve

Network = Callable[..., Problem]


@pytest.fixture(scope="session")
def medium_problem(network: Network) -> Problem:
    """Return a problem that needs branching and takes well under a second."""
    return network(3, 8, 16, tightness=1.2, alpha=2.0, seed=5)


def test_time_limit_with_an_incumbent_keeps_it(solver: str, hard_problem: Problem) -> None:
    """After the first solution, a time limit gives a checked objective, a bound and a gap.

    The limit doubles until the solver has found a solution, even on a slow machine; the proof takes
    far longer than that, even on a fast one.
    """
    limit = 0.02
    while True:
        result = solve(hard_problem, Options(solver=solver, gap=0, time_limit_s=limit))
        if result.status is not Status.NO_SOLUTION or limit > 60:
            break
        limit *= 2
    assert result.status is Status.TIME_LIMIT, result.error
    assert result.solution is not None
    assert violations(hard_problem, result.solution) == []
    assert result.objective is not None
    assert result.bound is not None
    assert result.gap is not None
    assert 0 <= result.bound < result.objective
    assert 0 < result.gap <= 1


def test_time_limit_without_an_incumbent_is_no_solution(solver: str, hard_problem: Problem) -> None:
    """Before its first solution, a solver has no values; the result has the one built before.

    A nanosecond is over before either solver looks for a solution.
    """
    options = Options(solver=solver, gap=0, time_limit_s=1e-9)
    output = backend(solver).solve(collapsed.formulate(hard_problem), options)
    assert output.status is Status.NO_SOLUTION
    assert output.values is None
    result = solve(hard_problem, options)
    assert result.status is Status.TIME_LIMIT, result.error
    assert result.solution is not None
    assert violations(hard_problem, result.solution) == []


def test_loose_gap_is_honoured(solver: str, hard_problem: Problem) -> None:
    """With a gap of 50 %, a solver stops at that gap, before the time limit."""
    result = solve(hard_problem, Options(solver=solver, gap=0.5, time_limit_s=60))
    assert result.status is Status.OPTIMAL, result.error
    assert result.gap is not None
    assert 1e-4 < result.gap <= 0.5
    assert result.solve_s < 60


def test_gap_zero_is_proven_and_both_models_agree(medium_problem: Problem, solver: str) -> None:
    """At gap 0, objective and bound are equal, and both models have the same optimum."""
    results = [
        solve(medium_problem, Options(solver=solver, model=method, gap=0))
        for method in ("collapsed", "direct")
    ]
    for result in results:
        assert result.status is Status.OPTIMAL, result.error
        assert result.gap == pytest.approx(0, abs=1e-9)
    assert results[0].objective == pytest.approx(results[1].objective, rel=1e-9)
    reference = solve(medium_problem, Options(solver="highs", gap=0))
    assert results[0].objective == pytest.approx(reference.objective, rel=1e-9)


def test_threads_may_change_within_a_process(solver: str, medium_problem: Problem) -> None:
    """One thread, then two, then one: HiGHS has one scheduler per process, which is reset."""
    results = [
        solve(medium_problem, Options(solver=solver, gap=0, threads=threads))
        for threads in (1, 2, 1)
    ]
    assert [result.status for result in results] == [Status.OPTIMAL] * 3
    assert [result.threads for result in results] == [1, 2, 1]
    objectives = [result.objective for result in results]
    assert objectives == pytest.approx([objectives[0]] * 3, rel=1e-9)


def test_same_seed_gives_the_same_result(solver: str, medium_problem: Problem) -> None:
    """Two solves of one problem with one seed differ only in their times."""
    first, second = (solve(medium_problem, Options(solver=solver, seed=7)) for _ in range(2))
    assert first.solution is not None
    assert second.solution is not None
    assert first.solution.assignment.tolist() == second.solution.assignment.tolist()
    assert first.solution.flow.tolist() == second.solution.flow.tolist()
    assert (first.objective, first.bound) == (second.objective, second.bound)
    assert (first.nodes, first.method) == (second.nodes, second.method)


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
def test_seed_does_not_change_the_optimum(solver: str, medium_problem: Problem, seed: int) -> None:
    """Every seed leads to the same optimum at gap 0."""
    result = solve(medium_problem, Options(solver=solver, gap=0, seed=seed))
    reference = solve(medium_problem, Options(solver="highs", gap=0))
    assert result.objective == pytest.approx(reference.objective, rel=1e-9)


def test_result_names_solver_method_and_times(solver: str, medium_problem: Problem) -> None:
    """A result holds the solver, its version, the method, the threads and the times."""
    result = solve(medium_problem, Options(solver=solver, threads=1))
    assert (result.solver, result.solver_version) == (solver, backend(solver).version)
    assert (result.method, result.threads, result.fallback_reason) == ("collapsed", 1, None)
    assert result.nodes is not None
    assert result.nodes >= 0
    assert result.build_s > 0
    assert result.solve_s > 0


def test_start_is_the_first_incumbent(solver: str, hard_problem: Problem) -> None:
    """A solver that stops before it finds a solution returns at least its start."""
    assignment = native.search(hard_problem, gap=1e-2, time_limit_s=60).assignment
    assert assignment is not None
    start = siting_values(hard_problem, assignment)
    program = replace(collapsed.formulate(hard_problem), start=start)
    output = backend(solver).solve(program, Options(solver=solver, gap=0, time_limit_s=0.1))
    assert output.values is not None
    assert program.cost @ output.values <= program.cost @ start + 1e-6


SOLVE_WITH_EACH = """
from solvers.backends import gurobi
from solvers.options import Options
from solvers.problem import Problem
from solvers.solve import solve

problem = Problem([[1, 5]], [[3, 1]], [4], [10, 10], [2, 3], [100], 2)
solvers = ["highs"]
try:
    gurobi.licence()
    solvers.append("gurobi")
except gurobi.SolverUnavailable:
    pass
for solver in solvers:
    assert solve(problem, Options(solver=solver)).objective == 22
"""


def test_solvers_are_silent() -> None:
    """No log and no licence banner reach stdout or stderr: the command line uses both."""
    completed = subprocess.run(
        [sys.executable, "-c", SOLVE_WITH_EACH],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (completed.returncode, completed.stdout, completed.stderr) == (0, "", "")
