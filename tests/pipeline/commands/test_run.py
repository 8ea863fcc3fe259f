"""A run computes what its table lacks: once, in any order, after any interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipeline.commands.run import main
from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.sections import validate
from pipeline.engine.driver import run
from pipeline.results import provenance
from pipeline.results.schema import COORDINATE
from pipeline.results.table import open_table, read_results, table_exists
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solve import solve

Table = Callable[[Path], pl.DataFrame]


def test_a_run_gives_every_instance_one_certified_row(tiny: list[str], tmp_path: Path) -> None:
    """2 allocations x 3 structures x 2 alphas are 12 rows, each within the gap asked for."""
    assert main([*tiny, f"out={tmp_path}"]) == 0
    found = read_results(tmp_path).collect(engine="in-memory")
    assert found.height == found.select(COORDINATE).n_unique() == 12
    assert set(found["status"]) == {"optimal"}
    assert (found["gap"] <= 1e-4 + 1e-6).all()
    assert found["objective"].equals(found["z1"])


def test_a_complete_run_computes_nothing_again(
    tiny: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second run says that all is done, and commits nothing."""
    main([*tiny, f"out={tmp_path}"])
    version = open_table(tmp_path).version()
    assert main([*tiny, f"out={tmp_path}"]) == 0
    assert "all done" in capsys.readouterr().err
    assert open_table(tmp_path).version() == version


def test_a_run_grows_along_its_axes(tiny: list[str], tmp_path: Path, deterministic: Table) -> None:
    """Fewer structures and alphas first, then all: the table is that of one go."""
    first, whole = tmp_path / "grown", tmp_path / "whole"
    main([*tiny, f"out={first}", "sweep.structure=[C1]", "sweep.alpha=[2]"])
    main([*tiny, f"out={first}"])
    main([*tiny, f"out={whole}"])
    assert deterministic(first).equals(deterministic(whole))


def test_shards_together_are_the_whole(
    tiny: list[str], tmp_path: Path, deterministic: Table
) -> None:
    """Three shards fill one table with the rows of an unsharded run."""
    sharded, whole = tmp_path / "sharded", tmp_path / "whole"
    for part in (1, 2, 3):
        main([*tiny, f"out={sharded}", f"shard={part}/3"])
    main([*tiny, f"out={whole}"])
    assert deterministic(sharded).equals(deterministic(whole))


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("seed=1", "seed: there 0, now 1"),
        ("solver.gap=0.01", "solver.gap: there 0.0001, now 0.01"),
        ("solver=auto", "solver.name: there highs, now auto"),
        ("network.fixed_cost=1", "network.fixed_cost: there 5000.0, now 1.0"),
    ],
)
def test_what_would_change_rows_is_refused_with_the_keys(
    tiny: list[str], tmp_path: Path, word: str, key: str
) -> None:
    """A table holds one configuration; the message names the keys that differ."""
    words = [*tiny, "sweep.allocation=[A6]", f"out={tmp_path}"]
    main(words)
    version = open_table(tmp_path).version()
    with pytest.raises(UserError) as caught:
        main([*words, word])
    assert key in str(caught.value)
    assert "choose another out=" in str(caught.value)
    assert open_table(tmp_path).version() == version


