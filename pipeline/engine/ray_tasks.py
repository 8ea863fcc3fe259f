"""The Ray engine: chunks as plain tasks, a bounded number of them at a time.

A worker has each chunk solved in a process apart. An instance that ends it (by a crash, a kill, a
hang beyond the deadline) is tried again on its own, and becomes an error row after three tries.
Ray itself retries nothing: it cannot tell a bad instance from a lost node. The driver keeps the
ledger. A lost node costs a chunk nothing. A chunk whose worker ends all the same is taken apart
into its instances; one whose workers end three times becomes an error row too.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
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

from pipeline.config.sections import EngineConfig
from pipeline.engine import ray_session
from pipeline.engine.chunk_table import Compute, error_table
from pipeline.engine.isolation import ChunkResult, ProcessFailure, solve_isolated
from pipeline.engine.worker import SolveContext
from pipeline.sweep.job import Chunk

MAX_ATTEMPTS = 3
"""Tries of an instance that ends its process."""

_WINDOW_PER_CORE = 3
"""Chunks handed to Ray at a time; more would only delay what is to be tried again."""

_MIN_QUEUED = 64
"""At least so many on a cluster that runs already: its autoscaler goes by what waits."""

_WAIT_S = 1.0


class _Attempt(NamedTuple):
    """A chunk, and which try of it this is."""

    chunk: Chunk
    number: int


@contextlib.contextmanager
def open_engine(work: SolveContext, engine: EngineConfig) -> Iterator[Compute]:
    """Join or start a cluster; leave or end it afterwards.

    Parameters
    ----------
    work : Work
        Common to all chunks.
    engine : EngineConfig
        Address of a cluster, or the number of workers of a local one.

    Yields
    ------
    callable
        Takes chunks, which it draws only as fast as they are computed; yields each, or the parts
        it was split into, with its rows as they finish.

    Raises
    ------
    UserError
        The cluster cannot be joined.
    """
    threads = work.options.threads
    if engine.address is not None:
        session, min_tasks = ray_session.join_cluster(engine.address), _MIN_QUEUED
    else:
        min_tasks = 1
        workers = engine.workers or max(1, ray_session.usable_cores() // threads)
        session = ray_session.local_cluster(cores=workers * threads)
    with session:
        yield lambda chunks: _Window(work, chunks, threads, min_tasks).results()


class _Window:
    """Tasks under way, and chunks that wait for another attempt."""

    def __init__(
        self, work: SolveContext, chunks: Iterator[Chunk], threads: int, min_tasks: int
    ) -> None:
        self._task = ray.remote(num_cpus=threads, max_retries=0)(_solve)
        self._work = ray.put(work)
        self._fresh = chunks
        self._min_tasks = min_tasks
        self._retries: deque[_Attempt] = deque()
        self._running: dict[Any, _Attempt] = {}

    def results(self) -> Iterator[tuple[Chunk, pa.Table]]:
        # No ray.cancel where this is interrupted: it can abort the driver as a task ends (a race of
        # Ray 2.60). Ray ends what still runs as soon as the driver leaves.
        self._fill()
        while self._running:
            ready, _ = ray.wait(list(self._running), timeout=_WAIT_S)
            for task in ready:
                yield from self._collect(task, self._running.pop(task))
            self._fill()

    def _fill(self) -> None:
        cores = int(ray.cluster_resources().get("CPU", 0))
        while len(self._running) < max(self._min_tasks, _WINDOW_PER_CORE * cores):
            attempt = self._next()
            if attempt is None:
                return
            task = self._task.remote(self._work, attempt)
            self._running[task] = attempt

    def _next(self) -> _Attempt | None:
        if self._retries:
            return self._retries.popleft()
        with contextlib.suppress(StopIteration):
            return _Attempt(next(self._fresh), 1)
        return None

    def _collect(self, task: Any, attempt: _Attempt) -> Iterator[tuple[Chunk, pa.Table]]:
        try:
            answer = ray.get(task)
        except (NodeDiedError, LocalRayletDiedError, ObjectLostError):
            self._retries.append(attempt)
        except (WorkerCrashedError, OutOfMemoryError) as error:
            yield from self._retry_or_fail(
                attempt, ProcessFailure(type(error).__name__, str(error))
            )
        else:
            yield from self._collect_result(attempt, answer)

    def _collect_result(
        self, attempt: _Attempt, answer: ChunkResult
    ) -> Iterator[tuple[Chunk, pa.Table]]:
        """Hand on what is solved, and see to what is not."""
        chunk, number = attempt
        dead = {(culprit.network, culprit.alphas) for culprit, _ in answer.failures}
        if dead:
            instances = [single for job in chunk for single in job.single()]
            chunk = tuple(job for job in instances if (job.network, job.alphas) not in dead)
        if chunk:
            yield chunk, answer.rows
        for culprit, failure in answer.failures:
            yield from self._retry_or_fail(_Attempt((culprit,), number), failure)

    def _retry_or_fail(
        self, attempt: _Attempt, failure: ProcessFailure
    ) -> Iterator[tuple[Chunk, pa.Table]]:
        """Take a chunk apart; try an instance again, or give it up."""
        chunk, number = attempt
        instances = [single for job in chunk for single in job.single()]
        if len(instances) > 1:
            self._retries.extend(_Attempt((single,), 1) for single in instances)
        elif number < MAX_ATTEMPTS:
            self._retries.append(_Attempt(chunk, number + 1))
        else:
            error = f"{failure.reason}; tried {number} times\n{failure.log}".strip()
            yield chunk, error_table(chunk, number, error)


def _solve(work: SolveContext, attempt: _Attempt) -> ChunkResult:
    """Do the work: this runs in a worker."""
    return solve_isolated(work, attempt.chunk, attempt.number)
