"""The results table: a Delta Lake table in the run's folder, and the only state of a run.

An atomic commit to the table's log adds rows (see `pipeline.results.committer`). Readers use the
log to find the data files, because a folder may also hold files of commits that failed. The folder
may be local or in an object store (see `pipeline.results.storage`).
"""

from __future__ import annotations

import json
import time
from typing import NamedTuple

import polars as pl
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import DeltaError

from pipeline.config.errors import Failure, UserError, one_line
from pipeline.config.folder import Folder, join_path
from pipeline.results import log, storage
from pipeline.results.schema import RESULTS, SCHEMA_VERSION

DRIVER_KEY = "sitesweep.driver"
"""Key of a commit's metadata: the id of the driver that wrote it. Ids sort by start time."""

CREATION_S, _CREATION_POLL_S = 5.0, 0.05
"""Seconds in which another process certainly creates its table, and between two looks."""

_SCHEMA_VERSION_KEY = "sitesweep.schema_version"
"""Key of the table's configuration."""


def results_folder(run: Folder) -> str:
    """Return the folder of a run's results table."""
    return join_path(run, "results")


def table_exists(run: Folder) -> bool:
    """Return whether a run has a results table; one whose creation was lost does not count.

    Raises
    ------
    UserError
        The folder cannot be read; for example, the bucket does not exist or permission is missing.
    """
    folder = results_folder(run)
    try:
        return DeltaTable.is_deltatable(folder) and _has_commit(folder)
    except (DeltaError, OSError) as error:
        raise UserError(f"cannot read {folder}: {one_line(error)}") from error


def read_results(run: Folder) -> pl.LazyFrame:
    """Scan the results table of a run, columns `pipeline.results.schema.RESULTS`, in no order.

    Raises
    ------
    UserError
        There is no results table, it cannot be read, or another program wrote it.

    Examples
    --------
    >>> import polars as pl
    >>> import sitesweep as ss
    >>> medians = ss.read_results(folder).group_by("allocation").agg(pl.col("z4").median())
    >>> medians.collect(engine="in-memory").rows()
    [('A6', ...)]
    """
    return scan_files(run, data_files(open_table(run)))


def scan_files(run: Folder, names: set[str], path_column: str | None = None) -> pl.LazyFrame:
    """Scan some data files of a run's table, named as by `data_files`.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    names : set of str
        The files.
    path_column : str, optional
        Name of a further column, with the path of a row's file.
    """
    # polars.scan_delta is not used: it takes the file names URL-quoted, as deltalake returns them,
    # and does not find them in a local folder with a space in its name.
    paths = [join_path(results_folder(run), name) for name in sorted(names)]
    if not paths:
        return empty_results()
    return pl.scan_parquet(paths, glob=False, include_file_paths=path_column)


def data_files(table: DeltaTable) -> set[str]:
    """Return the names of a table's data files, in the version that was opened or last updated."""
    return set(pa.table(table.get_add_actions(flatten=True))["path"].to_pylist())


class Commit(NamedTuple):
    """What a commit added to the table.

    Parameters
    ----------
    driver : str or None
        Id of the driver that wrote it; None for commits that no driver wrote: creation of
        the table, compaction, leases, deletion of error rows.
    added_files : set of str
        Data files with new rows. Files of a compaction, which hold the same rows as the files that
        they replace, are not among them.
    """

    driver: str | None
    added_files: set[str]


def read_commit(run: Folder, version: int) -> Commit:
    """Read the commit that made a version of the table.

    Raises
    ------
    OSError
        The log cannot be read.
    """
    driver, added_files = None, set()
    content = storage.read(log.log_folder(results_folder(run)), log.entry_name(version))
    for line in content.splitlines():
        action = json.loads(line)
        if "commitInfo" in action:
            driver = action["commitInfo"].get(DRIVER_KEY)
        elif action.get("add", {}).get("dataChange"):
            added_files.add(action["add"]["path"])
    return Commit(driver, added_files)


def empty_results() -> pl.LazyFrame:
    """Return a results table without rows, in memory."""
    frame = pl.from_arrow(RESULTS.empty_table())
    assert isinstance(frame, pl.DataFrame)
    return frame.lazy()


