"""The Ray engine: chunks as plain tasks, a bounded number of them at a time.

Ray itself retries nothing: it cannot tell a bad instance from a lost node. The driver keeps the
count of attempts. A lost node costs a chunk nothing; a worker that dies takes its chunk apart
until the network that kills it is alone, which becomes error rows after three attempts.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa
import ray
from ray.exceptions import (
    LocalRayletDiedError,
    NodeDiedError,
    ObjectLostError,
    OutOfMemoryError,
    WorkerCrashedError,
)

from pipeline.chunks import Chunk
from pipeline.config import EngineConfig
from pipeline.engine import ray_session
from pipeline.worker import Work, lost_chunk, solve_chunk

MAX_ATTEMPTS = 3
"""Tries of a network that kills its worker."""

_WINDOW = 64
"""Chunks handed to Ray at a time, at least; more would only fill the driver's memory."""

_WINDOW_PER_CORE = 3
_WAIT_S = 1.0

Solve = Callable[[Work, Chunk, int], pa.Table]


class _Attempt(NamedTuple):
    chunk: Chunk
    number: int


def compute(
    work: Work, chunks: Iterator[Chunk], engine: EngineConfig, solve: Solve = solve_chunk
) -> Iterator[tuple[Chunk, pa.Table]]:
    """Yield each chunk, or the parts it was split into, with its rows as they finish.

    Parameters
    ----------
    work : Work
        Common to all chunks.
    chunks : iterator of Chunk
        Drawn only as fast as they are computed.
    engine : EngineConfig
        Address of a cluster, or the number of workers of a local one.
    solve : callable
        What a worker does with ``(work, chunk, attempt)``.

    Raises
    ------
    UserError
        The cluster cannot be joined.
    """
    threads = work.options.threads
    if engine.address is not None:
        session = ray_session.joined(engine.address)
    else:
        workers = engine.workers or max(1, ray_session.usable_cores() // threads)
        session = ray_session.local(cores=workers * threads)
    with session:
        yield from _Window(solve, work, chunks, threads).results()


class _Window:
    """Tasks under way, and chunks that wait for another attempt."""

    def __init__(self, solve: Solve, work: Work, chunks: Iterator[Chunk], threads: int) -> None:
        self._task = ray.remote(num_cpus=threads, max_retries=0)(solve)
        self._work = ray.put(work)
        self._fresh = chunks
        self._again: deque[_Attempt] = deque()
        self._running: dict[Any, _Attempt] = {}

    def results(self) -> Iterator[tuple[Chunk, pa.Table]]:
        try:
            self._fill()
            while self._running:
                ready, _ = ray.wait(list(self._running), timeout=_WAIT_S)
                for task in ready:
                    yield from self._collect(task, self._running.pop(task))
                self._fill()
        finally:
            for task in self._running:
                ray.cancel(task, force=True)

    def _fill(self) -> None:
        cores = int(ray.cluster_resources().get("CPU", 0))
        while len(self._running) < max(_WINDOW, _WINDOW_PER_CORE * cores):
            attempt = self._next()
            if attempt is None:
                return
            task = self._task.remote(self._work, attempt.chunk, attempt.number)
            self._running[task] = attempt

    def _next(self) -> _Attempt | None:
        if self._again:
            return self._again.popleft()
        with contextlib.suppress(StopIteration):
            return _Attempt(next(self._fresh), 1)
        return None

    def _collect(self, task: Any, attempt: _Attempt) -> Iterator[tuple[Chunk, pa.Table]]:
        try:
            rows = ray.get(task)
        except (NodeDiedError, LocalRayletDiedError, ObjectLostError):
            self._again.append(attempt)
        except (WorkerCrashedError, OutOfMemoryError) as error:
            yield from self._blame(attempt, f"{type(error).__name__}: {error}")
        else:
            yield attempt.chunk, rows

    def _blame(self, attempt: _Attempt, error: str) -> Iterator[tuple[Chunk, pa.Table]]:
        """Try the networks of a chunk alone; give one up that has failed alone too often."""
        if len(attempt.chunk) > 1:
            self._again.extend(_Attempt((job,), attempt.number) for job in attempt.chunk)
        elif attempt.number < MAX_ATTEMPTS:
            self._again.append(_Attempt(attempt.chunk, attempt.number + 1))
        else:
            yield attempt.chunk, lost_chunk(attempt.chunk, attempt.number, error)
