"""The results table: a Delta Lake table in the run's folder, and the only state of a run.

Rows become part of the table by an atomic commit to its log (see `pipeline.results.committer`). Readers
go through the log, never through the files: those of a commit that did not happen are not in the
table. The folder may be local or in an object store (see `pipeline.results.storage`).
"""

from __future__ import annotations

import json

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from pipeline.config.errors import Failure, UserError, one_line
from pipeline.config.folder import Folder, join_path
from pipeline.results import storage
from pipeline.results.schema import RESULTS, SCHEMA_VERSION

DRIVER = "sitesweep.driver"
"""Key under which a commit says who wrote it: drivers sort by their start."""

_VERSION_KEY = "sitesweep.schema_version"


def results_folder(run: Folder) -> str:
    """Name the folder of the results table of a run."""
    return join_path(run, "results")


def table_exists(run: Folder) -> bool:
    """Whether a run has a results table.

    Raises
    ------
    UserError
        The folder cannot be read: there is no such bucket, say, or no permission.
    """
    folder = results_folder(run)
    try:
        return DeltaTable.is_deltatable(folder)
    except (DeltaError, OSError) as error:
        raise UserError(f"cannot read {folder}: {one_line(error)}") from error


def read_results(run: Folder) -> pl.LazyFrame:
    """Scan the results table of a run, columns `pipeline.results.schema.RESULTS`, in no order.

    Raises
    ------
    UserError
        There is no results table, it cannot be read, or it is not one of ours.
    """
    return scan_files(run, data_files(open_table(run)))


def scan_files(run: Folder, names: set[str]) -> pl.LazyFrame:
    """Scan some data files of a run's table, as `data_files` names them."""
    # polars.scan_delta takes the files' names as the log's library quotes them, and so does not
    # find them in a local folder with a space in its name.
    paths = [join_path(results_folder(run), name) for name in sorted(names)]
    return pl.scan_parquet(paths, glob=False) if paths else empty_results()


def data_files(table: DeltaTable) -> set[str]:
    """Name the data files of a table as it was when it was opened or last brought up to date."""
    return set(pa.table(table.get_add_actions(flatten=True))["path"].to_pylist())


def files_added_by(run: Folder, version: int) -> tuple[str | None, set[str]]:
    """Name the driver of a commit, and the data files by which it added rows.

    Files that only hold known rows anew, as compaction writes them, are left out.
    """
    log = join_path(results_folder(run), "_delta_log")
    driver, names = None, set()
    for line in storage.read(log, f"{version:020}.json").splitlines():
        action = json.loads(line)
        if "commitInfo" in action:
            driver = action["commitInfo"].get(DRIVER)
        elif action.get("add", {}).get("dataChange"):
            names.add(action["add"]["path"])
    return driver, names


def empty_results() -> pl.LazyFrame:
    """Make a results table without rows, in memory."""
    frame = pl.from_arrow(RESULTS.empty_table())
    assert isinstance(frame, pl.DataFrame)
    return frame.lazy()


def open_table(run: Folder, version: int | None = None) -> DeltaTable:
    """Open the results table of a run, as it is now or at a version.

    Raises
    ------
    UserError
        There is no results table, it cannot be read, or it is not one of ours.
    Failure
        It is ours, and an entry of its log is damaged.
    """
    folder = results_folder(run)
    if not table_exists(run):
        raise UserError(f"no results table in {folder}, expected the out= folder of a run")
    try:
        table = DeltaTable(folder, version=version)
        found = pa.schema(table.schema().to_arrow()).names
        schema_version = table.metadata().configuration.get(_VERSION_KEY)
    except (DeltaError, OSError) as error:
        damaged = _damaged_entry(folder)
        if damaged is not None:
            raise Failure(
                f"{damaged} is damaged: put it back from a copy, or delete it and all later ones; "
                "what their commits held is then computed again"
            ) from error
        raise UserError(
            f"the results table in {folder} cannot be read: {one_line(error)}"
        ) from None
    if schema_version != str(SCHEMA_VERSION) or found != RESULTS.names:
        raise UserError(
            f"the table in {folder} has schema version {schema_version} and {len(found)} columns, "
            f"expected version {SCHEMA_VERSION} and {len(RESULTS.names)} columns of sitesweep"
        )
    return table


def refuse_foreign(run: Folder) -> None:
    """Make sure that a run's results folder holds a table of ours, or nothing yet.

    Raises
    ------
    UserError
        It holds something else, or a table that cannot be read.
    """
    if table_exists(run):
        open_table(run)
        return
    folder = results_folder(run)
    try:
        free = storage.is_empty(folder)
    except NotADirectoryError:
        free = False
    if not free:
        raise UserError(f"{folder} is not a results table; choose another out=")


def create_table(run: Folder) -> None:
    """Make an empty results table, unless there is one.

    Raises
    ------
    Failure
        It cannot be written.
    """
    if table_exists(run):
        return
    try:
        DeltaTable.create(
            results_folder(run),
            RESULTS,
            mode="ignore",
            name="sitesweep results",
            configuration={_VERSION_KEY: str(SCHEMA_VERSION)},
            raise_if_key_not_exists=False,
        )
    except (DeltaError, OSError) as error:
        if not table_exists(run):  # else another process was first
            raise Failure(f"cannot write {results_folder(run)}: {one_line(error)}") from error


def _damaged_entry(folder: str) -> str | None:
    """Name the first entry of a table's log that is cut off, if the first of all is not."""
    log = join_path(folder, "_delta_log")
    entries = [name for name in storage.names(log) if name.endswith(".json")]
    for name in entries:
        try:
            for line in storage.read(log, name).splitlines():
                json.loads(line)
        except ValueError:
            return join_path(log, name) if name != entries[0] else None
    return None
