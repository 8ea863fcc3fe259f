"""No chunk begins that cannot end before the job does, and the next job goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.commands.run import main
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.engine.driver import run
from pipeline.engine.end_time import SLURM_END_TIME, end_time, is_too_late
from pipeline.results.schema import COORDINATE
from pipeline.results.table import read_results
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solve import solve
from solvers.start import Start

Table = Callable[[Path], pl.DataFrame]


def test_the_configured_time_comes_before_that_of_slurm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without either, no end is known."""
    monkeypatch.delenv(SLURM_END_TIME, raising=False)
    assert end_time(None) is None
    monkeypatch.setenv(SLURM_END_TIME, "1000")
    assert end_time(None) == 1000.0
    assert end_time(datetime(1970, 1, 1, 0, 1, tzinfo=UTC)) == 60.0


def test_it_is_too_late_when_less_than_the_time_limit_is_left() -> None:
    """100 s before the end, with a limit of 90 s or of 110 s, and without a known end."""
    end = time.time() + 100
    assert not is_too_late(end, 90.0)
    assert is_too_late(end, 110.0)
    assert not is_too_late(None, 110.0)


def solve_until_the_end(problem: Problem, options: Options, start: Start | None) -> Result:
    """Solve, but return only when less than the time limit is left before `END`."""
    result = solve(problem, options, start)
    while time.time() + options.time_limit_s <= float(os.environ[SLURM_END_TIME]):
        time.sleep(0.05)
    return result


@pytest.mark.parametrize(
    ("engine", "seconds"),
    [
        (("engine=serial", "engine.in_process=true"), 5),
        pytest.param(("engine=ray", "engine.workers=1"), 30, marks=pytest.mark.slow),
    ],
    ids=["serial", "ray"],
)
def test_a_worker_leaves_the_instances_of_its_chunk_for_which_it_is_too_late(
    engine: tuple[str, str],
    seconds: int,
    tiny: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All chunks are handed out in time; each worker ends its instance and begins no other."""
    words = [*tiny[:-1], *engine, "solver.time_limit_s=60", f"out={tmp_path}"]
    config = validate(compose("config", words))
    monkeypatch.setenv(SLURM_END_TIME, str(int(time.time()) + 60 + seconds))
    assert run(config, solve_until_the_end) == 1
    assert read_results(tmp_path).collect().height == 1
    assert "no further instance begins" in capsys.readouterr().err
    monkeypatch.delenv(SLURM_END_TIME)
    assert main(words) == 0


def test_a_run_that_stops_before_the_end_of_its_job_is_incomplete(
    tiny: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is solved, the exit code is 1, and the same command without the limit goes on."""
    words = [*tiny, "engine=serial", f"out={tmp_path}"]
    soon = (datetime.now(UTC) + timedelta(seconds=5)).isoformat(timespec="seconds")
    assert main([*words, f"engine.until='{soon}'"]) == 1
    assert "no further instance begins" in capsys.readouterr().err
    assert read_results(tmp_path).collect().is_empty()
    assert main(words) == 0
    assert read_results(tmp_path).select(COORDINATE).collect().height > 0
