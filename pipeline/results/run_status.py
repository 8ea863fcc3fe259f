"""The progress of a run, counted from its results table."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import polars as pl

from pipeline.config.sections import Config
from pipeline.results import completeness
from pipeline.results.completeness import Completeness
from pipeline.results.schema import COORDINATE
from pipeline.sweep.chunks import PendingWork
from pipeline.sweep.union import Union
from solvers.result import Status

RECENT = datetime.timedelta(minutes=10)
"""Time span before now over which the current pace is measured."""

_N_SLOWEST = 10
_N_REASONS = 5
_REASON_CHARACTERS = 100


@dataclass(frozen=True)
class RunStatus:
    """The progress of a run.

    Parameters
    ----------
    completeness : Completeness
        Of all instances that the commands of the run asked for.
    first, last : datetime or None
        When the first and the last row were finished, UTC.
    recent : int
        Rows finished within `RECENT`.
    left_s : float or None
        Seconds until all instances have a row, at the pace within `RECENT`; None if no row was
        finished in it. The pace is measured in predicted solution time, not in rows, because long
        solves come first.
    reasons : dict of str to int
        The most common reasons of error rows, one line each, and the number of rows.
    slowest : DataFrame
        The longest solves in descending order: coordinate, ``solve_s`` and ``status``.
    """

    completeness: Completeness
    first: datetime.datetime | None
    last: datetime.datetime | None
    recent: int
    left_s: float | None
    reasons: dict[str, int]
    slowest: pl.DataFrame


def run_status(
    table: pl.LazyFrame, union: Union, config: Config, now: datetime.datetime
) -> RunStatus:
    """Count the rows of a table against what was asked of a run.

    Parameters
    ----------
    table : LazyFrame
        Columns `pipeline.results.schema.RESULTS`. Only counts, the slowest rows and one Boolean per
        instance of the sweep are kept in memory.
    union : Union
        Of the run's selections.
    config : Config
        Of the run, for the predicted times; its sweep and shard are ignored.
    now : datetime
        End of the span `RECENT`, UTC.
    """
    whole = config.model_copy(update={"shard": "1/1"})
    recent = table.filter(pl.col("finished_at").is_between(now - RECENT, now))
    pending_s = recent_s = 0.0
    for sweep, own in union.parts():
        pending_s += PendingWork(sweep, sweep.done_mask(table) | ~own, whole).predicted_s
        # Predicted time of the recent rows: they are what is pending if everything else is done.
        recent_s += PendingWork(sweep, ~sweep.done_mask(recent) | ~own, whole).predicted_s
    times = pl.col("finished_at")
    first, last = (
        table.select(times.min().alias("first"), times.max().alias("last"))
        .collect(engine="streaming")
        .row(0)
    )
    span_s = RECENT.total_seconds() if first is None else window_s(first, now)
    return RunStatus(
        completeness=completeness.of_union(table, union),
        first=first,
        last=last,
        recent=int(recent.select(pl.len()).collect(engine="streaming").item()),
        left_s=pending_s / recent_s * span_s if recent_s else None,
        reasons=error_reasons(table),
        slowest=table.select(*COORDINATE, "solve_s", "status")
        .drop_nulls("solve_s")
        .sort("solve_s", *COORDINATE, descending=[True] + [False] * len(COORDINATE))
        .head(_N_SLOWEST)
        .collect(engine="streaming"),
    )


def error_reasons(table: pl.LazyFrame) -> dict[str, int]:
    """Return the most common reasons of the error rows of a table, and the number of rows."""
    return dict(
        table.filter(pl.col("status") == Status.ERROR)
        .group_by(_reason().alias("reason"))
        .len()
        .sort(["len", "reason"], descending=[True, False])
        .head(_N_REASONS)
        .collect(engine="streaming")
        .iter_rows()
    )


def _reason() -> pl.Expr:
    """Select the reason in an error: the last line of a traceback, else the first line."""
    lines = pl.col("error").fill_null("no reason recorded").str.strip_chars().str.split("\n")
    reason = pl.when(lines.list.first().str.starts_with("Traceback")).then(lines.list.last())
    whole = reason.otherwise(lines.list.first())
    # The longest beginning that ends with a word; a single word may be longer than the line.
    words = whole.str.extract(rf"^(.{{1,{_REASON_CHARACTERS}}})(?:\s|$)")
    start = words.fill_null(whole.str.slice(0, _REASON_CHARACTERS))
    return pl.when(start == whole).then(whole).otherwise(start + " …")


def window_s(first: datetime.datetime, now: datetime.datetime) -> float:
    """Return the seconds of the span `RECENT` since the run's first row; at least 1."""
    return max(1.0, min(RECENT, now - first).total_seconds())
