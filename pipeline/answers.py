"""What engines return: chunks, each with its rows as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa

from pipeline.job import Chunk
from pipeline.rows import error_row
from pipeline.schema import RESULTS

Compute = Callable[[Iterator[Chunk]], Iterator[tuple[Chunk, pa.Table]]]
"""What an engine does: chunks in; each, or the parts it was split into, out with its rows."""


def table_of(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Make a table, columns `pipeline.schema.RESULTS`, of rows; what a row lacks is null there."""
    return pa.Table.from_pylist(list(rows), schema=RESULTS)


def lost_chunk(chunk: Chunk, attempt: int, error: str) -> pa.Table:
    """Make error rows for a chunk that no process survived."""
    return table_of(error_row(job, alpha, attempt, error) for job in chunk for alpha in job.alphas)
