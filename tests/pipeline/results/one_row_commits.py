"""Tables of one-row commits, for the tests of maintenance."""

from __future__ import annotations

import itertools
from multiprocessing.synchronize import Event
from pathlib import Path

import polars as pl
import pyarrow as pa

from pipeline.engine.interface import error_table
from pipeline.results.committer import Committer
from pipeline.results.schema import COORDINATE
from pipeline.results.table import create_table, read_results
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job
from tests.pipeline.run_columns import RUN


def committer(run: Path) -> Committer:
    """Open a committer that commits immediately."""
    return Committer(run, 1, 3600.0, {"made by": "a test"})


def row(replication: int) -> pa.Table:
    """Make an error row; the replication makes its coordinate unique."""
    job = Job(NetworkCoordinate("A1", "C1", replication), (2.0,), 1.0)
    return error_table(RUN, (job,), 1, "made by a test")


def coordinates(rows: pa.Table) -> pl.DataFrame:
    """Return the coordinates of rows."""
    return pl.DataFrame(rows.select(COORDINATE))


def fill(run: Path, commits: int) -> None:
    """Create a table by so many commits of one row."""
    create_table(run)
    writer = committer(run)
    for replication in range(commits):
        writer.add(row(replication))


def replications(run: Path) -> list[int]:
    """List the replications in a table, ascending."""
    return read_results(run).collect(engine="in-memory")["replication"].sort().to_list()


def append_until(run: Path, stop: Event) -> None:
    """Append rows, one per commit, from replication 5 on, until an event is set."""
    writer = committer(run)
    for replication in itertools.count(5):
        writer.add(row(replication))
        if stop.wait(0.05):
            return
