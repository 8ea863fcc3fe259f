"""What engines return: chunks, each with its rows as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa

from pipeline.results.rows import error_row
from pipeline.results.schema import RESULTS
from pipeline.sweep.job import Chunk

Compute = Callable[[Iterator[Chunk]], Iterator[tuple[Chunk, pa.Table]]]
"""What an engine does: chunks in; each, or the parts it was split into, out with its rows."""


def to_table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Make a table, columns `pipeline.results.schema.RESULTS`, of rows; what a row lacks is null there."""
    return pa.Table.from_pylist(list(rows), schema=RESULTS)


def error_table(chunk: Chunk, attempt: int, error: str) -> pa.Table:
    """Make error rows for a chunk that no process survived."""
    return to_table(error_row(job, alpha, attempt, error) for job in chunk for alpha in job.alphas)
