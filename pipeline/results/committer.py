"""Appends finished rows to the results table: each coordinate once, whoever else writes.

A commit builds on one version of the table, and fails if another commit came first. Then the rows
that came are read, and only what they lack is tried again: so every commit was checked against all
rows before it. Nothing is ever locked, and so nothing can stay locked.
"""

from __future__ import annotations

import datetime
import json
import random
import sys
import time
import uuid
from collections.abc import Iterator
from types import TracebackType

import polars as pl
import pyarrow as pa
from deltalake import CommitProperties, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from pipeline.config.errors import Failure, UserError, one_line
from pipeline.config.folder import Folder
from pipeline.results.schema import COORDINATE
from pipeline.results.table import (
    DRIVER,
    data_files,
    empty_results,
    files_added_by,
    open_table,
    scan_files,
)

_TRIES = 200
_PAUSE_S, _LONGEST_PAUSE_S = 0.02, 2.0
"""Tries of a commit while other writers come first, and the pauses between them, which double."""

_PROVENANCE, _BATCH = "sitesweep", "sitesweep.batch"
"""What a commit says of itself, beside its driver: circumstances, and which rows these are."""


class Committer:
    """Appends rows to a table that lacks them, a few seconds' worth at a time.

    Use it as a context; what is still held is committed at the end, also after an error. Of two
    drivers that compute the same coordinates by mistake, the one that began later stops when it
    meets rows of the other; the other leaves out what is there.

    Parameters
    ----------
    run : path or str
        Folder of a run whose table exists.
    commit_rows : int
        Rows after which to commit.
    commit_s : float
        Seconds after which to commit.
    provenance : dict
        Recorded with every commit, as JSON.
    """

    def __init__(
        self, run: Folder, commit_rows: int, commit_s: float, provenance: dict[str, object]
    ) -> None:
        self._run = run
        self._table = open_table(run)
        self._commit_rows = commit_rows
        self._commit_s = commit_s
        self._provenance = json.dumps(provenance, sort_keys=True)
        # Drivers sort by their start; the rest tells apart what began together.
        self._driver = f"{datetime.datetime.now(datetime.UTC).isoformat()} {uuid.uuid4().hex}"
        self._pending: list[pa.Table] = []
        self._seen_version = self._table.version()
        # What other drivers added since, and whether they began before this one.
        none = empty_results().select(COORDINATE).with_columns(older=pl.lit(False))
        self._other_rows = none.collect(engine="in-memory")
        self._start_batch()

    def __enter__(self) -> Committer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not isinstance(error, UserError | Failure):  # a second try would fail as the first did
            self.commit()

    def rows(self) -> pl.LazyFrame:
        """Coordinates of all rows, at the state that the next commit builds on."""
        return scan_files(self._run, data_files(self._table)).select(COORDINATE)

    def add(self, rows: pa.Table) -> None:
        """Take rows over; they are safe once committed.

        Raises
        ------
        UserError
            Another driver, which began earlier, writes the same coordinates.
        Failure
            The table cannot be written.
        """
        self._pending.append(rows)
        enough = sum(held.num_rows for held in self._pending) >= self._commit_rows
        if enough or time.monotonic() - self._since >= self._commit_s:
            self.commit()

    def commit(self) -> None:
        """Append what is held as one atomic commit; raises as `add` does."""
        # An interrupt may have come between a commit and the note that it was done.
        if self._pending and not self._is_committed():
            self._append(pa.concat_tables(self._pending))
        self._pending = []
        self._start_batch()

    def _start_batch(self) -> None:
        self._batch = uuid.uuid4().hex
        self._version = self._table.version()
        self._since = time.monotonic()

    def _append(self, rows: pa.Table) -> None:
        """Append what the table lacks, and stop if an older driver computes the same."""
        stops = False
        for _ in self._tries():
            self._refresh_other_drivers()
            there = _coordinates(rows).join(self._other_rows, on=COORDINATE)
            if not there.is_empty():
                _log(f"{there.height} rows are left out: another driver came first")
                stops = stops or bool(there["older"].any())
                rows = _without(rows, there)
            if self._write(rows) or self._is_committed():
                break
        if stops:
            raise UserError(
                f"another driver, which began earlier, writes the same instances of {self._run}: "
                "this one stops; all its rows are kept"
            )

    def _write(self, rows: pa.Table) -> bool:
        """Commit rows; False if another commit came first, which is to be learned from."""
        if rows.num_rows == 0:
            return True
        metadata = {_PROVENANCE: self._provenance, DRIVER: self._driver, _BATCH: self._batch}
        try:
            write_deltalake(
                self._table,
                rows,
                mode="append",
                writer_properties=WriterProperties(compression="ZSTD"),
                commit_properties=CommitProperties(custom_metadata=metadata, max_commit_retries=0),
            )
        except CommitFailedError as error:
            if not self._is_behind():
                raise self._failure(error) from error
            return False
        except (DeltaError, OSError) as error:
            raise self._failure(error) from error
        self._seen_version = self._table.version()
        return True

    def _is_behind(self) -> bool:
        """Bring the table up to date; say whether that changed anything."""
        base = self._table.version()
        try:
            self._table.update_incremental()
        except (DeltaError, OSError) as error:
            raise self._failure(error) from error
        return self._table.version() > base

    def _refresh_other_drivers(self) -> None:
        """Note what others added up to the version that the next commit builds on."""
        for version in range(self._seen_version + 1, self._table.version() + 1):
            try:
                driver, names = files_added_by(self._run, version)
                theirs = scan_files(self._run, names).select(COORDINATE)
                older = driver is not None and driver < self._driver
                rows = theirs.with_columns(older=pl.lit(older)).collect(engine="in-memory")
            except OSError as error:
                raise self._failure(error) from error
            self._other_rows = pl.concat([self._other_rows, rows])
            self._seen_version = version

    def _tries(self) -> Iterator[None]:
        for attempt in range(_TRIES):
            yield
            pause_s = min(_LONGEST_PAUSE_S, _PAUSE_S * 2 ** min(attempt, 10))
            time.sleep(pause_s * random.random())
        raise self._failure(f"other writers came first {_TRIES} times")

    def _is_committed(self) -> bool:
        """Whether the commit of this batch is in the log already."""
        newer = self._table.version() - self._version
        return newer > 0 and any(
            entry.get(_BATCH) == self._batch for entry in self._table.history(newer)
        )

    def _failure(self, why: object) -> Failure:
        return Failure(
            f"cannot commit to {self._run}: {one_line(why)}; the rows before are safe, "
            "the same command goes on once the cause is gone"
        )


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _without(rows: pa.Table, coordinates: pl.DataFrame) -> pa.Table:
    """Rows of other coordinates, in their order."""
    left = _coordinates(rows).with_row_index().join(coordinates, on=COORDINATE, how="anti")
    return rows.take(left["index"].sort().to_arrow())


def _coordinates(rows: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(rows.select(COORDINATE))
    assert isinstance(frame, pl.DataFrame)
    return frame