def open_table(run: Folder, version: int | None = None, *, to_write: bool = False) -> DeltaTable:
    """Open the results table of a run, in its newest or another version.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    version : int, optional
        Version of the table; the newest that was committed if left out.
    to_write : bool
        Whether commits follow: then a last log entry that was never committed is deleted.

    Raises
    ------
    UserError
        There is no results table, it cannot be read, or another program wrote it.
    Failure
        It is a table of sitesweep, but an entry of its log is damaged or missing.
    """
    folder = results_folder(run)
    if not table_exists(run):
        raise UserError(f"no results table in {folder}, expected the out= folder of a run")
    newest = _last_version(folder, to_write)
    try:
        table = _load(folder, newest if version is None else version, to_write)
        columns = pa.schema(table.schema().to_arrow()).names
        schema_version = table.metadata().configuration.get(_SCHEMA_VERSION_KEY)
    except (DeltaError, OSError) as error:
        raise _reason(folder, error) from error
    if schema_version != str(SCHEMA_VERSION) or columns != RESULTS.names:
        raise UserError(other_version(folder, schema_version))
    return table


def other_version(what: str, schema_version: object) -> str:
    """Return the message for a table or a ``run.json`` that this program cannot read."""
    if str(schema_version).isdecimal() and int(str(schema_version)) < SCHEMA_VERSION:
        return (
            f"{what} was made by an earlier version (schema {schema_version}, here "
            f"{SCHEMA_VERSION}); the same command in another folder computes it again"
        )
    return (
        f"{what} is not of this version of sitesweep (schema {schema_version}, expected "
        f"{SCHEMA_VERSION}); choose another out="
    )


def _has_commit(folder: str) -> bool:
    return log.last_committed(log.read_entries(folder)) is not None


def _last_version(folder: str, to_write: bool) -> int | None:
    """Return the last version that was committed; remove what was not if commits follow."""
    try:
        entries = log.read_entries(folder)
        lost = log.lost_entry(folder, entries)
        if lost is None and to_write:
            log.remove_uncommitted(folder, entries)
    except OSError as error:
        raise UserError(f"cannot read the log of {folder}: {one_line(error)}") from error
    if lost is not None:
        raise _damage(lost, "empty or missing")
    return log.last_committed(entries)


def _load(folder: str, version: int | None, to_write: bool) -> DeltaTable:
    """Load a version of a table; delete damaged checkpoints first if commits follow."""
    try:
        return DeltaTable(folder, version)
    except (DeltaError, OSError):
        if not (to_write and log.remove_damaged_checkpoints(folder)):
            raise
        return DeltaTable(folder, version)


def _reason(folder: str, error: Exception) -> UserError | Failure:
    """Return the error that says why a table cannot be opened."""
    entry = log.truncated_entry(folder, log.read_entries(folder))
    if entry is not None:
        return _damage(entry, "damaged")
    checkpoints = log.damaged_checkpoints(folder)
    if checkpoints:
        return Failure(
            f"a checkpoint in {log.log_folder(folder)} is damaged: delete "
            f"{' and '.join(checkpoints)}, or start the sweep again, which does it; "
            "the other files of the log hold all rows"
        )
    return UserError(f"the results table in {folder} cannot be read: {one_line(error)}")


def _damage(entry: str, what: str) -> Failure:
    return Failure(
        f"{entry} is {what}: restore it from a backup, or delete it and all later entries; "
        "their rows are then computed again"
    )


def check_results_folder(run: Folder) -> None:
    """Check that a run's results folder holds a results table of sitesweep, or nothing.

    Another shard may be creating the table at this moment: a log without a commit is looked at
    again for `CREATION_S`.

    Raises
    ------
    UserError
        It holds something else, or a table that cannot be read.
    """
    folder = results_folder(run)
    deadline = time.monotonic() + CREATION_S
    while not table_exists(run):
        try:
            if storage.is_empty(folder):
                return
            has_log = not storage.is_empty(log.log_folder(folder))
        except NotADirectoryError:
            has_log = False
        if not has_log or time.monotonic() > deadline:
            raise UserError(f"{folder} is not a results table; choose another out=")
        time.sleep(_CREATION_POLL_S)
    open_table(run)


def create_table(run: Folder) -> None:
    """Create an empty results table unless there is one; the first commit flushes it.

    Raises
    ------
    Failure
        It cannot be written.
    """
    if table_exists(run):
        return
    folder = results_folder(run)
    try:
        storage.make_folder(log.log_folder(folder))
        log.remove_uncommitted(folder, log.read_entries(folder))
        DeltaTable.create(
            folder,
            RESULTS,
            mode="error",
            commit_properties=CommitProperties(max_commit_retries=0),
            name="sitesweep results",
            configuration={_SCHEMA_VERSION_KEY: str(SCHEMA_VERSION)},
            raise_if_key_not_exists=False,
        )
    except (DeltaError, OSError) as error:
        if not table_exists(run):  # else another process has created it
            raise Failure(f"cannot write {folder}: {one_line(error)}") from error
