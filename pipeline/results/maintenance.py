"""Upkeep of the results table: few large files in place of many small ones, and none outdated.

Every commit of a sweep adds a file, and readers open each of them. Compaction writes their rows
anew into few files and swaps them in one atomic commit; it goes with a running sweep, because a
commit that only adds rows conflicts with nothing. The files replaced stay on the disk for readers
that have begun, until they are vacuumed.
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
"""How long a replaced file stays by default, hours: a week."""

FILES_PER_ROW = 500 / 1e6
"""How many data files a table may have before `compact_if_fragmented` compacts it, beside the first."""

_SURELY_LEFT_HOURS = 24
"""Age from which a file outside the log is no commit that somebody is about to make."""

_APPLICATION = "sitesweep compaction"
_LONGEST_S = 24 * 3600
"""Age after which a claim is taken to be that of a process that was killed."""

_GROUP_ROWS = 50_000
"""Rows that a reader must hold at once, however large the file."""

_ATTEMPTS = 4
_COMMIT_RETRIES = 200
"""Tries of a claim while others append: appends do not contradict it, they only come first."""

_PAUSE_S = 0.5


def compact(run: Folder) -> tuple[int, int]:
    """Write the rows of a table into as few files as there need to be.

    Returns
    -------
    before, after : int
        Data files of the table; where nothing is to be gained, no commit is made.

    Raises
    ------
    UserError
        There is no results table of ours, it cannot be written, or another process compacts it
        at the same time.
    """
    before = len(data_files(open_table(run)))
    if before <= 1:
        return before, before
    with _user_errors(run), _exclusive(run) as table:
        table.optimize.compact(
            writer_properties=WriterProperties(compression="ZSTD", max_row_group_size=_GROUP_ROWS)
        )
    return before, len(data_files(open_table(run)))


def delete_error_rows(run: Folder, coordinates: pl.DataFrame) -> None:
    """Delete the error rows of some coordinates, as one atomic commit.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    coordinates : DataFrame
        The columns `pipeline.results.schema.COORDINATE`; rows of another status stay.

    Raises
    ------
    UserError
        There is no results table of ours, it cannot be written, or another process compacts it
        at the same time.
    """
    same = " AND ".join(f"there.{key} = gone.{key}" for key in COORDINATE)
    failed = f"there.status = '{Status.ERROR.value}'"
    with _user_errors(run), _exclusive(run) as table:
        for attempt in range(_ATTEMPTS):
            try:
                table.merge(
                    coordinates.to_arrow(), f"{same} AND {failed}", "gone", "there"
                ).when_matched_delete().execute()
                return
            except CommitFailedError:  # rows were added meanwhile
                if attempt == _ATTEMPTS - 1:
                    raise
            table.update_incremental()


def vacuum(run: Folder, keep_hours: int = KEEP_HOURS) -> int:
    """Delete files that a table no longer needs, from the disk.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    keep_hours : int
        How long ago the table must have let go of a file. A reader that has begun on an older
        state of the table fails once its files are gone: 0 is for a table that nobody reads. From
        a day on, files go too that no commit names, such as a killed writer leaves.

    Returns
    -------
    int
        Files deleted; where there are none, no commit is made.

    Raises
    ------
    UserError
        There is no results table of ours, or it cannot be written.
    """
    table = open_table(run)
    full = keep_hours >= _SURELY_LEFT_HOURS
    with _user_errors(run):
        outdated = table.vacuum(keep_hours, enforce_retention_duration=False, full=full)
        if outdated:
            table.vacuum(keep_hours, dry_run=False, enforce_retention_duration=False, full=full)
    return len(outdated)


def compact_if_fragmented(run: Folder) -> str | None:
    """Compact a table that has many files for its rows, and vacuum what is older than a week.

    To be called at the end of a sweep. It is a courtesy to readers: where it fails, because other
    processes are at it too or the disk is full, the rows are as safe as before, and it is left for
    the next time.

    Returns
    -------
    str or None
        Why the table is not tidy now, one line; None if it is.
    """
    try:
        table = open_table(run)
        if len(data_files(table)) > 1 + table.count() * FILES_PER_ROW:
            compact(run)
        vacuum(run)
    except UserError as error:
        return str(error)
    return None


@contextmanager
def _user_errors(run: Folder) -> Iterator[None]:
    """Tell what the table's library complains of as a user's mistake."""
    try:
        yield
    except (DeltaError, OSError) as error:
        folder = results_folder(run)
        raise UserError(f"cannot tidy up {folder}: {one_line(error)}; its rows are safe") from None


@contextmanager
def _exclusive(run: Folder) -> Iterator[DeltaTable]:
    """Have the rewriting of a table for oneself, also against other processes.

    The library lets two compactions of one state both in: each swaps the same files for a copy of
    its own, and every row is there twice. So a process first commits the time as its number in
    the log, and 0 when it is through; of two that start from one state the second is refused.
    """
    for attempt in range(_ATTEMPTS):
        time.sleep(attempt * _PAUSE_S)
        table = open_table(run)
        now = int(time.time())
        if now - (table.transaction_version(_APPLICATION) or 0) >= _LONGEST_S:
            try:
                _set_claim(table, now)
                break
            except CommitFailedError:
                continue
    else:
        raise UserError(f"another process rewrites {results_folder(run)}; try again in a while")
    try:
        yield open_table(run)
    finally:
        _set_claim(open_table(run), 0)


def _set_claim(table: DeltaTable, number: int) -> None:
    """Commit a number of this module's, and no rows."""
    properties = CommitProperties(
        app_transactions=[Transaction(_APPLICATION, number)], max_commit_retries=_COMMIT_RETRIES
    )
    table.create_write_transaction([], "append", table.schema(), commit_properties=properties)
