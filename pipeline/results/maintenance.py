"""Maintenance of the results table: compaction and vacuum.

Every commit of a sweep adds a file, and readers open every file. Compaction copies the rows into a
few large files, which replace the small ones in one atomic commit. It may run during a sweep,
because a commit that only adds rows conflicts with nothing. The replaced files stay on the disk for
readers that opened the table before, until a vacuum deletes them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa
from deltalake import DeltaTable, Transaction
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, RemoveAction

from pipeline.config.errors import UserError, one_line
from pipeline.config.folder import Folder
from pipeline.results import storage
from pipeline.results.commit import attempts, commit, flush_newest_entry
from pipeline.results.data_file import read_data_file, write_data_file
from pipeline.results.table import data_files, open_table, results_folder

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

_FULL_FILE_ROWS = 500_000
"""Rows from which a data file is not joined with others."""

_MAX_ATTEMPTS = 4
_PAUSE_S = 0.5
"""Attempts at a lease that others hold; the pause before an attempt grows by `_PAUSE_S`."""


def compact(run: Folder) -> tuple[int, int]:
    """Rewrite a table with few data files, of `_FULL_FILE_ROWS` rows or more except the last.

    Returns
    -------
    before, after : int
        Number of data files. If no two can be joined, the table is left without a commit.

    Raises
    ------
    UserError
        There is no results table of sitesweep, it cannot be written, or another process rewrites
        it at the same time.
    """
    table = open_table(run)
    before = len(data_files(table))
    if not _groups(table):
        return before, before
    with _errors_as_user_errors(run), _rewrite_lease(run) as table:
        groups = _groups(table)
        added = [
            write_data_file(
                run, (rows for name in group for rows in read_data_file(run, name)), new_rows=False
            )
            for group in groups
        ]
        joined = [name for group in groups for name in group]
        if not replace_files(run, joined, added, new_rows=False):
            raise UserError(
                f"another process has rewritten {results_folder(run)}; its rows are safe"
            )
    return before, len(data_files(open_table(run)))


def _groups(table: DeltaTable) -> list[list[str]]:
    """Return the files that a compaction joins, those of each new file in a list."""
    groups: list[list[str]] = [[]]
    rows = 0
    for name, n_rows in _row_counts(table).items():
        if n_rows < _FULL_FILE_ROWS:
            groups[-1].append(name)
            rows += n_rows
        if rows >= _FULL_FILE_ROWS:
            groups.append([])
            rows = 0
    return [group for group in groups if len(group) > 1]


def _row_counts(table: DeltaTable) -> dict[str, int]:
    """Return the number of rows of each data file, by name."""
    files = pa.table(table.get_add_actions(flatten=True)).sort_by("path")
    return dict(zip(files["path"].to_pylist(), files["num_records"].to_pylist(), strict=True))


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
        Number of deleted files.

    Raises
    ------
    UserError
        There is no results table of sitesweep, or it cannot be written.
    """
    table = open_table(run)
    full = keep_hours >= _ORPHAN_HOURS
    with _errors_as_user_errors(run):
        unneeded = table.vacuum(keep_hours, enforce_retention_duration=False, full=full)
        existing = storage.file_sizes(results_folder(run)).keys() & set(unneeded)
        flush_newest_entry(run, table)  # a replaced file is needed until its replacement is durable
        storage.delete(results_folder(run), *existing)
    return len(existing)


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
def _errors_as_user_errors(run: Folder) -> Iterator[None]:
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

    Else two processes could replace the same files, each by its own copy, or rewrite them in vain.
    A process first commits a lease to the log: the time as the number of an application
    transaction, and 0 when it is done.
    """
    for attempt in range(_MAX_ATTEMPTS):
        time.sleep(attempt * _PAUSE_S)
        if _commit(run, _is_free, lease=int(time.time())):
            break
    else:
        raise UserError(f"another process rewrites {results_folder(run)}; try again in a while")
    try:
        yield open_table(run, to_write=True)
    finally:
        _commit(run, lease=0)


def _is_free(table: DeltaTable) -> bool:
    return time.time() - (table.transaction_version(_LEASE_APPLICATION) or 0) >= _LEASE_S


def replace_files(
    run: Folder,
    removed: list[str],
    added: list[AddAction],
    metadata: dict[str, str] | None = None,
    *,
    new_rows: bool = True,
) -> bool:
    """Replace data files of a table in one commit, while others append.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    removed, added : list
        Names of the old files, and the new files.
    metadata : dict of str to str, optional
        Recorded with the commit.
    new_rows : bool
        Whether the new files hold other rows than the old ones; a compaction's do not.

    Returns
    -------
    bool
        False if another process has replaced one of the old files; then nothing is committed.
    """
    now_ms = time.time_ns() // 10**6
    unchanged = {file.path for file in added} & set(removed)  # a name is the hash of the content
    actions: list[AddAction | RemoveAction] = [
        *(file for file in added if file.path not in unchanged),
        *(RemoveAction(name, new_rows, now_ms) for name in removed if name not in unchanged),
    ]
    return _commit(run, lambda table: data_files(table).issuperset(removed), actions, metadata)


def _commit(
    run: Folder,
    condition: Callable[[DeltaTable], bool] = lambda table: True,
    actions: Sequence[AddAction | RemoveAction] = (),
    metadata: dict[str, str] | None = None,
    lease: int | None = None,
) -> bool:
    """Commit to the newest version of a table; return False if it does not meet the condition.

    A `lease` is the time since 1970 of its beginning, or 0 for its end.
    """
    table = open_table(run, to_write=True)
    leases = [] if lease is None else [Transaction(_LEASE_APPLICATION, lease)]
    for _ in attempts():
        if not condition(table):
            return False
        version = table.version()
        try:
            commit(run, table, actions, metadata, leases)
            return True
        except CommitFailedError:
            table.update_incremental()
            if table.version() == version:
                raise
    raise UserError(f"other writers to {results_folder(run)} always came first; its rows are safe")
