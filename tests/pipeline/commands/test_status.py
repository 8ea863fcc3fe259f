"""The report on a run follows from its table, and leaves out what is unknown."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from pipeline.commands.run import main as run_sweep
from pipeline.commands.status import main, report_lines
from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.sections import Config, validate
from pipeline.results.run_status import RECENT, RunStatus, run_status
from pipeline.results.schema import RESULTS
from pipeline.results.table import create_table, open_table
from pipeline.sweep.grid import Sweep
from pipeline.sweep.predicted_time import predicted_s
from pipeline.sweep.union import Union

Row = dict[str, Any]

NOW = datetime.datetime(2026, 2, 3, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture(scope="module")
def config() -> Config:
    """Give a sweep of 24 instances: A2, A4, A6, A7 x C1, C11, C19 x alpha 2, 20."""
    return validate(compose("config", ["sweep=smoke", "shard=2/3"]))


def row(allocation: str, structure: str, alpha: float, minutes_ago: float, **more: Any) -> Row:
    """Make a row that was finished a number of minutes ago."""
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


def report(config: Config, *rows: Row) -> str:
    """Return the report on a table of rows."""
    return "\n".join(report_lines(status_of(config, *rows), NOW))


def status_of(config: Config, *rows: Row) -> RunStatus:
    """Return the status of a run whose only command asked for a sweep."""
    return run_status(table(*rows), Union([Sweep.of(config)]), config, NOW)


def test_rows_are_counted_against_the_whole_sweep(config: Config) -> None:
    """Rows of all shards count, although run.json names one shard; each row by its status."""
    rows = [
        row("A2", "C1", 2.0, 5),
        row("A2", "C1", 20.0, 5),
        row("A7", "C19", 2.0, 5, status="time_limit"),
    ]
    text = report(config, *rows)
    assert "3 of 24 have a row (12.5 %)" in text
    assert "status       2 certified (optimal)\n             1 uncertified (time_limit)\n" in text


def test_rows_are_counted_against_the_union_of_all_selections(config: Config) -> None:
    """A later command asked for six replications of one network: five of them are new."""
    words = ["sweep=smoke", "sweep.allocation=[A2]", "sweep.structure=[C1]", "sweep.alpha=[2]"]
    later = validate(compose("config", [*words, "sweep.replications=6"]))
    union = Union([Sweep.of(config), Sweep.of(later)])
    rows = [row("A2", "C1", 2.0, 5), row("A2", "C1", 2.0, 5, replication=5)]
    text = "\n".join(report_lines(run_status(table(*rows), union, config, NOW), NOW))
    assert "2 of 29 have a row" in text


def test_the_pace_is_shown_for_the_last_minutes_and_for_the_whole_run(config: Config) -> None:
    """One row 101 minutes ago and two within ten minutes: 0.2 per minute, and 0.03 overall."""
    rows = [row("A2", "C1", 2.0, 101), row("A2", "C1", 20.0, 9), row("A2", "C11", 20.0, 1)]
    text = report(config, *rows)
    assert "0.2 rows per minute in the last 10 minutes, 0.0 from first to last row" in text
    assert "last row     2026-02-03 11:59:00 UTC, 1 min 0 s ago" in text


def test_the_time_left_follows_from_the_predicted_work(config: Config) -> None:
    """The time left is the recent window times remaining over recently done predicted work."""
    counts = config.network.allocations
    hard, easy = (predicted_s(counts[name], 1) for name in ("A2", "A4"))
    structures, alphas = ("C1", "C11", "C19"), (2.0, 20.0)
    rows = [
        row(name, structure, alpha, 20 if name != "A4" else 5)
        for name in ("A4", "A6", "A7")
        for structure in structures
        for alpha in alphas
    ]
    left = status_of(config, *rows).left_s
    assert left == pytest.approx(hard / easy * RECENT.total_seconds())


def test_without_recent_rows_the_time_left_is_unknown(config: Config) -> None:
    """Without recent rows there is no pace, and the report asks whether the sweep is running."""
    found = status_of(config, row("A2", "C1", 2.0, 11))
    assert found.left_s is None
    assert "time left    unknown" in "\n".join(report_lines(found, NOW))


def test_a_complete_run_has_no_time_left(config: Config) -> None:
    """If each instance has a row, the report shows no time left."""
    rows = [
        row(name, structure, alpha, 1)
        for name in ("A2", "A4", "A6", "A7")
        for structure in ("C1", "C11", "C19")
        for alpha in (2.0, 20.0)
    ]
    text = report(config, *rows)
    assert "24 of 24 have a row (100.0 %)" in text
    assert "time left" not in text


def test_errors_are_counted_by_their_reason(config: Config) -> None:
    """The reason is the last line of a traceback, or the first line of another text."""
    failed = {"status": "error", "solve_s": None}
    trace = "Traceback (most recent call last):\n  File x\nValueError: a long story"
    rows = [
        row("A2", "C1", 2.0, 5, **failed, error="node lost\nits log"),
        row("A2", "C1", 20.0, 5, **failed, error=trace),
        row("A2", "C11", 20.0, 5, **failed, error=trace + "\n"),
        row("A2", "C19", 20.0, 5, **failed, error=None),
        row("A4", "C1", 2.0, 5, status="infeasible", error="too little capacity"),
    ]
    text = report(config, *rows)
    assert (
        "errors       2 x ValueError: a long story\n"
        "             1 x no reason recorded\n"
        "             1 x node lost\n"
    ) in text
    assert "too little" not in text


def test_the_ten_longest_solves_are_named(config: Config) -> None:
    """Longest first, without the rows that have no time."""
    labels = [f"C{number}" for number in range(1, 13)]
    rows = [row("A2", label, 2.0, 5, solve_s=float(label[1:])) for label in labels]
    found = status_of(config, *rows, row("A4", "C1", 2.0, 5, solve_s=None))
    assert found.slowest["solve_s"].to_list() == [float(n) for n in range(12, 2, -1)]
    assert "12.00 s  A2 C12 replication 0 scale 1 alpha 2, optimal" in "\n".join(
        report_lines(found, NOW)
    )


def test_an_empty_table_is_reported(config: Config) -> None:
    """Before the first commit the report has only a count of zero."""
    assert report(config) == (
        "instances    0 of 24 have a row (0.0 %): incomplete\nstatus       24 missing"
    )


def test_the_command_reports_on_a_run(
    tiny: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report needs only run.json and the table, and its lines are short."""
    words = [*tiny, "solver=highs", f"out={tmp_path}"]
    run_sweep(words)
    capsys.readouterr()
    assert main([f"run={tmp_path}"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("instances    12 of 12 have a row (100.0 %): complete\n")
    assert "status       12 certified (optimal)\n" in text
    assert max(map(len, text.splitlines())) <= 116


def test_a_report_changes_nothing(tiny: list[str], tmp_path: Path) -> None:
    """Neither the table nor the folder changes."""
    run_sweep([*tiny, "solver=highs", "sweep.allocation=[A6]", f"out={tmp_path}"])
    before = sorted(tmp_path.rglob("*")), open_table(tmp_path).version()
    main([f"run={tmp_path}"])
    assert (sorted(tmp_path.rglob("*")), open_table(tmp_path).version()) == before


def test_a_report_without_a_run_is_a_mistake(tmp_path: Path) -> None:
    """A folder without a table is a user's mistake; so is a table without a run.json."""
    with pytest.raises(UserError, match="no results table"):
        main([f"run={tmp_path}"])
    create_table(tmp_path)
    with pytest.raises(UserError, match=r"run\.json"):
        main([f"run={tmp_path}"])


def test_a_long_reason_ends_with_a_whole_word(config: Config) -> None:
    """A reason is cut between two words and marked; one word without end is cut anywhere."""
    failed = {"status": "error", "solve_s": None}
    long, endless = "solver gave up " * 10, "x" * 300
    text = report(
        config,
        row("A2", "C1", 2.0, 5, **failed, error=long),
        row("A2", "C1", 20.0, 5, **failed, error=endless),
        row("A4", "C1", 20.0, 5, **failed, error="y" * 100),
    )
    assert f"1 x {'solver gave up ' * 6}solver …\n" in text
    assert f"1 x {'x' * 100} …\n" in text
    assert f"1 x {'y' * 100}" in text
    assert f"{'y' * 100} …" not in text
