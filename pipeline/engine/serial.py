"""The serial engine: one chunk after the other, in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipeline.chunks import Chunk
from pipeline.worker import Work, solve_chunk


def compute(work: Work, chunks: Iterator[Chunk]) -> Iterator[tuple[Chunk, pa.Table]]:
    """Yield each chunk with its rows, in the order of the chunks."""
    for chunk in chunks:
        yield chunk, solve_chunk(work, chunk)
