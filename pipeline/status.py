"""Say how far a sweep is, from its results table; while it runs, and afterwards.

usage: python -m pipeline.status [run=FOLDER]

  run=outputs/paper   folder of the run (the default)

Exit codes: 0 done, 2 no results there.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from conf.command import run as run_command
from conf.compose import compose
from pipeline import provenance, store
from pipeline.chunks import Remaining
from pipeline.config import Config, RunFolder, Section, check, validate
from pipeline.schema import COORDINATE
from pipeline.sweep import Sweep
from solvers.result import Status

RECENT = datetime.timedelta(minutes=10)
"""What counts as the last minutes."""

_SLOWEST = 10
_REASONS = 5
_REASON_LETTERS = 100


class StatusConfig(Section):
    """Which run to report on."""

    run: RunFolder


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Parameters
    ----------
    instances : int
        Instances of the sweep in ``run.json``, all shards together.
    done : int
        How many of them have a row.
    outside : int
        Rows of instances that are not of that sweep: later runs may have grown its axes.
    statuses : dict of str to int
        Rows by status, of both kinds; the most frequent first.
    first, last : datetime or None
        When the first and the last row were finished, UTC.
    recent : int
        Rows finished in the last minutes, `RECENT`.
    left_s : float or None
        Seconds until all instances have a row, at the pace of the last minutes; None without
        rows in them. Of predicted work, not of rows: long solves come first.
    reasons : dict of str to int
        The most common reasons of error rows, one line each, and how many rows have them.
    slowest : DataFrame
        The longest solves: coordinate, ``solve_s`` and ``status``, the longest first.
    """

    instances: int
    done: int
    outside: int
    statuses: dict[str, int]
    first: datetime.datetime | None
    last: datetime.datetime | None
    recent: int
    left_s: float | None
    reasons: dict[str, int]
    slowest: pl.DataFrame


def main(words: list[str]) -> int:
    """Report on the run that the words name."""
    run = check(StatusConfig, compose("status", words)).run
    table = store.read(run)
    config = validate(provenance.read(run)["configuration"])
    now = datetime.datetime.now(datetime.UTC)
    print("\n".join(lines(progress(table, config, now), now)))
    return 0


def progress(table: pl.LazyFrame, config: Config, now: datetime.datetime) -> Progress:
    """Count what a table holds of a sweep.

    Parameters
    ----------
    table : LazyFrame
        Columns `pipeline.schema.RESULTS`. Only counts and the slowest rows of it are kept in
        memory, besides one bit of the sweep for every instance.
    config : Config
        The sweep; its shard is passed over.
    now : datetime
        Until when the last minutes are counted, UTC.
    """
    whole = config.model_copy(update={"shard": "1/1"})
    sweep = Sweep.of(whole)
    recent = table.filter(pl.col("finished_at").is_between(now - RECENT, now))
    # The rows that came lately are what a sweep without them would still have to compute.
    done, lately = sweep.done(table), sweep.done(recent)
    work_s = Remaining(sweep, done, whole).predicted_s
    paced_s = Remaining(sweep, ~lately, whole).predicted_s
    times = pl.col("finished_at")
    first, last, rows = (
        table.select(times.min().alias("first"), times.max().alias("last"), pl.len())
        .collect(engine="streaming")
        .row(0)
    )
    window_s = RECENT.total_seconds() if first is None else _window_s(first, now)
    inside = int(done.sum())
    return Progress(
        instances=sweep.n_instances,
        done=inside,
        outside=rows - inside,
        statuses=_counts(table, pl.col("status")),
        first=first,
        last=last,
        recent=int(recent.select(pl.len()).collect(engine="streaming").item()),
        left_s=work_s / paced_s * window_s if paced_s else None,
        reasons=_counts(table.filter(pl.col("status") == Status.ERROR), _reason(), _REASONS),
        slowest=table.select(*COORDINATE, "solve_s", "status")
        .drop_nulls("solve_s")
        .sort("solve_s", *COORDINATE, descending=[True] + [False] * len(COORDINATE))
        .head(_SLOWEST)
        .collect(engine="streaming"),
    )


def lines(found: Progress, now: datetime.datetime) -> Iterator[str]:
    """Write a report, line by line."""
    yield f"instances    {found.done:,} of {found.instances:,} have a row" + _percent(found)
    if found.outside:
        yield f"             {found.outside:,} more rows are of instances added to the sweep later"
    for number, (status, count) in enumerate(found.statuses.items()):
        yield f"{'' if number else 'status':13}{count:,} {status.replace('_', ' ')}"
    if found.first is None or found.last is None:
        return
    yield f"last row     {found.last:%Y-%m-%d %H:%M:%S} UTC, {_ago(now - found.last)} ago"
    yield f"pace         {_pace(found, now)}"
    if found.done < found.instances:
        yield f"time left    {_left(found)}"
    for number, (reason, count) in enumerate(found.reasons.items()):
        yield f"{'' if number else 'errors':13}{count:,} x {reason}"
    for number, row in enumerate(found.slowest.iter_rows(named=True)):
        where = (
            f"{row['allocation']} {row['structure']} replication {row['replication']} "
            f"scale {row['scale']} alpha {row['alpha']:g}"
        )
        yield f"{'' if number else 'slowest':13}{row['solve_s']:9.2f} s  {where}, {row['status']}"


def _counts(table: pl.LazyFrame, of: pl.Expr, at_most: int | None = None) -> dict[str, int]:
    """Count the rows by a value, the most frequent first."""
    counted = (
        table.group_by(of.alias("value")).len().sort(["len", "value"], descending=[True, False])
    )
    limited = counted if at_most is None else counted.head(at_most)
    return dict(limited.collect(engine="streaming").iter_rows())


def _reason() -> pl.Expr:
    """Take the line of an error that says most: the last one of a traceback, else the first."""
    told = pl.col("error").fill_null("no reason recorded").str.strip_chars().str.split("\n")
    line = pl.when(told.list.first().str.starts_with("Traceback")).then(told.list.last())
    return line.otherwise(told.list.first()).str.slice(0, _REASON_LETTERS)


def _window_s(first: datetime.datetime, now: datetime.datetime) -> float:
    """Seconds of the last minutes in which the run was there."""
    return max(1.0, min(RECENT, now - first).total_seconds())


def _percent(found: Progress) -> str:
    return f" ({math.floor(1000 * found.done / found.instances) / 10} %)"


def _pace(found: Progress, now: datetime.datetime) -> str:
    """Rows a minute, lately and over all."""
    assert found.first is not None
    assert found.last is not None
    lately = 60 * found.recent / _window_s(found.first, now)
    span_s = (found.last - found.first).total_seconds()
    minutes = RECENT.total_seconds() / 60
    told = f"{lately:,.1f} rows a minute in the last {minutes:g} minutes"
    rows = found.done + found.outside
    return told + (f", {60 * rows / span_s:,.1f} from first to last row" if span_s else "")


def _left(found: Progress) -> str:
    if found.left_s is None:
        return "unknown: no row in the last minutes; is the sweep running?"
    return (
        f"about {_ago(datetime.timedelta(seconds=found.left_s))}, at the pace of the last minutes"
    )


def _ago(span: datetime.timedelta) -> str:
    """Write a span in its two largest units."""
    seconds = max(0, round(span.total_seconds()))
    for unit_s, unit, part_s, part in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= unit_s:
            return f"{seconds // unit_s} {unit} {seconds % unit_s // part_s} {part}"
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"


if __name__ == "__main__":
    run_command(main, __doc__)
