"""How far a run is, counted from its results table."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import polars as pl

from pipeline.config.sections import Config
from pipeline.results.schema import COORDINATE
from pipeline.sweep.chunks import PendingWork
from pipeline.sweep.grid import Sweep
from solvers.result import Status

RECENT = datetime.timedelta(minutes=10)
"""The span of the last minutes, over which the current pace is measured."""

_SLOWEST = 10
_REASONS = 5
_REASON_LETTERS = 100


@dataclass(frozen=True)
class RunStatus:
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


def run_status(table: pl.LazyFrame, config: Config, now: datetime.datetime) -> RunStatus:
    """Count what a table holds of a sweep.

    Parameters
    ----------
    table : LazyFrame
        Columns `pipeline.results.schema.RESULTS`. Only counts and the slowest rows of it are kept in
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
    work_s = PendingWork(sweep, done, whole).predicted_s
    paced_s = PendingWork(sweep, ~lately, whole).predicted_s
    times = pl.col("finished_at")
    first, last, rows = (
        table.select(times.min().alias("first"), times.max().alias("last"), pl.len())
        .collect(engine="streaming")
        .row(0)
    )
    span_s = RECENT.total_seconds() if first is None else window_s(first, now)
    inside = int(done.sum())
    return RunStatus(
        instances=sweep.n_instances,
        done=inside,
        outside=rows - inside,
        statuses=_counts(table, pl.col("status")),
        first=first,
        last=last,
        recent=int(recent.select(pl.len()).collect(engine="streaming").item()),
        left_s=work_s / paced_s * span_s if paced_s else None,
        reasons=_counts(table.filter(pl.col("status") == Status.ERROR), _reason(), _REASONS),
        slowest=table.select(*COORDINATE, "solve_s", "status")
        .drop_nulls("solve_s")
        .sort("solve_s", *COORDINATE, descending=[True] + [False] * len(COORDINATE))
        .head(_SLOWEST)
        .collect(engine="streaming"),
    )


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


def window_s(first: datetime.datetime, now: datetime.datetime) -> float:
    """Seconds of the last minutes in which the run was there."""
    return max(1.0, min(RECENT, now - first).total_seconds())
