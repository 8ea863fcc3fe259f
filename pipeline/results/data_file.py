"""Data files of the results table: Parquet files, each named by the SHA-256 of its content.

The log and its checkpoints hold the names, so they record the hash of every file of the table, also
after a compaction. ``sha256sum *.parquet`` shows the same.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
import time
from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

from pipeline.config.errors import one_line
from pipeline.config.folder import Folder
from pipeline.results import storage
from pipeline.results.schema import COORDINATE, RESULTS
from pipeline.results.table import results_folder

_NAME = re.compile(r"([0-9a-f]{64})\.parquet")

_ROW_GROUP_ROWS = 50_000
"""Rows per row group of a Parquet file; readers hold whole row groups in memory."""


def write_data_file(run: Folder, tables: Iterable[pa.Table], *, new_rows: bool = True) -> AddAction:
    """Write and flush a data file; the compressed file is held in memory.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    tables : iterable of Table
        The rows, columns `pipeline.results.schema.RESULTS`.
    new_rows : bool
        Whether a commit of the file changes the rows of the table; a compaction does not.

    Returns
    -------
    AddAction
        What a commit must say to make the file part of the table.

    Raises
    ------
    OSError
        It cannot be written.
    """
    buffer = io.BytesIO()
    with pq.ParquetWriter(buffer, RESULTS, compression="zstd") as writer:
        for table in _row_groups(tables):
            writer.write_table(table.cast(RESULTS), row_group_size=_ROW_GROUP_ROWS)
    content = buffer.getvalue()
    name = f"{hashlib.sha256(content).hexdigest()}.parquet"
    storage.write(results_folder(run), name, content)
    statistics = json.dumps(_statistics(pq.read_metadata(buffer)))
    return AddAction(name, len(content), {}, time.time_ns() // 10**6, new_rows, statistics)


def read_data_file(run: Folder, name: str) -> Iterator[pa.Table]:
    """Read the rows of a data file, a row group at a time; the compressed file is held in memory.

    Raises
    ------
    OSError
        It cannot be read.
    """
    file = pq.ParquetFile(pa.BufferReader(storage.read(results_folder(run), name)))
    for group in range(file.num_row_groups):
        yield file.read_row_group(group)


def without(rows: pa.Table, keys: pl.DataFrame) -> pa.Table:
    """Return the rows whose values in the columns of `keys` are not among them, in their order."""
    frame = pl.from_arrow(rows.select(keys.columns))
    assert isinstance(frame, pl.DataFrame)
    kept = frame.with_row_index().join(keys, on=keys.columns, how="anti")
    return rows.take(kept["index"].sort().to_arrow())


def damage(run: Folder, name: str) -> str | None:
    """Compare a data file with its SHA-256; return what is wrong, in one line, or None."""
    recorded = _NAME.fullmatch(name)
    if recorded is None:
        return "no SHA-256 is recorded"
    try:
        content = storage.read(results_folder(run), name)
    except FileNotFoundError:
        return "the file is missing"
    except OSError as error:
        return f"the file cannot be read: {one_line(error)}"
    found = hashlib.sha256(content).hexdigest()
    return None if found == recorded[1] else f"its SHA-256 is {found}"


def _row_groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Join small tables, so that each but the last makes at least one full row group."""
    pending: list[pa.Table] = []
    for table in tables:
        pending.append(table)
        if sum(table.num_rows for table in pending) >= _ROW_GROUP_ROWS:
            yield pa.concat_tables(pending)
            pending = []
    if pending:
        yield pa.concat_tables(pending)


def _statistics(metadata: pq.FileMetaData) -> dict[str, Any]:
    """Return what Delta Lake records of a file, so that readers can skip it for a coordinate."""
    least: dict[str, Any] = {}
    greatest: dict[str, Any] = {}
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    for name in COORDINATE:
        found = [group.column(RESULTS.get_field_index(name)).statistics for group in groups]
        ends = [end for each in found if each.has_min_max for end in (each.min, each.max)]
        if len(ends) == 2 * len(groups) and not any(end in (math.inf, -math.inf) for end in ends):
            least[name], greatest[name] = min(ends), max(ends)
    return {
        "numRecords": metadata.num_rows,
        "minValues": least,
        "maxValues": greatest,
        "nullCount": dict.fromkeys(COORDINATE, 0),
    }
