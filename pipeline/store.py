"""The results table: a Delta Lake table in the run's folder, and the only state of a run.

Rows become part of the table by an atomic commit to its log. Readers go through the log, never
through the files: those of a commit that did not happen are not in the table.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import TracebackType

import polars as pl
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from conf.errors import UserError
from pipeline.schema import COORDINATE, RESULTS, SCHEMA_VERSION

_VERSION_KEY = "sitesweep.schema_version"
_COMMIT_RETRIES = 50


def results_folder(run: Path) -> Path:
    """Name the folder of the results table of a run."""
    return run / "results"


def exists(run: Path) -> bool:
    """Whether a run has a results table."""
    return DeltaTable.is_deltatable(str(results_folder(run)))


def read(run: Path) -> pl.LazyFrame:
    """Scan the results table of a run, columns `pipeline.schema.RESULTS`, in no order.

    Raises
    ------
    UserError
        There is no results table, it cannot be read, or it is not one of ours.
    """
    return pl.scan_delta(str(open_table(run).table_uri))


def empty() -> pl.LazyFrame:
    """Make a results table without rows, in memory."""
    frame = pl.from_arrow(RESULTS.empty_table())
    assert isinstance(frame, pl.DataFrame)
    return frame.lazy()


def open_table(run: Path) -> DeltaTable:
    """Open the results table of a run.

    Raises
    ------
    UserError
        There is no results table, it cannot be read, or it is not one of ours.
    """
    folder = results_folder(run)
    if not exists(run):
        raise UserError(f"no results table in {folder}, expected the out= folder of a run")
    try:
        table = DeltaTable(str(folder))
        found = pa.schema(table.schema().to_arrow()).names
        version = table.metadata().configuration.get(_VERSION_KEY)
    except DeltaError as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"the results table in {folder} cannot be read: {reason}") from None
    if version != str(SCHEMA_VERSION) or found != RESULTS.names:
        raise UserError(
            f"the table in {folder} has schema version {version} and {len(found)} columns, "
            f"expected version {SCHEMA_VERSION} and {len(RESULTS.names)} columns of sitesweep"
        )
    return table


def refuse_foreign(run: Path) -> None:
    """Make sure that a run's results folder holds a table of ours, or nothing yet.

    Raises
    ------
    UserError
        It holds something else, or a table that cannot be read.
    """
    folder = results_folder(run)
    if exists(run):
        open_table(run)
    elif folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UserError(f"{folder} is not a results table; choose another out=")


def create(run: Path) -> None:
    """Make an empty results table, unless there is one."""
    if exists(run):
        return
    DeltaTable.create(
        str(results_folder(run)),
        RESULTS,
        mode="ignore",
        name="sitesweep results",
        configuration={_VERSION_KEY: str(SCHEMA_VERSION)},
        raise_if_key_not_exists=False,
    )


class Committer:
    """Appends finished rows to the table, a few seconds' worth at a time. One a shard.

    The commits of a shard are numbered in the log. Of two writers of one shard that start from
    the same state, the second is refused: it cannot write a row twice. Use it as a context; what
    is still held is committed at the end, also after an error.

    Parameters
    ----------
    run : Path
        Folder of a run whose table exists.
    shard : str
        Part of the sweep, ``i/n``.
    commit_rows : int
        Rows after which to commit.
    commit_s : float
        Seconds after which to commit.
    provenance : dict
        Recorded with every commit, as JSON.
    """

    def __init__(
        self,
        run: Path,
        shard: str,
        commit_rows: int,
        commit_s: float,
        provenance: dict[str, object],
    ) -> None:
        self._table = open_table(run)
        self._application = f"sitesweep shard {shard}"
        self._commits = self._table.transaction_version(self._application) or 0
        self._commit_rows = commit_rows
        self._commit_s = commit_s
        self._provenance = {"sitesweep": json.dumps(provenance, sort_keys=True)}
        self._held: list[pa.Table] = []
        self._since = time.monotonic()

    def __enter__(self) -> Committer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.commit()

    def rows(self) -> pl.LazyFrame:
        """Coordinates of all rows at the state that the first commit builds on."""
        version = self._table.version()
        return pl.scan_delta(self._table.table_uri, version=version).select(COORDINATE)

    def add(self, rows: pa.Table) -> None:
        """Take rows over; they are safe once committed.

        Raises
        ------
        UserError
            Another writer works on the same shard of the table.
        """
        self._held.append(rows)
        enough = sum(held.num_rows for held in self._held) >= self._commit_rows
        if enough or time.monotonic() - self._since >= self._commit_s:
            self.commit()

    def commit(self) -> None:
        """Append what is held as one atomic commit.

        Raises
        ------
        UserError
            Another writer works on the same shard of the table.
        """
        rows, self._held = self._held, []
        if rows:
            number = self._commits + 1
            try:
                write_deltalake(
                    self._table,
                    pa.concat_tables(rows),
                    mode="append",
                    writer_properties=WriterProperties(compression="ZSTD"),
                    commit_properties=CommitProperties(
                        custom_metadata=self._provenance,
                        max_commit_retries=_COMMIT_RETRIES,
                        app_transactions=[Transaction(self._application, number)],
                    ),
                )
            except CommitFailedError as error:
                raise UserError(
                    f"another process writes {self._application!r} of {self._table.table_uri}; "
                    f"end one of them, then run the same command again ({error})"
                ) from error
            self._commits = number
        self._since = time.monotonic()
