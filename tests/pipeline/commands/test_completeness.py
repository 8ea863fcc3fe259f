"""What a run lacks is a fact of its folder; the exit codes follow from the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipeline.commands import status
from pipeline.commands.compact import main as compact
from pipeline.commands.plan import plan
from pipeline.commands.run import main
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.engine.driver import run
from pipeline.results.schema import COORDINATE
from pipeline.results.table import read_results
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.solve import solve
from solvers.start import Start

Capture = pytest.CaptureFixture[str]
Solve = Callable[[Problem, Options, Start | None], Result]

ONE = ["sweep.allocation=[A6]", "sweep.structure=[C1]", "engine.in_process=true"]
"""Two instances, solved in this process so that a test can replace the solver."""


def statuses(folder: Path) -> list[str]:
    """List the statuses of a run's rows, in the order of their coordinates."""
    return read_results(folder).sort(COORDINATE).collect(engine="in-memory")["status"].to_list()


def fails_at_20(problem: Problem, options: Options, start: Start | None) -> Result:
    """Fail for alpha = 20."""
    if problem.alpha == 20:
        raise RuntimeError("injected")
    return solve(problem, options, start)


def stops_early(problem: Problem, options: Options, start: Start | None) -> Result:
    """Solve, but claim for alpha = 20 that time ran out with an eighth of the bound."""
    result = solve(problem, options, start)
    if problem.alpha != 20 or options.time_limit_s > 1:
        return result
    bound = (result.bound or 0.0) / 8
    return Result(
        Status.TIME_LIMIT, "native", "native", "1", 1, solution=result.solution,
        cost=result.cost, bound=bound,
    )  # fmt: skip


def run_with(solver: Solve, words: list[str]) -> int:
    """Run a sweep with another solver."""
    return run(validate(compose("config", words)), solver)


def test_a_rerun_over_error_rows_does_not_end_with_0(
    tiny: list[str], tmp_path: Path, capsys: Capture
) -> None:
    """Error rows end a run, its rerun and its status with 1; a retry that succeeds with 0."""
    words = [*tiny, *ONE, f"out={tmp_path}"]
    assert run_with(fails_at_20, words) == 1
    assert main(words) == 1
    assert capsys.readouterr().err.endswith("2 instances: 1 certified, 1 error\n")
    assert status.main([f"run={tmp_path}"]) == 1
    assert main([*words, "retry=errors"]) == 0
    assert statuses(tmp_path) == ["optimal", "optimal"]
    assert status.main([f"run={tmp_path}"]) == 0


def test_a_run_that_was_grown_in_part_is_incomplete(
    tiny: list[str], tmp_path: Path, capsys: Capture
) -> None:
    """A shard answers for its own rows, status for all that was ever asked of the folder."""
    words = [*tiny, f"out={tmp_path}"]
    assert main([*words, "sweep.allocation=[A6]"]) == 0
    assert status.main([f"run={tmp_path}"]) == 0
    assert main([*words, "shard=1/3"]) == 0
    capsys.readouterr()
    assert status.main([f"run={tmp_path}"]) == 1
    assert "of 12 have a row" in capsys.readouterr().out
    compact([f"run={tmp_path}", "keep_hours=0"])
    assert status.main([f"run={tmp_path}"]) == 1
    assert main([*words, "sweep.allocation=[A6]"]) == 0  # this command's own rows are all there
    printed = capsys.readouterr().err
    assert "all commands on this folder: 12 instances: " in printed
    assert " missing" in printed
    assert main(words) == 0
    assert status.main([f"run={tmp_path}"]) == 0


def test_a_selection_is_stored_once(tiny: list[str], tmp_path: Path) -> None:
    """The same command again adds no file; another sweep adds one."""
    words = [*tiny, f"out={tmp_path}", "sweep.allocation=[A6]"]
    main(words)
    main([*words, "shard=1/2", "solver.time_limit_s=9"])
    assert len(list((tmp_path / "selections").iterdir())) == 1
    main([*words, "sweep.alpha=[2]"])
    assert len(list((tmp_path / "selections").iterdir())) == 2


def test_uncertified_rows_are_counted_and_retried_with_more_time(
    tiny: list[str], tmp_path: Path, capsys: Capture
) -> None:
    """They do not change the exit code; retry=unproven replaces them, from where they stood."""
    words = [*tiny, *ONE, f"out={tmp_path}"]
    short, starts = [*words, "solver.time_limit_s=0.5"], list[Start | None]()

    def observed(problem: Problem, options: Options, start: Start | None) -> Result:
        starts.append(start)
        return stops_early(problem, options, start)

    assert run_with(stops_early, short) == 0
    assert capsys.readouterr().err.endswith("2 instances: 1 certified, 1 uncertified\n")
    old = read_results(tmp_path).sort(COORDINATE).collect(engine="in-memory")
    assert old["status"].to_list() == ["optimal", "time_limit"]
    assert run_with(observed, [*short, "retry=errors"]) == 0
    assert starts == []
    assert "0 of 2 instances to solve" in plan(validate(compose("config", words)))
    retry = validate(compose("config", [*words, "retry=unproven"]))
    assert "1 of 2 instances to solve" in plan(retry)
    assert run_with(observed, [*words, "retry=unproven", "solver.time_limit_s=60"]) == 0
    (start,) = starts
    assert start is not None
    assert list(start.assignment or ()) == old["assignment"][1].to_list()
    assert start.bound == old["bound"][1]
    new = read_results(tmp_path).sort(COORDINATE).collect(engine="in-memory")
    assert new["status"].to_list() == ["optimal", "optimal"]
    assert new["time_limit_s"].to_list() == [0.5, 60.0]
    assert (new["objective"] <= old["objective"]).all()
    assert new.filter(pl.col("alpha") == 2).equals(old.filter(pl.col("alpha") == 2))


def test_an_old_row_stands_until_its_instance_is_solved(tiny: list[str], tmp_path: Path) -> None:
    """A retry that ends before its first row, or fails, changes no row."""
    words = [*tiny, *ONE, f"out={tmp_path}"]
    run_with(stops_early, [*words, "solver.time_limit_s=0.5"])
    before = read_results(tmp_path).sort(COORDINATE).collect(engine="in-memory")

    def interrupted(problem: Problem, options: Options, start: Start | None) -> Result:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_with(interrupted, [*words, "retry=unproven"])
    assert read_results(tmp_path).sort(COORDINATE).collect(engine="in-memory").equals(before)
    assert run_with(fails_at_20, [*words, "retry=unproven"]) == 0
    assert read_results(tmp_path).sort(COORDINATE).collect(engine="in-memory").equals(before)
