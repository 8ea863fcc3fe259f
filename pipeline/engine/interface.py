"""The interface of an engine, and the tables of rows that it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa

from pipeline.results.rows import RunColumns, error_row
from pipeline.results.schema import RESULTS
from pipeline.sweep.job import Chunk

SolveChunks = Callable[[Iterator[Chunk]], Iterator[tuple[Chunk, pa.Table]]]
"""The function of an engine: takes chunks, yields each chunk, or the parts into which the engine
split it, with its rows."""


def to_table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Make a table with the columns `pipeline.results.schema.RESULTS`; missing values are null."""
    return pa.Table.from_pylist(list(rows), schema=RESULTS)


def error_table(run_columns: RunColumns, chunk: Chunk, attempt: int, error: str) -> pa.Table:
    """Make error rows for all instances of a chunk."""
    return to_table(
        error_row(run_columns, job, alpha, attempt, error) for job in chunk for alpha in job.alphas
    )
