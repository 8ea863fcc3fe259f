"""Replaces rows of instances that were solved again; never by a worse row.

The old row goes and the new one comes in the same atomic commit. So an instance has a row at any
moment, whatever ends the command. No lock is needed: if another process has replaced a file that
holds an old row, the rows are compared again.
"""

from __future__ import annotations

import json
import time
from types import TracebackType

import polars as pl
import pyarrow as pa
from deltalake.exceptions import DeltaError

from pipeline.config.command import print_status
from pipeline.config.errors import Failure, UserError, one_line
from pipeline.config.folder import Folder
from pipeline.results.commit import attempts
from pipeline.results.committer import RUN_METADATA_KEY, coordinates
from pipeline.results.data_file import read_data_file, without, write_data_file
from pipeline.results.maintenance import replace_files
from pipeline.results.schema import COORDINATE
from pipeline.results.table import data_files, open_table, results_folder, scan_files
from solvers.result import Status

RETRIED: dict[str, tuple[Status, ...]] = {
    "nothing": (),
    "errors": (Status.ERROR,),
    "unproven": (Status.TIME_LIMIT, Status.NO_SOLUTION, Status.ERROR),
}
"""Value of the key ``retry`` -> statuses of the rows whose instances are solved again."""

_JUDGED = ("status", "objective", "bound")
"""Columns that decide whether a row replaces another one."""

_REST_FACTOR = 10
"""A replacement rewrites whole files; so many times its duration passes before the next one."""


class RowReplacer:
    """Collects the new rows of instances that have an old one, and replaces old by new.

    Use it as a context manager: the rows that are left are replaced at the end, also after an
    error.

    Parameters
    ----------
    run : path or str
        Folder of a run whose table exists.
    retried : DataFrame
        The columns `pipeline.results.schema.COORDINATE` of the instances that are solved again.
    commit_s : float
        Seconds after which to replace rows, at least.
    run_metadata : dict
        Recorded with every commit, as JSON (see `pipeline.results.provenance`).
    """

    def __init__(
        self, run: Folder, retried: pl.DataFrame, commit_s: float, run_metadata: dict[str, object]
    ) -> None:
        self._run = run
        self._retried = retried.select(COORDINATE)
        self._commit_s = commit_s
        self._metadata = {RUN_METADATA_KEY: json.dumps(run_metadata, sort_keys=True)}
        self._pending: list[pa.Table] = []
        self._next_s = time.monotonic() + commit_s

    def __enter__(self) -> RowReplacer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # After these two errors another commit would fail for the same reason.
        if not isinstance(error, UserError | Failure):
            self._replace()

    def take(self, rows: pa.Table) -> pa.Table:
        """Take the rows of retried instances, and replace old rows if enough time has passed.

        Returns
        -------
        pyarrow.Table
            The other rows.

        Raises
        ------
        Failure
            The table cannot be written.
        """
        if self._retried.is_empty():
            return rows
        others = without(rows, self._retried)
        if others.num_rows < rows.num_rows:
            self._pending.append(without(rows, coordinates(others)))
        if time.monotonic() >= self._next_s:
            self._replace()
        return others

    def _replace(self) -> None:
        """Replace old rows by the rows taken so far."""
        if not self._pending:
            return
        begin_s = time.monotonic()
        rows = pa.concat_tables(self._pending)
        try:
            n_replaced = replace_rows(self._run, rows, self._metadata)
        except (DeltaError, OSError) as error:
            raise Failure(
                f"cannot replace rows in {results_folder(self._run)}: {one_line(error)}; the old "
                "rows are still there, the same command solves their instances again"
            ) from error
        self._pending = []
        print_status(f"{n_replaced} of {rows.num_rows} rows that were solved again are replaced")
        end_s = time.monotonic()
        self._next_s = end_s + max(self._commit_s, _REST_FACTOR * (end_s - begin_s))


def replace_rows(run: Folder, rows: pa.Table, metadata: dict[str, str] | None = None) -> int:
    """Replace the unproven rows of a table by new rows that are no worse, in one commit.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    rows : Table
        New rows, columns `pipeline.results.schema.RESULTS`; at most one of each instance.
    metadata : dict of str to str, optional
        Recorded with the commit.

    Returns
    -------
    int
        How many rows were replaced. A row whose instance has no row is left out.

    Raises
    ------
    DeltaError, OSError
        The table cannot be written.
    UserError
        Other writers always came first.
    """
    new = pl.DataFrame(rows.select([*COORDINATE, *_JUDGED]))
    for _ in attempts():
        table = open_table(run, to_write=True)
        replaced = _replaced(run, data_files(table), new)
        if replaced.is_empty():
            return 0
        files = replaced["file"].unique().sort().to_list()
        keys = replaced.select(COORDINATE)
        added = [write_data_file(run, [without(rows, coordinates(without(rows, keys)))])]
        for name in files:
            others = [without(group, keys) for group in read_data_file(run, name)]
            if any(group.num_rows for group in others):
                added.append(write_data_file(run, others))
        if replace_files(run, files, added, metadata):
            return replaced.height
    raise UserError(f"other writers to {results_folder(run)} always came first; its rows are safe")


def _replaced(run: Folder, names: set[str], new: pl.DataFrame) -> pl.DataFrame:
    """Return coordinate and file of the rows in data files to be replaced by new rows."""
    old = (
        scan_files(run, names, "file")
        .select(*COORDINATE, *_JUDGED, pl.col("file").str.split("/").list.last())
        .join(new.lazy().select(COORDINATE), on=COORDINATE, how="semi")
        .collect(engine="streaming")
    )
    both = old.join(new, on=COORDINATE, suffix="_new")
    return both.filter(_is_no_worse()).select(*COORDINATE, "file").sort(COORDINATE)


def _is_no_worse() -> pl.Expr:
    """Whether the old row is unproven, and the new one has no worse objective, bound and status."""
    status, status_new = pl.col("status"), pl.col("status_new")
    objective = pl.col("objective").is_null() | (pl.col("objective_new") <= pl.col("objective"))
    bound = pl.col("bound").is_null() | (pl.col("bound_new") >= pl.col("bound"))
    return (
        status.is_in([each.value for each in RETRIED["unproven"]])
        & ((status_new != Status.ERROR.value) | (status == Status.ERROR.value))
        & objective.fill_null(False)
        & (bound.fill_null(False) | (status_new == Status.INFEASIBLE.value))
    )
