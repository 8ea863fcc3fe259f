"""The serial engine: one chunk after the other, in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from queue import SimpleQueue

import pyarrow as pa

from pipeline.engine.interface import to_table
from pipeline.engine.worker import SolveContext, solve_job
from pipeline.sweep.job import Chunk


def solve_chunks(
    context: SolveContext, chunks: Iterator[Chunk]
) -> Iterator[tuple[Chunk, pa.Table]]:
    """Yield each chunk with its rows, in the order of the chunks.

    One thread at a time does the work. So the main thread can react to an interrupt immediately,
    while a solver is still in compiled code.
    """
    for chunk in chunks:
        yield chunk, _call_in_thread(partial(_solve_chunk, context, chunk))


def _solve_chunk(context: SolveContext, chunk: Chunk) -> pa.Table:
    return to_table(row for job in chunk for row in solve_job(context, job))


def _call_in_thread(function: Callable[[], pa.Table]) -> pa.Table:
    """Call a function in a daemon thread, which ends with the process, and return its result."""
    results: SimpleQueue[pa.Table | BaseException] = SimpleQueue()

    def call() -> None:
        try:
            results.put(function())
        except BaseException as error:
            results.put(error)

    threading.Thread(target=call, daemon=True).start()
    result = results.get()
    if isinstance(result, BaseException):
        raise result
    return result
