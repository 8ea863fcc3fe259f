"""A run computes the missing rows of its table once, also after an interruption."""

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
from solvers.start import Start

Table = Callable[[Path], pl.DataFrame]


def test_a_run_gives_every_instance_one_certified_row(tiny: list[str], tmp_path: Path) -> None:
    """2 allocations x 3 structures x 2 alphas give 12 rows, each within the configured gap."""
    assert main([*tiny, f"out={tmp_path}"]) == 0
    rows = read_results(tmp_path).collect(engine="in-memory")
    assert rows.height == rows.select(COORDINATE).n_unique() == 12
    assert set(rows["status"]) == {"optimal"}
    assert (rows["gap"] <= 1e-4 + 1e-6).all()
    assert rows["objective"].equals(rows["z1"])


def test_a_complete_run_computes_nothing_again(
    tiny: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second run prints that nothing is left, and commits nothing."""
    main([*tiny, f"out={tmp_path}"])
    version = open_table(tmp_path).version()
    assert main([*tiny, f"out={tmp_path}"]) == 0
    printed = capsys.readouterr().err
    assert "0 of 12 instances to solve" in printed
    assert printed.endswith("12 instances: 12 certified\n")
    assert open_table(tmp_path).version() == version


def test_a_run_grows_along_its_axes(tiny: list[str], tmp_path: Path, deterministic: Table) -> None:
    """A part of the axes first, then all of them: the table equals that of a single run."""
    grown, whole = tmp_path / "grown", tmp_path / "whole"
    main([*tiny, f"out={grown}", "sweep.structure=[C1]", "sweep.alpha=[2]"])
    main([*tiny, f"out={grown}"])
    main([*tiny, f"out={whole}"])
    assert deterministic(grown).equals(deterministic(whole))


def test_shards_together_give_the_whole_sweep(
    tiny: list[str], tmp_path: Path, deterministic: Table
) -> None:
    """Three shards write the rows of a run without shards into one table."""
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
        ("solver=auto", "solver.name: there native, now auto"),
        ("network.fixed_cost=1", "network.fixed_cost: there 5000.0, now 1.0"),
    ],
)
def test_a_configuration_that_would_change_rows_is_rejected(
    tiny: list[str], tmp_path: Path, word: str, key: str
) -> None:
    """A table belongs to one configuration; the message names the keys that differ."""
    words = [*tiny, "sweep.allocation=[A6]", f"out={tmp_path}"]
    main(words)
    version = open_table(tmp_path).version()
    with pytest.raises(UserError) as caught:
        main([*words, word])
    assert key in str(caught.value)
    assert "choose another out=" in str(caught.value)
    assert open_table(tmp_path).version() == version


def test_time_limit_and_threads_may_differ_from_command_to_command(
    tiny: list[str], tmp_path: Path
) -> None:
    """Both are columns; a run may be continued with others."""
    main([*tiny, "sweep.allocation=[A6]", f"out={tmp_path}", "solver.time_limit_s=100"])
    main([*tiny, f"out={tmp_path}", "solver.time_limit_s=200", "solver.threads=2"])
    rows = read_results(tmp_path).collect(engine="in-memory")
    limits = rows.select("allocation", "time_limit_s", "threads").unique().sort("allocation")
    assert limits.rows() == [("A4", 200.0, 2), ("A6", 100.0, 1)]
    assert rows["run_id"].n_unique() == 1


def test_run_json_records_how_the_rows_were_computed(tiny: list[str], tmp_path: Path) -> None:
    """run.json holds configuration, solver, versions, and the state of the code."""
    main([*tiny, f"out={tmp_path}"])
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["configuration"]["seed"] == 0
    assert record["configuration"]["sweep"]["alpha"] == [2.0, 20.0]
    assert record["versions"].keys() >= {"python", *provenance.PACKAGES}
    assert record["solver"].startswith("native search, then HiGHS")
    assert record.keys() == {"schema_version", "configuration", "solver", "versions", "git"}


def test_a_foreign_run_json_is_rejected(tiny: list[str], tmp_path: Path) -> None:
    """A run.json that this version did not write is a user's mistake."""
    for text in ("not json", "[]", '{"schema_version": 0}'):
        (tmp_path / "run.json").write_text(text)
        with pytest.raises(UserError, match="not of this version"):
            main([*tiny, f"out={tmp_path}"])


def test_a_table_without_its_run_json_is_rejected(tiny: list[str], tmp_path: Path) -> None:
    """No rows are added to a table whose configuration is unknown."""
    main([*tiny, "sweep.allocation=[A6]", f"out={tmp_path}"])
    (tmp_path / "run.json").unlink()
    with pytest.raises(UserError, match="without a run.json"):
        main([*tiny, "sweep.allocation=[A6]", f"out={tmp_path}"])


def fails_at_20(problem: Problem, options: Options, start: Start | None = None) -> Result:
    """Solve a problem unless its alpha is 20."""
    if problem.alpha == 20:
        raise RuntimeError("injected")
    return solve(problem, options, start)


@pytest.mark.parametrize("in_process", ["true", "false"])
def test_instances_that_fail_end_in_error_rows_and_exit_code_1(
    tiny: list[str], tmp_path: Path, in_process: str
) -> None:
    """An exception in the solver affects its own instance only; the row keeps the traceback."""
    words = [*tiny, f"engine.in_process={in_process}", f"out={tmp_path}"]
    assert run(validate(compose("config", words)), fails_at_20) == 1
    rows = read_results(tmp_path).collect(engine="in-memory")
    failed = rows.filter(pl.col("status") == "error")
    assert set(failed["alpha"]) == {20.0}
    assert failed.height == 6
    assert all("injected" in error and "Traceback" in error for error in failed["error"])
    assert failed["z1"].null_count() == failed["objective"].null_count() == 6


WORDS = [
    *("sweep=smoke", "solver=highs", "sweep.allocation=[A4,A6,A7]"),
    *("engine.chunk_s=0.01", "store.commit_s=0.05"),
]
"""18 instances; each of the 9 networks is a chunk."""


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a run without interruption."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    assert main([*WORDS, "engine=serial", f"out={folder}"]) == 0
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["serial", "ray"])
def test_a_killed_run_continues_to_the_same_table(
    tmp_path: Path, deterministic: Table, uninterrupted: Path, engine: str
) -> None:
    """SIGKILL of the whole process group loses no committed row and repeats none."""
    killed = tmp_path / "killed"
    driver = subprocess.Popen(
        [sys.executable, "-m", "pipeline", *WORDS, f"engine={engine}", f"out={killed}"],
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while n_rows(killed) == 0 and driver.poll() is None:
        assert time.monotonic() < deadline, "no row was committed"
        time.sleep(0.01)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.wait()
    committed = n_rows(killed)
    assert 0 < committed < 18
    assert main([*WORDS, "engine=serial", f"out={killed}"]) == 0
    assert deterministic(killed).equals(deterministic(uninterrupted))


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["serial", "ray"])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_commits_its_rows_and_explains_how_to_continue(
    tmp_path: Path,
    deterministic: Table,
    uninterrupted: Path,
    engine: str,
    sent: signal.Signals,
    code: int,
) -> None:
    """Ctrl-C, and SIGTERM as batch systems send it, keep all finished rows."""
    stopped = tmp_path / "stopped"
    driver = subprocess.Popen(
        [sys.executable, "-m", "pipeline", *WORDS, f"engine={engine}", f"out={stopped}"],
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while n_rows(stopped) == 0 and driver.poll() is None:
        assert time.monotonic() < deadline, "no row was committed"
        time.sleep(0.01)
    before = n_rows(stopped)
    driver.send_signal(sent)
    begin = time.monotonic()
    _, stderr = driver.communicate()
    assert driver.returncode == code, stderr
    assert "the same command goes on from there" in stderr
    assert "Traceback" not in stderr
    assert before <= n_rows(stopped) < 18
    assert time.monotonic() - begin < 30  # it does not wait for the longest solve
    assert main([*WORDS, "engine=serial", f"out={stopped}"]) == 0
    assert deterministic(stopped).equals(deterministic(uninterrupted))


def n_rows(run: Path) -> int:
    """Count the committed rows; 0 if there is no table yet."""
    if not table_exists(run):
        return 0
    return int(read_results(run).select(pl.len()).collect(engine="in-memory").item())
