"""The log and the callback of a solve: what they see, and how a callback stops a solve."""

import itertools
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from solvers.backends import gurobi
from solvers.formulations import collapsed
from solvers.native.model.parameters import RootParameters, SearchParameters
from solvers.options import Options
from solvers.problem import Problem
from solvers.progress import LOGGER, STOPPED, Monitor, Progress
from solvers.result import Result, Status
from solvers.solution import violations
from solvers.solve import solve

Network = Callable[..., Problem]

ALL = {
    "native": Options("native", gap=0),
    "highs": Options("highs", gap=0),
    "direct": Options("highs", "direct", gap=0),
    "gurobi": Options("gurobi", gap=0),
}

HANDED_OVER = SearchParameters(root=RootParameters(rounds=1), few_pairs_time_share=0)
"""With these, a MIP solver gets nearly all of the work."""


@pytest.fixture(params=ALL)
def options(request: pytest.FixtureRequest, hard_problem: Problem) -> Options:
    """Options of each solver in turn; Gurobi is skipped if no licence lets it start."""
    if request.param == "gurobi":
        reason = gurobi.why_unfit(collapsed.formulate(hard_problem))
        if reason is not None:
            pytest.skip(reason)
    return ALL[str(request.param)]


def stop_after(calls: int, seen: list[Progress]) -> Callable[[Progress], bool]:
    """Return a callback that keeps what it sees, and asks to stop in the given call."""

    def callback(progress: Progress) -> bool:
        seen.append(progress)
        return len(seen) == calls

    return callback


def assert_in_order(seen: list[Progress]) -> None:
    """Times and bounds never fall, incumbents never rise, and gaps follow from both."""
    for before, after in itertools.pairwise(seen):
        assert before.seconds <= after.seconds
        if before.bound is not None:
            assert after.bound is not None
            assert before.bound <= after.bound
        if before.incumbent is not None:
            assert after.incumbent is not None
            assert before.incumbent >= after.incumbent
    for progress in seen:
        assert (progress.gap is None) == (progress.incumbent is None or progress.bound is None)
        assert progress.gap is None or 0 <= progress.gap <= 1


def test_a_callback_stops_the_solve_with_an_honest_result(
    options: Options, hard_problem: Problem
) -> None:
    """It is not called again; the result has an incumbent, a bound, and the reason."""
    seen: list[Progress] = []
    result = solve(hard_problem, options, callback=stop_after(3, seen))
    assert len(seen) == 3
    assert_in_order(seen)
    assert result.status is Status.TIME_LIMIT, result.error
    assert result.fallback_reason == STOPPED
    assert result.solution is not None
    assert violations(hard_problem, result.solution) == []
    assert result.objective is not None
    assert result.bound is not None
    assert 0 < result.bound < result.objective


def test_a_search_that_is_stopped_at_once_has_no_solution(hard_problem: Problem) -> None:
    """The first call comes before any work; no MIP solver goes on after the stop."""
    result = solve(hard_problem, ALL["native"], callback=stop_after(1, []))
    assert (result.status, result.fallback_reason) == (Status.NO_SOLUTION, STOPPED)
    assert (result.method, result.objective) == ("native", None)


def test_a_solve_that_is_watched_has_the_same_result(options: Options, network: Network) -> None:
    """Neither callback nor log changes a number; the last progress does not contradict it."""
    problem = network(3, 10, 30, tightness=1.15, alpha=2.0, seed=5)
    seen: list[Progress] = []

    def summary(result: Result) -> tuple[object, ...]:
        assert result.solution is not None
        return (result.objective, result.bound, result.nodes, *result.solution.assignment)

    watched = solve(problem, options, callback=lambda progress: seen.append(progress))
    assert summary(watched) == summary(solve(problem, options))
    assert summary(solve(problem, options, log=True)) == summary(watched)
    assert_in_order(seen)
    assert watched.objective is not None
    rounding = 1e-6 * watched.objective
    assert all(each.bound is None or each.bound <= watched.objective + rounding for each in seen)
    assert all(
        each.incumbent is None or each.incumbent >= watched.objective - rounding for each in seen
    )


