"""The Ray engine: each chunk is a Ray task, and a limited number of tasks is submitted at a time.

A worker solves its chunk in a child process (`pipeline.engine.isolation`). An instance that ends
the process, by a crash, a kill, lack of memory or a hang beyond its deadline, is tried again on its
own; after `MAX_ATTEMPTS` attempts it becomes an error row.

Ray's own retries are off, because Ray cannot distinguish a bad instance from a lost node. The
driver counts the attempts instead. The loss of a node does not count as an attempt. If a worker
itself ends, its chunk is split into instances. An instance whose workers end `MAX_ATTEMPTS` times
becomes an error row too.
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
from pipeline.engine.interface import SolveChunks, error_table
from pipeline.engine.isolation import ChunkResult, ProcessFailure, solve_isolated
from pipeline.engine.worker import SolveContext
from pipeline.sweep.job import Chunk, Job

MAX_ATTEMPTS = 3
"""Attempts at an instance that ends its process."""

_TASKS_PER_CORE = 3
"""Tasks submitted to Ray at a time; more would only delay the retries behind them."""

_MIN_TASKS_OF_CLUSTER = 64
"""Tasks submitted at least on a cluster: Ray's autoscaler adds nodes only while tasks are
queued."""

_WAIT_S = 1.0
"""Seconds after which the driver looks again how many cores the cluster has."""


class _Attempt(NamedTuple):
    """A chunk and the number of the attempt at it, from 1."""

    chunk: Chunk
    number: int


@contextlib.contextmanager
def open_engine(context: SolveContext, engine: EngineConfig) -> Iterator[SolveChunks]:
    """Join or start a cluster; leave it or shut it down at the end.

    Parameters
    ----------
    context : SolveContext
        Common to all chunks.
    engine : EngineConfig
        Address of a cluster, or the number of workers of a local one.

    Yields
    ------
    callable
        Takes an iterator of chunks and draws from it only as fast as chunks are solved. Yields each
        chunk, or the parts into which it was split, with its rows as they finish.

    Raises
    ------
    UserError
        The cluster cannot be joined.
    """
    threads = context.options.threads
    if engine.address is not None:
        session, min_tasks = ray_session.join_cluster(engine.address), _MIN_TASKS_OF_CLUSTER
    else:
        min_tasks = 1
        workers = engine.workers or max(1, ray_session.usable_cores() // threads)
        session = ray_session.local_cluster(cores=workers * threads)
    with session:
        yield lambda chunks: _Scheduler(context, chunks, threads, min_tasks).results()


class _Scheduler:
    """Submits tasks and collects their results; keeps the chunks that need another attempt.

    Parameters
    ----------
    context : SolveContext
        Common to all chunks.
    chunks : iterator of Chunk
        What to solve.
    threads : int
        Cores of one task.
    min_tasks : int
        Tasks to submit at a time, at least.
    """

    def __init__(
        self, context: SolveContext, chunks: Iterator[Chunk], threads: int, min_tasks: int
    ) -> None:
        self._task = ray.remote(num_cpus=threads, max_retries=0)(_solve)
        self._context = ray.put(context)
        self._run_columns = context.run_columns
        self._chunks = chunks
        self._min_tasks = min_tasks
        self._retries: deque[_Attempt] = deque()
        self._running: dict[Any, _Attempt] = {}

    def results(self) -> Iterator[tuple[Chunk, pa.Table]]:
        """Yield the chunks with their rows as they finish."""
        # An interrupt must not call ray.cancel: it can abort the driver when a task ends at the
        # same time (a race in Ray 2.60). Ray ends all running tasks when the driver disconnects.
        self._submit_tasks()
        while self._running:
            ready, _ = ray.wait(list(self._running), timeout=_WAIT_S)
            for task in ready:
                yield from self._collect(task, self._running.pop(task))
            self._submit_tasks()

    def _submit_tasks(self) -> None:
        cores = int(ray.cluster_resources().get("CPU", 0))
        while len(self._running) < max(self._min_tasks, _TASKS_PER_CORE * cores):
            attempt = self._next_attempt()
            if attempt is None:
                return
            task = self._task.remote(self._context, attempt)
            self._running[task] = attempt

    def _next_attempt(self) -> _Attempt | None:
        """Return a retry if there is one, else the next chunk."""
        if self._retries:
            return self._retries.popleft()
        with contextlib.suppress(StopIteration):
            return _Attempt(next(self._chunks), 1)
        return None

    def _collect(self, task: Any, attempt: _Attempt) -> Iterator[tuple[Chunk, pa.Table]]:
        try:
            result = ray.get(task)
        except (NodeDiedError, LocalRayletDiedError, ObjectLostError):
            self._retries.append(attempt)  # with the same number: the node is lost, not the chunk
        except (WorkerCrashedError, OutOfMemoryError) as error:
            yield from self._retry_or_fail(
                attempt, ProcessFailure(type(error).__name__, str(error))
            )
        else:
            yield from self._collect_result(attempt, result)

    def _collect_result(
        self, attempt: _Attempt, result: ChunkResult
    ) -> Iterator[tuple[Chunk, pa.Table]]:
        """Yield the solved part of a chunk, and retry its failed instances."""
        chunk, number = attempt
        failed = {(job.network, job.alphas) for job, _ in result.failures}
        if failed:
            chunk = tuple(
                job
                for job in _split_into_instances(chunk)
                if (job.network, job.alphas) not in failed
            )
        if chunk:
            yield chunk, result.rows
        for job, failure in result.failures:
            yield from self._retry_or_fail(_Attempt((job,), number), failure)

    def _retry_or_fail(
        self, attempt: _Attempt, failure: ProcessFailure
    ) -> Iterator[tuple[Chunk, pa.Table]]:
        """Split a chunk into its instances; retry a single instance, or yield its error row."""
        chunk, number = attempt
        instances = _split_into_instances(chunk)
        if len(instances) > 1:
            self._retries.extend(_Attempt((instance,), 1) for instance in instances)
        elif number < MAX_ATTEMPTS:
            self._retries.append(_Attempt(chunk, number + 1))
        else:
            error = f"{failure.reason}; tried {number} times\n{failure.log}".strip()
            yield chunk, error_table(self._run_columns, chunk, number, error)


def _split_into_instances(chunk: Chunk) -> list[Job]:
    return [instance for job in chunk for instance in job.split()]


def _solve(context: SolveContext, attempt: _Attempt) -> ChunkResult:
    """Solve a chunk. This runs in a worker, whose process title is then ``ray::_solve``."""
    return solve_isolated(context, attempt.chunk, attempt.number)
