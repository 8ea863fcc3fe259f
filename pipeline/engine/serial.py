"""The serial engine: one chunk after the other, in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from queue import SimpleQueue

import pyarrow as pa

from pipeline.engine.chunk_table import to_table
from pipeline.engine.worker import SolveContext, solve_job
from pipeline.sweep.job import Chunk


def compute(work: SolveContext, chunks: Iterator[Chunk]) -> Iterator[tuple[Chunk, pa.Table]]:
    """Yield each chunk with its rows, in the order of the chunks.

    The work is done in a thread, one at a time, so that an interrupt need not wait until a solver
    comes back from compiled code.
    """
    for chunk in chunks:
        yield chunk, _in_a_thread(partial(_solve, work, chunk))


def _solve(work: SolveContext, chunk: Chunk) -> pa.Table:
    return to_table(row for job in chunk for row in solve_job(work, job))


def _in_a_thread(function: Callable[[], pa.Table]) -> pa.Table:
    """Call a function in a thread that ends with the process, and wait for what it returns."""
    answers: SimpleQueue[pa.Table | BaseException] = SimpleQueue()

    def call() -> None:
        try:
            answers.put(function())
        except BaseException as error:
            answers.put(error)

    threading.Thread(target=call, daemon=True).start()
    answer = answers.get()
    if isinstance(answer, BaseException):
        raise answer
    return answer
