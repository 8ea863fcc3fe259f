"""Gaps, time limits, threads and seeds, with each solver."""

from collections.abc import Callable
from dataclasses import replace

import gurobipy
import highspy
import pytest

from solvers import native
from solvers.backends import gurobi, highs
from solvers.backends.select import BACKENDS
from solvers.formulations import collapsed
from solvers.formulations.program import Program
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Status
from solvers.solution import violations
from solvers.solve import solve

Network = Callable[..., Problem]


@pytest.fixture(scope="session")
def medium_problem(network: Network) -> Problem:
    """Give a problem that needs branching and takes well under a second."""
    return network(3, 8, 16, tightness=1.2, alpha=2.0, seed=5)


@pytest.fixture(scope="session")
def hard_program(hard_problem: Problem) -> Program:
    """Give the collapsed model of the hard problem."""
    return collapsed.formulate(hard_problem)


def test_time_limit_with_an_incumbent_keeps_it(solver: str, hard_problem: Problem) -> None:
    """Stopped after the first solution: a checked objective, a bound, and a gap between them.

    The limit doubles until a machine, however slow, has found a solution; the proof takes a fast
    one far longer than that.
    """
    limit = 0.02
    while True:
        result = solve(
            hard_problem, Options(solver=solver, method="collapsed", gap=0, time_limit_s=limit)
        )
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
    """Stopped before the first solution: no objective, not even 0, and no gap.

    A nanosecond is over before either solver looks for a solution.
    """
    result = solve(
        hard_problem, Options(solver=solver, method="collapsed", gap=0, time_limit_s=1e-9)
    )
    assert result.status is Status.NO_SOLUTION, result.error
    assert result.solution is None
    assert result.cost is None
    assert result.objective is None
    assert result.gap is None
    assert result.error is None


def test_highs_stopped_before_a_solution_answers_no_solution(hard_program: Program) -> None:
    """HiGHS's time limit is translated by what HiGHS holds: here, nothing."""
    model = highs.load(hard_program)
    model.setOptionValue("time_limit", 0.0)
    model.run()
    assert model.getModelStatus() == highspy.HighsModelStatus.kTimeLimit
    answer = highs._answer(model)
    assert answer.status is Status.NO_SOLUTION
    assert answer.values is None


def test_gurobi_stopped_before_a_solution_answers_no_solution(hard_program: Program) -> None:
    """Gurobi's time limit is translated by what Gurobi holds: here, nothing."""
    if (reason := gurobi.why_unfit(hard_program)) is not None:
        pytest.skip(reason)
    with gurobi._load(hard_program) as model:
        model.Params.TimeLimit = 0
        model.optimize()
        assert model.Status == gurobipy.GRB.TIME_LIMIT
        answer = gurobi._answer(model)
    assert answer.status is Status.NO_SOLUTION
    assert answer.values is None


def test_model_that_was_never_run_is_an_error(hard_program: Program) -> None:
    """A state that means nothing to us is an error with its name, not a guess."""
    answer = highs._answer(highs.load(hard_program))
    assert answer.status is Status.ERROR
    assert answer.error == "HiGHS: Not Set"
    if gurobi.why_unfit(hard_program) is None:
        with gurobi._load(hard_program) as model:
            model.update()
            answer = gurobi._answer(model)
        assert answer.status is Status.ERROR
        assert answer.error == f"Gurobi: unexpected status {gurobipy.GRB.LOADED}"


def test_loose_gap_is_honoured(solver: str, hard_problem: Problem) -> None:
    """Asked for a gap of 50 %, a solver stops there, and does not go on to the time limit."""
    result = solve(
        hard_problem, Options(solver=solver, method="collapsed", gap=0.5, time_limit_s=60)
    )
    assert result.status is Status.OPTIMAL, result.error
    assert result.gap is not None
    assert 1e-4 < result.gap <= 0.5
    assert result.solve_s < 60


def test_gap_zero_is_proven_and_solvers_agree(medium_problem: Problem, solver: str) -> None:
    """At gap 0 objective and bound meet, and direct and collapsed model have the same optimum."""
    results = [
        solve(medium_problem, Options(solver=solver, method=method, gap=0))
        for method in ("collapsed", "direct")
    ]
    for result in results:
        assert result.status is Status.OPTIMAL, result.error
        assert result.gap == pytest.approx(0, abs=1e-9)
    assert results[0].objective == pytest.approx(results[1].objective, rel=1e-9)
    reference = solve(medium_problem, Options(solver="highs", method="collapsed", gap=0))
    assert results[0].objective == pytest.approx(reference.objective, rel=1e-9)


def test_threads_may_change_within_a_process(solver: str, medium_problem: Problem) -> None:
    """One thread, two, one again: HiGHS has one scheduler a process, and it must follow."""
    results = [
        solve(medium_problem, Options(solver=solver, method="collapsed", gap=0, threads=threads))
        for threads in (1, 2, 1)
    ]
    assert [result.status for result in results] == [Status.OPTIMAL] * 3
    assert [result.threads for result in results] == [1, 2, 1]
    objectives = [result.objective for result in results]
    assert objectives == pytest.approx([objectives[0]] * 3, rel=1e-9)


def test_same_seed_gives_the_same_result(solver: str, medium_problem: Problem) -> None:
    """Two solves of one problem with one seed differ in nothing but their time."""
    first, second = (
        solve(medium_problem, Options(solver=solver, method="collapsed", seed=7)) for _ in range(2)
    )
    assert first.solution is not None
    assert second.solution is not None
    assert first.solution.assignment.tolist() == second.solution.assignment.tolist()
    assert first.solution.flow.tolist() == second.solution.flow.tolist()
    assert (first.objective, first.bound) == (second.objective, second.bound)
    assert (first.nodes, first.method) == (second.nodes, second.method)


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
def test_seed_does_not_change_the_optimum(solver: str, medium_problem: Problem, seed: int) -> None:
    """Every seed leads to the same optimum at gap 0."""
    result = solve(medium_problem, Options(solver=solver, method="collapsed", gap=0, seed=seed))
    reference = solve(medium_problem, Options(solver="highs", method="collapsed", gap=0))
    assert result.objective == pytest.approx(reference.objective, rel=1e-9)


def test_result_names_its_circumstances(solver: str, medium_problem: Problem) -> None:
    """A result says who solved what with which model, and how long it took."""
    result = solve(medium_problem, Options(solver=solver, method="collapsed", threads=1))
    module = {"highs": highs, "gurobi": gurobi}[solver]
    assert (result.solver, result.solver_version) == (solver, module.version)
    assert (result.method, result.threads, result.fallback_reason) == ("collapsed", 1, None)
    assert result.nodes is not None
    assert result.nodes >= 0
    assert result.build_s > 0
    assert result.solve_s > 0


def test_known_start_is_an_incumbent_from_the_first_moment(
    solver: str, hard_problem: Problem
) -> None:
    """Stopped before it can find one itself, a solver still has the solution it was given."""
    found = native.search(hard_problem, gap=1e-2, time_limit_s=60).assignment
    assert found is not None
    start = collapsed.write(hard_problem, found)
    known = collapsed.read(hard_problem, start)
    assert violations(hard_problem, known) == []
    assert known.assignment.tolist() == found.tolist()
    program = replace(collapsed.formulate(hard_problem), start=start)
    answer = BACKENDS[solver].solve(program, Options(solver=solver, gap=0, time_limit_s=0.1))
    assert answer.values is not None
    assert program.cost @ answer.values <= program.cost @ start + 1e-6
