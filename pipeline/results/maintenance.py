"""Maintenance of the results table: compaction, deletion of error rows, vacuum.

Every commit of a sweep adds a file, and readers open every file. Compaction copies the rows into a
few large files, which replace the small ones in one atomic commit. It may run during a sweep,
because a commit that only adds rows conflicts with nothing. The replaced files stay on the disk for
readers that opened the table before, until a vacuum deletes them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties
from deltalake.exceptions import CommitFailedError, DeltaError

from pipeline.config.errors import UserError, one_line
from pipeline.config.folder import Folder
from pipeline.results.schema import COORDINATE
from pipeline.results.table import data_files, open_table, results_folder
from solvers.result import Status

KEEP_HOURS = 168
"""Hours that a replaced file stays by default: a week."""

MAX_FILES_PER_ROW = 500 / 1e6
"""Data files per row, beyond the first file, above which `maintain` compacts a table."""

_ORPHAN_HOURS = 24
"""Age from which a file that no commit names cannot belong to a commit in progress any more."""

_LEASE_APPLICATION = "sitesweep compaction"
"""Application id under which the lease stands in the table's log."""

_LEASE_S = 24 * 3600
"""Age after which a lease is void: its process was killed."""

_ROW_GROUP_ROWS = 50_000
"""Rows per row group of a Parquet file; readers hold whole row groups in memory."""

_MAX_ATTEMPTS = 4
_PAUSE_S = 0.5
"""Attempts at a lease or a deletion; the pause before an attempt at a lease grows by `_PAUSE_S`."""

_LEASE_COMMIT_RETRIES = 200
"""Retries of a lease's commit while others append rows; appends do not conflict with a lease."""


def compact(run: Folder) -> tuple[int, int]:
    """Rewrite a table with as few data files as possible.

    Returns
    -------
    before, after : int
        Number of data files. A table of one file is left as it is, without a commit.

    Raises
    ------
    UserError
        There is no results table of sitesweep, it cannot be written, or another process rewrites
        it at the same time.
    """
    before = len(data_files(open_table(run)))
    if before <= 1:
        return before, before
    with _delta_errors_as_user_errors(run), _rewrite_lease(run) as table:
        table.optimize.compact(
            writer_properties=WriterProperties(
                compression="ZSTD", max_row_group_size=_ROW_GROUP_ROWS
            )
        )
    return before, len(data_files(open_table(run)))


def delete_error_rows(run: Folder, coordinates: pl.DataFrame) -> None:
    """Delete the error rows of some coordinates in one atomic commit.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    coordinates : DataFrame
        The columns `pipeline.results.schema.COORDINATE`; rows of another status stay.

    Raises
    ------
    UserError
        There is no results table of sitesweep, it cannot be written, or another process rewrites
        it at the same time.
    """
    same = " AND ".join(f"target.{key} = source.{key}" for key in COORDINATE)
    is_error = f"target.status = '{Status.ERROR.value}'"
    with _delta_errors_as_user_errors(run), _rewrite_lease(run) as table:
        for attempt in range(_MAX_ATTEMPTS):
            try:
                table.merge(
                    coordinates.to_arrow(), f"{same} AND {is_error}", "source", "target"
                ).when_matched_delete().execute()
                return
            except CommitFailedError:  # another process has added rows
                if attempt == _MAX_ATTEMPTS - 1:
                    raise
            table.update_incremental()


def vacuum(run: Folder, keep_hours: int = KEEP_HOURS) -> int:
    """Delete the files that a table no longer needs from the disk.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    keep_hours : int
        Files that were replaced less than so many hours ago stay. A reader that opened an older
        version of the table fails once its files are deleted, so 0 is only for a table that nobody
        reads. From 24 hours on, also files that no commit names are deleted, which a killed writer
        leaves behind.

    Returns
    -------
    int
        Number of deleted files; if there are none, no commit is made.

    Raises
    ------
    UserError
        There is no results table of sitesweep, or it cannot be written.
    """
    table = open_table(run)
    full = keep_hours >= _ORPHAN_HOURS
    with _delta_errors_as_user_errors(run):
        unneeded = table.vacuum(keep_hours, enforce_retention_duration=False, full=full)
        if unneeded:
            table.vacuum(keep_hours, dry_run=False, enforce_retention_duration=False, full=full)
    return len(unneeded)


def maintain(run: Folder) -> str | None:
    """Compact a table that has many files for its rows, and vacuum files older than `KEEP_HOURS`.

    To be called at the end of a sweep. This only makes reading faster. If it fails, because another
    process rewrites the table or the disk is full, the rows are safe and the next sweep tries
    again.

    Returns
    -------
    str or None
        Why the maintenance failed, in one line; None if it did not.
    """
    try:
        table = open_table(run)
        if len(data_files(table)) > 1 + table.count() * MAX_FILES_PER_ROW:
            compact(run)
        vacuum(run)
    except UserError as error:
        return str(error)
    return None


@contextmanager
def _delta_errors_as_user_errors(run: Folder) -> Iterator[None]:
    try:
        yield
    except (DeltaError, OSError) as error:
        folder = results_folder(run)
        raise UserError(
            f"maintenance of {folder} failed: {one_line(error)}; its rows are safe"
        ) from None


@contextmanager
def _rewrite_lease(run: Folder) -> Iterator[DeltaTable]:
    """Take the exclusive right to rewrite a table; give it back at the end.

    Deltalake does not reject the second of two `optimize.compact()` that start from the same
    version: each replaces the same files by its own copy, and every row is there twice. So a
    process first commits a lease to the log: the time as the number of an application transaction,
    and 0 when it is done. Of two leases that start from the same version the second is rejected.
    """
    for attempt in range(_MAX_ATTEMPTS):
        time.sleep(attempt * _PAUSE_S)
        table = open_table(run, to_write=True)
        now_s = int(time.time())
        if now_s - (table.transaction_version(_LEASE_APPLICATION) or 0) >= _LEASE_S:
            try:
                _commit_lease(table, now_s)
                break
            except CommitFailedError:
                continue
    else:
        raise UserError(f"another process rewrites {results_folder(run)}; try again in a while")
    try:
        yield open_table(run, to_write=True)
    finally:
        _commit_lease(open_table(run), 0)


def _commit_lease(table: DeltaTable, start_s: int) -> None:
    """Commit the start of a lease, seconds since 1970, or 0 for its end; the rows do not change."""
    properties = CommitProperties(
        app_transactions=[Transaction(_LEASE_APPLICATION, start_s)],
        max_commit_retries=_LEASE_COMMIT_RETRIES,
    )
    table.create_write_transaction([], "append", table.schema(), commit_properties=properties)