def test_search_and_mip_solver_are_one_progress(network: Network) -> None:
    """Incumbents, bounds and nodes go on from the search to HiGHS on the rest."""
    problem = network(3, 8, 20, tightness=1.15, alpha=2.0, seed=3)
    seen: list[Progress] = []
    result = solve(
        problem,
        ALL["native"],
        parameters=HANDED_OVER,
        callback=lambda progress: seen.append(progress),
    )
    assert (result.status, result.method) == (Status.OPTIMAL, "native+collapsed")
    assert_in_order(seen)
    assert {each.open_nodes is None for each in seen} == {True, False}
    assert result.objective is not None
    assert seen[-1].bound is not None
    assert seen[-1].bound <= result.objective * (1 + 1e-6)


def test_a_bound_of_a_restricted_part_counts_up_to_the_cutoff() -> None:
    """A part that leaves out solutions of cost 90 and more proves at most 90."""
    seen: list[Progress] = []
    monitor = Monitor(seen.append, log=False)
    assert not monitor.report(7, 2, 100.0, 80.0)
    monitor.begin_restricted_part(7, 90.0)
    assert not monitor.report(0, None, 100.0, 85.0)
    assert not monitor.report(1, None, 100.0, 99.0)
    assert [(each.nodes, each.bound) for each in seen] == [(7, 80.0), (7, 85.0), (8, 90.0)]


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_an_exception_in_the_callback_stops_the_solve_and_is_raised(
    options: Options, hard_problem: Problem, failure: type[BaseException]
) -> None:
    """Also where the callback is called by a solver in another language."""

    def callback(progress: Progress) -> bool:
        raise failure("mine")

    with pytest.raises(failure, match="mine"):
        solve(hard_problem, options, callback=callback)


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Return the lines that the logger gets during the test."""
    written: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: written.append(record.getMessage())  # type: ignore[method-assign]
    LOGGER.addHandler(handler)
    yield written
    LOGGER.removeHandler(handler)


def test_log_has_a_table_and_says_why_the_solve_stopped(
    options: Options, hard_problem: Problem, lines: list[str]
) -> None:
    """What solves, the titles, rows in the order of time, and the status, on the logger."""
    seen: list[Progress] = []
    solve(hard_problem, options, log=True, callback=stop_after(3, seen))
    first, titles, *rows, last = lines
    assert first.startswith(options.solver)
    assert titles.split() == ["time,", "s", "nodes", "open", "incumbent", "bound", "gap"]
    times = [float(row.split()[0]) for row in rows]
    assert times == sorted(times)
    assert re.match(r"time_limit after .* gap .* %", last)
    assert STOPPED in last


PRINT_LOG = """
import logging, sys
from solvers.options import Options
from solvers.problem import Problem
from solvers.solve import solve

if "handler" in sys.argv:
    logging.basicConfig(stream=sys.stderr)
problem = Problem([[1, 5]], [[3, 1]], [4], [10, 10], [2, 3], [100], 2)
solve(problem, Options(solver="highs"), log="silent" not in sys.argv)
assert logging.getLogger("sitesweep").handlers == []
"""


@pytest.mark.parametrize(
    ("word", "on_stdout", "on_stderr"),
    [("plain", True, False), ("handler", False, True), ("silent", False, False)],
)
def test_log_is_printed_once(word: str, on_stdout: bool, on_stderr: bool) -> None:
    """On stdout, or by the handlers of the program; without ``log=True`` there is none."""
    completed = subprocess.run(
        [sys.executable, "-c", PRINT_LOG, word],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert ("optimal after" in completed.stdout) == on_stdout
    assert ("optimal after" in completed.stderr) == on_stderr
