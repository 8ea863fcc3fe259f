"""The serial engine: one chunk after the other, each solved in a child process."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipeline.engine.attempts import AttemptQueue
from pipeline.engine.interface import to_table
from pipeline.engine.isolation import solve_isolated
from pipeline.engine.worker import SolveContext, solve_job
from pipeline.sweep.job import Chunk


def solve_chunks(
    context: SolveContext, chunks: Iterator[Chunk]
) -> Iterator[tuple[Chunk, pa.Table]]:
    """Yield each chunk, or the parts into which it was split, with its rows.

    This process only waits for the child process (see `pipeline.engine.isolation`). So it reacts
    to an interrupt immediately, and a crash or a hang costs one instance.
    """
    queue = AttemptQueue(chunks, context.run_columns)
    while (attempt := queue.next()) is not None:
        yield from queue.collect(attempt, solve_isolated(context, attempt.chunk, attempt.number))


def solve_chunks_in_process(
    context: SolveContext, chunks: Iterator[Chunk]
) -> Iterator[tuple[Chunk, pa.Table]]:
    """Yield each chunk with its rows; solve in this process, where a debugger can follow.

    There is no deadline: a crash or a hang of a solver is one of this process, and an interrupt
    waits until the solver returns.
    """
    for chunk in chunks:
        yield chunk, to_table(row for job in chunk for row in solve_job(context, job))
