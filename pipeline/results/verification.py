"""Verification of a results table: every stored solution is checked against its network."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipeline.results.recheck import COLUMNS, SOLVED, Recheck, flows_unknown
from pipeline.results.schema import COORDINATE

_BATCH_ROWS = 50_000
_FAILING_TOLD = 20


@dataclass
class Tally:
    """What came of the rows.

    Parameters
    ----------
    statuses : Counter of str
        Rows by status.
    flows_unknown : int
        Solutions whose z1 may lie above that of the cheapest flows, see `recheck.flows_unknown`.
    passing : int
        Rows with a solution and without a fault.
    failing : int
        Rows with faults, and coordinates with several rows.
    told : list
        The first of the failing, by coordinate: at most `_FAILING_TOLD` of them, so that a table
        of which everything is wrong does not fill the memory.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    flows_unknown: int = 0
    passing: int = 0
    failing: int = 0
    told: list[tuple[tuple[Any, ...], str]] = field(default_factory=list)

    def fail(self, row: Mapping[str, Any], reason: str) -> None:
        """Count a failing coordinate."""
        self.failing += 1
        self.told.append((tuple(row[name] for name in COORDINATE), reason))
        self.told = sorted(self.told)[:_FAILING_TOLD]

    def __str__(self) -> str:
        solved = sum(self.statuses[status] for status in SOLVED)
        without = [
            f"{count:,} {status.replace('_', ' ')}"
            for status, count in sorted(self.statuses.items())
            if status not in SOLVED
        ]
        lines = [
            f"rows         {self.statuses.total():,}",
            f"solutions    {solved:,}",
            f"no solution  {self.statuses.total() - solved:,}"
            + (f": {', '.join(without)}" if without else ""),
            f"passing      {self.passing:,}",
            f"failing      {self.failing:,}",
        ]
        if self.flows_unknown:
            lines.append(
                f"{self.flows_unknown:,} solutions are of the direct model, whose flows are not "
                "stored: their z1 is checked to be no less than with the cheapest flows"
            )
        for (allocation, structure, replication, scale, alpha), reason in self.told:
            lines.append(
                f"{allocation} {structure} replication {replication} scale {scale} "
                f"alpha {alpha:g}: {reason}"
            )
        if self.failing > len(self.told):
            lines.append(f"and {self.failing - len(self.told):,} more")
        return "\n".join(lines)


def verify(table: pl.LazyFrame, recheck: Recheck) -> Tally:
    """Check all rows of a results table, some thousand at a time.

    Parameters
    ----------
    table : LazyFrame
        Columns `pipeline.results.schema.RESULTS`.
    recheck : Recheck
        The networks to hold it against.
    """
    tally = Tally()
    for row in _rows(table):
        solved = row["status"] in SOLVED
        tally.statuses[row["status"]] += 1
        tally.flows_unknown += solved and flows_unknown(row)
        faults = recheck.faults(row)
        if faults:
            tally.fail(row, "; ".join(faults))
        else:
            tally.passing += solved
    for row in _doubled(table):
        tally.fail(row, f"{row['len']} rows of one instance")
    return tally


def _rows(table: pl.LazyFrame) -> Iterator[dict[str, Any]]:
    """Go through a table in the order of its files, which is that of one state of it for good."""
    wanted = table.select(*COORDINATE, *COLUMNS)
    # Batches of one query would be read far ahead: nearly the whole table.
    for start in itertools.count(0, _BATCH_ROWS):
        batch = wanted.slice(start, _BATCH_ROWS).collect(engine="streaming")
        yield from batch.iter_rows(named=True)
        if batch.height < _BATCH_ROWS:
            return


def _doubled(table: pl.LazyFrame) -> Iterator[dict[str, Any]]:
    """Find the coordinates with several rows."""
    counted = table.group_by(COORDINATE).len().filter(pl.col("len") > 1).sort(COORDINATE)
    yield from counted.collect(engine="streaming").iter_rows(named=True)
