"""The report on a run says what its table holds, and nothing that it cannot know."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from pipeline.commands.run import main as sweep
from pipeline.commands.status import lines, main
from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.sections import Config, validate
from pipeline.results.run_status import RECENT, run_status
from pipeline.results.schema import RESULTS
from pipeline.results.table import create_table, open_table
from pipeline.sweep.predicted_time import predicted_s

Row = dict[str, Any]

NOW = datetime.datetime(2026, 2, 3, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture(scope="module")
def config() -> Config:
    """Give a sweep of 24 instances: A2, A4, A6, A7 x C1, C11, C19 x alpha 2, 20."""
    return validate(compose("config", ["sweep=smoke", "shard=2/3"]))


def row(allocation: str, structure: str, alpha: float, minutes_ago: float, **more: Any) -> Row:
    """Make a row that was finished some minutes ago."""
    known = {
        **{"allocation": allocation, "structure": structure, "replication": 0, "scale": 1},
        **{"alpha": alpha, "status": "optimal", "solve_s": 1.0, "attempt": 1},
        "finished_at": NOW - minutes_ago * MINUTE,
    }
    return dict.fromkeys(RESULTS.names) | known | more


def table(*rows: Row) -> pl.LazyFrame:
    """Make a table of rows."""
    frame = pl.from_arrow(pa.Table.from_pylist(list(rows), schema=RESULTS))
    assert isinstance(frame, pl.DataFrame)
    return frame.lazy()


def said(config: Config, *rows: Row) -> str:
    """Report on rows."""
    return "\n".join(lines(run_status(table(*rows), config, NOW), NOW))


def test_rows_are_counted_against_the_whole_sweep(config: Config) -> None:
    """All shards count together, though run.json is the first shard's; each row by its status."""
    rows = [
        row("A2", "C1", 2.0, 5),
        row("A2", "C1", 20.0, 5),
        row("A7", "C19", 2.0, 5, status="time_limit"),
    ]
    text = said(config, *rows)
    assert "3 of 24 have a row (12.5 %)" in text
    assert "status       2 optimal\n             1 time limit\n" in text
    assert "more rows" not in text


def test_rows_of_axes_that_grew_later_are_told_apart(config: Config) -> None:
    """Another alpha, structure or replication is not of the sweep in run.json."""
    rows = [row("A2", "C1", 2.0, 5), row("A2", "C1", 3.0, 5), row("A2", "C2", 2.0, 5)]
    text = said(config, *rows, row("A2", "C1", 2.0, 5, replication=1))
    assert "1 of 24 have a row" in text
    assert "3 more rows are of instances added to the sweep later" in text


def test_the_pace_is_that_of_the_last_minutes_and_of_all(config: Config) -> None:
    """One row 100 minutes ago and two within ten: 0.2 a minute lately, 0.03 over all."""
    rows = [row("A2", "C1", 2.0, 101), row("A2", "C1", 20.0, 9), row("A2", "C11", 20.0, 1)]
    text = said(config, *rows)
    assert "0.2 rows a minute in the last 10 minutes, 0.0 from first to last row" in text
    assert "last row     2026-02-03 11:59:00 UTC, 1 min 0 s ago" in text


def test_the_time_left_is_that_of_the_predicted_work(config: Config) -> None:
    """The easy half took a minute: what is left takes as much longer as it is harder."""
    counts = config.network.allocations
    hard, easy = (predicted_s(counts[name], 1) for name in ("A2", "A4"))
    structures, alphas = ("C1", "C11", "C19"), (2.0, 20.0)
    rows = [
        row(name, structure, alpha, 20 if name != "A4" else 5)
        for name in ("A4", "A6", "A7")
        for structure in structures
        for alpha in alphas
    ]
    left = run_status(table(*rows), config, NOW).left_s
    assert left == pytest.approx(hard / easy * RECENT.total_seconds())


def test_without_recent_rows_the_time_left_is_unknown(config: Config) -> None:
    """A run that stands still has no pace to go by, and the report asks whether it runs."""
    found = run_status(table(row("A2", "C1", 2.0, 11)), config, NOW)
    assert found.left_s is None
    assert "time left    unknown" in "\n".join(lines(found, NOW))


def test_a_complete_run_has_no_time_left(config: Config) -> None:
    """With a row for each instance there is nothing to wait for."""
    rows = [
        row(name, structure, alpha, 1)
        for name in ("A2", "A4", "A6", "A7")
        for structure in ("C1", "C11", "C19")
        for alpha in (2.0, 20.0)
    ]
    text = said(config, *rows)
    assert "24 of 24 have a row (100.0 %)" in text
    assert "time left" not in text


def test_errors_are_told_by_their_most_common_lines(config: Config) -> None:
    """Of a traceback the last line, of anything else the first; the most frequent on top."""
    failed = {"status": "error", "solve_s": None}
    trace = "Traceback (most recent call last):\n  File x\nValueError: a long story"
    rows = [
        row("A2", "C1", 2.0, 5, **failed, error="node lost\nits log"),
        row("A2", "C1", 20.0, 5, **failed, error=trace),
        row("A2", "C11", 20.0, 5, **failed, error=trace + "\n"),
        row("A2", "C19", 20.0, 5, **failed, error=None),
        row("A4", "C1", 2.0, 5, status="infeasible", error="too little capacity"),
    ]
    text = said(config, *rows)
    assert (
        "errors       2 x ValueError: a long story\n"
        "             1 x no reason recorded\n"
        "             1 x node lost\n"
    ) in text
    assert "too little" not in text


def test_the_ten_longest_solves_are_named(config: Config) -> None:
    """Longest first; rows without a time are none of them."""
    labels = [f"C{number}" for number in range(1, 13)]
    rows = [row("A2", label, 2.0, 5, solve_s=float(label[1:])) for label in labels]
    found = run_status(table(*rows, row("A4", "C1", 2.0, 5, solve_s=None)), config, NOW)
    assert found.slowest["solve_s"].to_list() == [float(n) for n in range(12, 2, -1)]
    assert "12.00 s  A2 C12 replication 0 scale 1 alpha 2, optimal" in "\n".join(lines(found, NOW))


def test_an_empty_table_is_reported(config: Config) -> None:
    """Before the first commit there is a count of zero, and nothing else to say."""
    assert said(config) == "instances    0 of 24 have a row (0.0 %)"


def test_the_command_reports_on_a_run(
    tiny: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From run.json and the table alone; short lines, for a terminal or a pipe."""
    words = [*tiny, "solver.method=collapsed", f"out={tmp_path}"]
    sweep(words)
    capsys.readouterr()
    assert main([f"run={tmp_path}"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("instances    12 of 12 have a row (100.0 %)\nstatus       12 optimal\n")
    assert max(map(len, text.splitlines())) <= 116


def test_a_report_does_not_disturb_the_sweep(tiny: list[str], tmp_path: Path) -> None:
    """The table and the folder are as they were."""
    sweep([*tiny, "solver.method=collapsed", "sweep.allocation=[A6]", f"out={tmp_path}"])
    before = sorted(tmp_path.rglob("*")), open_table(tmp_path).version()
    main([f"run={tmp_path}"])
    assert (sorted(tmp_path.rglob("*")), open_table(tmp_path).version()) == before


def test_without_a_run_there_is_nothing_to_report(tmp_path: Path) -> None:
    """A folder that is no run is a user's mistake; so is a table without a run.json."""
    with pytest.raises(UserError, match="no results table"):
        main([f"run={tmp_path}"])
    create_table(tmp_path)
    with pytest.raises(UserError, match=r"run\.json"):
        main([f"run={tmp_path}"])
