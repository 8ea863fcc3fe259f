"""Verification of a results table: every data file by its SHA-256, every row by its network."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipeline.config.folder import Folder
from pipeline.results.data_file import damage
from pipeline.results.recheck import COLUMNS, SOLVED, Recheck
from pipeline.results.schema import COORDINATE, describe_coordinate
from pipeline.results.table import scan_files

_BATCH_ROWS = 50_000
"""Rows read at a time."""

_MAX_LISTED = 20
"""Failing rows that a report lists; the others are only counted, to limit the memory."""


@dataclass
class VerificationReport:
    """Counts of the checked data files and rows, and the first of the failing rows.

    Parameters
    ----------
    files : int
        Data files of the table.
    damaged : dict of str to str
        Data files whose content is not what was committed, and why; their rows are not checked.
    statuses : Counter of str
        Rows by status.
    passing : int
        Rows with a solution and without a fault.
    failing : int
        Rows with faults, plus coordinates with several rows.
    listed : list of (coordinate, reason)
        The first `_MAX_LISTED` failing ones in the order of their coordinates.
    """

    files: int = 0
    damaged: dict[str, str] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    passing: int = 0
    failing: int = 0
    listed: list[tuple[tuple[Any, ...], str]] = field(default_factory=list)

    def fail(self, row: Mapping[str, Any], reason: str) -> None:
        """Count a failing coordinate."""
        self.failing += 1
        self.listed.append((tuple(row[name] for name in COORDINATE), reason))
        self.listed = sorted(self.listed)[:_MAX_LISTED]

    def __str__(self) -> str:
        solved = sum(self.statuses[status] for status in SOLVED)
        unsolved = [
            f"{count:,} {status.replace('_', ' ')}"
            for status, count in sorted(self.statuses.items())
            if status not in SOLVED
        ]
        lines = [
            f"data files   {self.files:,}",
            f"damaged      {len(self.damaged):,}",
            f"rows         {self.statuses.total():,}",
            f"solutions    {solved:,}",
            f"no solution  {self.statuses.total() - solved:,}"
            + (f": {', '.join(unsolved)}" if unsolved else ""),
            f"passing      {self.passing:,}",
            f"failing      {self.failing:,}",
        ]
        lines += [f"data file {name}: {reason}" for name, reason in sorted(self.damaged.items())]
        for coordinate, reason in self.listed:
            row = dict(zip(COORDINATE, coordinate, strict=True))
            lines.append(f"{describe_coordinate(row)}: {reason}")
        if self.failing > len(self.listed):
            lines.append(f"and {self.failing - len(self.listed):,} more")
        return "\n".join(lines)


def verify(run: Folder, files: set[str], recheck: Recheck) -> VerificationReport:
    """Check data files of a results table, and all rows of those that are not damaged, in batches.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    files : set of str
        Data files, named as by `pipeline.results.table.data_files`.
    recheck : Recheck
        Checks one row against its network.
    """
    faults_of_files = {name: damage(run, name) for name in files}
    damaged = {name: reason for name, reason in faults_of_files.items() if reason is not None}
    report = VerificationReport(len(files), damaged)
    table = scan_files(run, files - damaged.keys())
    for row in _rows(table):
        solved = row["status"] in SOLVED
        report.statuses[row["status"]] += 1
        faults = recheck.faults(row)
        if faults:
            report.fail(row, "; ".join(faults))
        else:
            report.passing += solved
    for row in _duplicates(table):
        report.fail(row, f"{row['len']} rows of one instance")
    return report


def _rows(table: pl.LazyFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows in the order of the data files, which a version of the table fixes."""
    columns = table.select(*COORDINATE, *COLUMNS)
    # One query per batch: polars reads the batches of a single query far ahead of their use, nearly
    # the whole table.
    for start in itertools.count(0, _BATCH_ROWS):
        batch = columns.slice(start, _BATCH_ROWS).collect(engine="streaming")
        yield from batch.iter_rows(named=True)
        if batch.height < _BATCH_ROWS:
            return


def _duplicates(table: pl.LazyFrame) -> Iterator[dict[str, Any]]:
    """Yield the coordinates with several rows, and their number ``len``."""
    duplicates = table.group_by(COORDINATE).len().filter(pl.col("len") > 1).sort(COORDINATE)
    yield from duplicates.collect(engine="streaming").iter_rows(named=True)
