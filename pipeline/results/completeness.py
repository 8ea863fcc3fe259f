"""Completeness: how many of the instances asked for have a row, and with which status."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.config.sections import Config
from pipeline.results.schema import COORDINATE
from pipeline.sweep.chunks import PendingWork
from pipeline.sweep.grid import Sweep
from pipeline.sweep.union import Union
from solvers.problem import count
from solvers.result import Status

UNCERTIFIED = (Status.TIME_LIMIT, Status.NO_SOLUTION)
"""Statuses of instances without a proof, which more time may give."""


@dataclass(frozen=True)
class Completeness:
    """Counts of the instances asked for.

    Parameters
    ----------
    instances : int
        How many were asked for.
    missing : int
        How many of them have no row.
    statuses : dict of str to int
        Rows of the others by status; the most frequent first.
    """

    instances: int
    missing: int
    statuses: dict[str, int]

    @property
    def certified(self) -> int:
        """Rows with a proof of optimality within the gap."""
        return self.statuses.get(Status.OPTIMAL, 0)

    @property
    def infeasible(self) -> int:
        """Rows with a proof that there is no solution."""
        return self.statuses.get(Status.INFEASIBLE, 0)

    @property
    def uncertified(self) -> int:
        """Rows without a proof, with or without a solution."""
        return sum(self.statuses.get(status, 0) for status in UNCERTIFIED)

    @property
    def errors(self) -> int:
        """Error rows."""
        return self.statuses.get(Status.ERROR, 0)

    @property
    def is_complete(self) -> bool:
        """Whether every instance has a row, and none is an error row."""
        return not self.missing and not self.errors

    def __repr__(self) -> str:
        return f"Completeness({self})"

    def __str__(self) -> str:
        counts = {
            "certified": self.certified,
            "infeasible": self.infeasible,
            "uncertified": self.uncertified,
            "error": self.errors,
            "missing": self.missing,
        }
        named = [f"{n:,} {name}" for name, n in counts.items() if n or name == "certified"]
        return f"{count(self.instances, 'instance')}: {', '.join(named)}"


def of_union(table: pl.LazyFrame, union: Union) -> Completeness:
    """Count the rows of a table against all that was asked of a run.

    Parameters
    ----------
    table : LazyFrame
        Columns `pipeline.results.schema.RESULTS`.
    union : Union
        Of the run's selections.
    """
    instances = missing = 0
    for sweep, own in union.parts():
        instances += int(own.sum())
        missing += int((own & ~sweep.done_mask(table)).sum())
    return Completeness(instances, missing, _sum([_count(union.rows(table))]))


def of_command(table: pl.LazyFrame, config: Config) -> Completeness:
    """Count the rows of a table against what one command asks for: its shard of its sweep."""
    sweep, (part, parts) = Sweep.of(config), config.shard_of
    work = PendingWork(sweep, sweep.done_mask(table), config)
    in_shard = pl.col("network") % parts == part - 1
    batches = sweep.numbered_batches(table.select(*COORDINATE, "status"))
    counts = [_count(batch.lazy().filter(in_shard)) for batch in batches]
    return Completeness(work.n_instances_of_shard, work.n_instances, _sum(counts))


def _count(rows: pl.LazyFrame) -> pl.DataFrame:
    return rows.group_by("status").len().collect(engine="streaming")


def _sum(counts: list[pl.DataFrame]) -> dict[str, int]:
    """Add counts of statuses; the most frequent first."""
    if not counts:
        return {}
    total = pl.concat(counts).group_by("status").agg(pl.col("len").sum())
    return dict(total.sort(["len", "status"], descending=[True, False]).iter_rows())