def test_a_dry_run_writes_nothing(
    tiny: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan goes to standard output, and the folder stays absent."""
    assert main([*tiny, f"out={tmp_path / 'plan'}", "dry_run=true"]) == 0
    assert "12 of 12 instances to solve" in capsys.readouterr().out
    assert not (tmp_path / "plan").exists()


def test_run_json_tells_what_made_the_rows(tiny: list[str], tmp_path: Path) -> None:
    """The run file holds configuration, versions, and the state of the code."""
    main([*tiny, f"out={tmp_path}"])
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["configuration"]["seed"] == 0
    assert record["configuration"]["sweep"]["alpha"] == [2.0, 20.0]
    assert record["versions"].keys() >= {"python", *provenance.PACKAGES}
    assert record["solver"].startswith("HiGHS")
    assert record.keys() == {"schema_version", "configuration", "solver", "versions", "git"}


def test_a_run_file_of_something_else_is_refused(tiny: list[str], tmp_path: Path) -> None:
    """A run.json that this version did not write stops the run in one line."""
    for text in ("not json", "[]", '{"schema_version": 0}'):
        (tmp_path / "run.json").write_text(text)
        with pytest.raises(UserError, match="not of this version"):
            main([*tiny, f"out={tmp_path}"])


def test_a_table_without_its_run_file_is_refused(tiny: list[str], tmp_path: Path) -> None:
    """Rows whose configuration is unknown are not added to."""
    main([*tiny, "sweep.allocation=[A6]", f"out={tmp_path}"])
    (tmp_path / "run.json").unlink()
    with pytest.raises(UserError, match="without a run.json"):
        main([*tiny, "sweep.allocation=[A6]", f"out={tmp_path}"])


def test_instances_that_fail_end_in_error_rows_and_exit_code_1(
    tiny: list[str], tmp_path: Path
) -> None:
    """A solver that raises costs its own instance only, and its traceback is kept."""

    def fails_at_20(problem: Problem, options: Options) -> Result:
        if problem.alpha == 20:
            raise RuntimeError("injected")
        return solve(problem, options)

    assert run(validate(compose("config", [*tiny, f"out={tmp_path}"])), fails_at_20) == 1
    found = read_results(tmp_path).collect(engine="in-memory")
    failed = found.filter(pl.col("status") == "error")
    assert set(failed["alpha"]) == {20.0}
    assert failed.height == 6
    assert all("injected" in error and "Traceback" in error for error in failed["error"])
    assert failed["z1"].null_count() == failed["objective"].null_count() == 6


WORDS = [
    *("sweep=smoke", "solver=highs", "solver.method=collapsed", "sweep.allocation=[A4,A6,A7]"),
    *("engine.chunk_s=0.01", "store.commit_s=0.05"),
]
"""18 instances, each of its 9 networks a chunk."""


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody stopped."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    assert main([*WORDS, "engine=serial", f"out={folder}"]) == 0
    return folder


@pytest.mark.parametrize("engine", ["serial", "ray"])
def test_a_killed_run_goes_on_to_the_table_of_an_uninterrupted_one(
    tmp_path: Path, deterministic: Table, uninterrupted: Path, engine: str
) -> None:
    """SIGKILL of the whole process group loses nothing committed and doubles nothing."""
    killed = tmp_path / "killed"
    driver = subprocess.Popen(
        [sys.executable, "-m", "pipeline", *WORDS, f"engine={engine}", f"out={killed}"],
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while rows_of(killed) == 0 and driver.poll() is None:
        assert time.monotonic() < deadline, "no row was committed"
        time.sleep(0.01)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.wait()
    committed = rows_of(killed)
    assert 0 < committed < 18
    assert main([*WORDS, "engine=serial", f"out={killed}"]) == 0
    assert deterministic(killed).equals(deterministic(uninterrupted))


@pytest.mark.parametrize("engine", ["serial", "ray"])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_commits_what_is_done_and_says_how_to_go_on(
    tmp_path: Path,
    deterministic: Table,
    uninterrupted: Path,
    engine: str,
    sent: signal.Signals,
    code: int,
) -> None:
    """Ctrl-C, and SIGTERM as batch systems send it: what was done stays."""
    stopped = tmp_path / "stopped"
    driver = subprocess.Popen(
        [sys.executable, "-m", "pipeline", *WORDS, f"engine={engine}", f"out={stopped}"],
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while rows_of(stopped) == 0 and driver.poll() is None:
        assert time.monotonic() < deadline, "no row was committed"
        time.sleep(0.01)
    before = rows_of(stopped)
    driver.send_signal(sent)
    begin = time.monotonic()
    _, told = driver.communicate()
    assert driver.returncode == code, told
    assert "the same command goes on from there" in told
    assert "Traceback" not in told
    assert before <= rows_of(stopped) < 18
    assert time.monotonic() - begin < 30  # and not when the longest solve is over
    assert main([*WORDS, "engine=serial", f"out={stopped}"]) == 0
    assert deterministic(stopped).equals(deterministic(uninterrupted))


def rows_of(run: Path) -> int:
    """Count the rows committed so far; 0 while there is no table."""
    if not table_exists(run):
        return 0
    return int(read_results(run).select(pl.len()).collect(engine="in-memory").item())
