"""Appends finished rows to the results table; each coordinate once, even with several writers.

This is optimistic concurrency control. A commit is based on one version of the table and fails if
another writer has committed since. Then the committer reads the new rows, drops its own rows of the
same coordinates, and tries again. So every commit was compared with all rows before it. No lock is
needed, so no killed process can leave one behind. `pipeline.results.commit` sees to it that a power
cut undoes nothing that counts as committed.
"""

from __future__ import annotations

import datetime
import json
import time
import uuid
from types import TracebackType

import polars as pl
import pyarrow as pa
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction

from pipeline.config.command import print_status
from pipeline.config.errors import Failure, UserError, one_line
from pipeline.config.folder import Folder
from pipeline.results.commit import attempts, commit, flush_newest_entry
from pipeline.results.data_file import without, write_data_file
from pipeline.results.schema import COORDINATE
from pipeline.results.table import (
    DRIVER_KEY,
    data_files,
    empty_results,
    open_table,
    read_commit,
    scan_files,
)

RUN_METADATA_KEY, _BATCH_KEY = "sitesweep", "sitesweep.batch"
"""Keys of a commit's metadata, beside `DRIVER_KEY`: run metadata as JSON, and the batch's id."""


class Committer:
    """Collects rows and appends those that the table lacks, a few seconds' worth per commit.

    Use it as a context manager: the rows that are left are committed at the end, also after an
    error. If two drivers compute the same coordinates by mistake, the one that began later stops
    as soon as it finds rows of the other one. The earlier driver goes on and drops its own rows of
    coordinates that are in the table already.

    Parameters
    ----------
    run : path or str
        Folder of a run whose table exists.
    commit_rows : int
        Number of rows after which to commit.
    commit_s : float
        Seconds after which to commit.
    run_metadata : dict
        Recorded with every commit, as JSON (see `pipeline.results.provenance`).
    """

    def __init__(
        self, run: Folder, commit_rows: int, commit_s: float, run_metadata: dict[str, object]
    ) -> None:
        self._run = run
        self._table = open_table(run, to_write=True)
        self._commit_rows = commit_rows
        self._commit_s = commit_s
        self._run_metadata = json.dumps(run_metadata, sort_keys=True)
        # The ids of drivers sort by start time; the random part makes them unique.
        self._driver = f"{datetime.datetime.now(datetime.UTC).isoformat()} {uuid.uuid4().hex}"
        self._pending: list[pa.Table] = []
        # Coordinates that other drivers have added since this one opened the table, up to the
        # version `_seen_version`, and whether the other driver began before this one.
        self._seen_version = self._table.version()
        no_rows = empty_results().select(COORDINATE).with_columns(from_earlier_driver=pl.lit(False))
        self._other_rows = no_rows.collect(engine="in-memory")
        self._flush()  # what the last writer committed, for it may have been killed before it did
        self._start_batch()

    def __enter__(self) -> Committer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # After these two errors another commit would fail for the same reason.
        if not isinstance(error, UserError | Failure):
            self.commit()

    def rows(self) -> pl.LazyFrame:
        """Return all rows in the version on which the next commit builds."""
        return scan_files(self._run, data_files(self._table))

    def add(self, rows: pa.Table) -> None:
        """Take rows, and commit if there are enough or enough time has passed.

        Raises
        ------
        UserError
            Another driver, which began earlier, writes the same coordinates.
        Failure
            The table cannot be written.
        """
        self._pending.append(rows)
        enough = sum(table.num_rows for table in self._pending) >= self._commit_rows
        if enough or time.monotonic() - self._batch_start >= self._commit_s:
            self.commit()

    def commit(self) -> None:
        """Append the rows taken so far as one atomic commit; raises the errors of `add`."""
        # An interrupt may have come after a commit and before `_pending` was emptied.
        if self._pending and not self._is_committed():
            self._append(pa.concat_tables(self._pending))
        self._pending = []
        self._start_batch()

    def _start_batch(self) -> None:
        self._batch = uuid.uuid4().hex
        self._batch_version = self._table.version()
        self._batch_start = time.monotonic()

    def _append(self, rows: pa.Table) -> None:
        """Append the rows that the table lacks; raise if an earlier driver computes the same."""
        must_stop = False
        file: AddAction | None = None
        for _ in attempts():
            self._read_other_drivers()
            duplicates = coordinates(rows).join(self._other_rows, on=COORDINATE)
            if not duplicates.is_empty():
                print_status(f"{duplicates.height} rows are left out: another driver came first")
                must_stop = must_stop or bool(duplicates["from_earlier_driver"].any())
                rows, file = without(rows, duplicates.select(COORDINATE)), None
            if rows.num_rows == 0:
                break
            file = file or self._write(rows)
            if self._commit(file) or self._is_committed():
                break
        else:
            raise self._failure("other writers always came first")
        if must_stop:
            raise UserError(
                f"another driver, which began earlier, writes the same instances of {self._run}: "
                "this one stops; all its rows are kept"
            )

    def _write(self, rows: pa.Table) -> AddAction:
        try:
            return write_data_file(self._run, [rows])
        except OSError as error:
            raise self._failure(error) from error

    def _commit(self, file: AddAction) -> bool:
        """Commit a data file; return False if another writer committed first."""
        metadata = {
            RUN_METADATA_KEY: self._run_metadata,
            DRIVER_KEY: self._driver,
            _BATCH_KEY: self._batch,
        }
        try:
            self._table = commit(self._run, self._table, [file], metadata)
        except CommitFailedError as error:
            if not self._update_table():
                raise self._failure(error) from error
            return False
        except (DeltaError, OSError) as error:
            raise self._failure(error) from error
        self._seen_version += 1
        return True

    def _flush(self) -> None:
        try:
            flush_newest_entry(self._run, self._table)
        except OSError as error:
            raise self._failure(error) from error

    def _update_table(self) -> bool:
        """Load the newest version of the table; return whether it was newer."""
        old_version = self._table.version()
        try:
            self._table.update_incremental()
        except (DeltaError, OSError) as error:
            raise self._failure(error) from error
        return self._table.version() > old_version

    def _read_other_drivers(self) -> None:
        """Read what others have added up to the version that the next commit is based on."""
        for version in range(self._seen_version + 1, self._table.version() + 1):
            try:
                commit = read_commit(self._run, version)
                is_earlier = commit.driver is not None and commit.driver < self._driver
                rows = (
                    scan_files(self._run, commit.added_files)
                    .select(COORDINATE)
                    .with_columns(from_earlier_driver=pl.lit(is_earlier))
                    .collect(engine="in-memory")
                )
            except OSError as error:
                raise self._failure(error) from error
            self._other_rows = pl.concat([self._other_rows, rows])
            self._seen_version = version

    def _is_committed(self) -> bool:
        """Return whether the log already contains the commit of this batch, and flush it then.

        A store may carry out a commit although its response is lost.
        """
        n_new = self._table.version() - self._batch_version
        found = n_new > 0 and any(
            commit.get(_BATCH_KEY) == self._batch for commit in self._table.history(n_new)
        )
        if found:
            self._flush()
        return found

    def _failure(self, reason: object) -> Failure:
        return Failure(
            f"cannot commit to {self._run}: {one_line(reason)}; the rows before are safe, "
            "the same command goes on once the cause is gone"
        )


def coordinates(rows: pa.Table) -> pl.DataFrame:
    """Return the coordinate columns of rows."""
    frame = pl.from_arrow(rows.select(COORDINATE))
    assert isinstance(frame, pl.DataFrame)
    return frame
