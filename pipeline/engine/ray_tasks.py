"""The Ray engine: each chunk is a Ray task, and a limited number of tasks is submitted at a time.

A worker solves its chunk in a child process (`pipeline.engine.isolation`). An instance that ends
the process is tried again (`pipeline.engine.attempts`).

Ray's own retries are off, because Ray cannot distinguish a bad instance from a lost node. The
driver counts the attempts instead. The loss of a node does not count as an attempt. If a worker
itself ends, its chunk is split into instances, and each of them is tried like one that ended its
child process.

If the Gurobi licences are counted, an instance that the search leaves unproven is a second task
(`pipeline.engine.licences`).
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Literal

import pyarrow as pa
import ray
from ray.exceptions import (
    LocalRayletDiedError,
    NodeDiedError,
    ObjectLostError,
    OutOfMemoryError,
    WorkerCrashedError,
)

from pipeline.config.command import print_status
from pipeline.config.sections import EngineConfig
from pipeline.engine import ray_session
from pipeline.engine.attempts import Attempt, AttemptQueue
from pipeline.engine.cores import usable_cores
from pipeline.engine.interface import SolveChunks
from pipeline.engine.isolation import ChunkResult, ProcessFailure, solve_isolated
from pipeline.engine.licences import NO_LICENCE_FREE, RESOURCE
from pipeline.engine.worker import SolveContext
from pipeline.sweep.job import Chunk

_TASKS_PER_CORE = 3
"""Tasks submitted to Ray at a time; more would only delay the retries behind them."""

_MIN_TASKS_OF_CLUSTER = 64
"""Tasks submitted at least on a cluster: Ray's autoscaler adds nodes only while tasks are
queued."""

_WAIT_S = 1.0
"""Seconds after which the driver looks again at the cluster: its cores, and nodes that joined."""


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
        workers = engine.workers or max(1, usable_cores() // threads)
        session = ray_session.local_cluster(workers * threads, engine.licences)
    with session as check_nodes:
        licences = ray_session.count_licences(context.options.solver, engine)
        print_status(f"engine: {ray_session.describe(engine.address, threads, licences)}")
        context = replace(context, in_stages=licences is not None)
        yield lambda chunks: _Scheduler(
            context, chunks, min_tasks, check_nodes, engine.without_licence
        ).results()


class _Scheduler:
    """Submits tasks and collects their results.

    Parameters
    ----------
    context : SolveContext
        Common to all chunks.
    chunks : iterator of Chunk
        What to solve.
    min_tasks : int
        Tasks to submit at a time, at least.
    check_nodes : callable
        Checks nodes that have joined the cluster, and raises `UserError`.
    without_licence : {"wait", "highs"}
        What a second stage does if all licences are in use: wait, or take HiGHS.
    """

    def __init__(
        self,
        context: SolveContext,
        chunks: Iterator[Chunk],
        min_tasks: int,
        check_nodes: Callable[[], None],
        without_licence: Literal["wait", "highs"],
    ) -> None:
        self._check_nodes = check_nodes
        self._next_look = -math.inf
        self._cores = 0
        threads = context.options.threads
        self._task = ray.remote(num_cpus=threads, max_retries=0)(_solve)
        self._licensed_task = self._task.options(resources={RESOURCE: 1})
        self._licences = 0
        self._waits_for_licence = without_licence == "wait"
        self._context = ray.put(context)
        self._queue = AttemptQueue(chunks, context.run_columns)
        self._min_tasks = min_tasks
        self._running: dict[Any, Attempt] = {}

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
        self._look_at_the_cluster()
        self._submit_second_stages()
        most = max(self._min_tasks, _TASKS_PER_CORE * self._cores)
        while len(self._running) - self._count_licensed() < most:
            attempt = self._queue.next()
            if attempt is None:
                return
            self._submit(self._task, attempt)

    def _submit_second_stages(self) -> None:
        """Submit what a first stage left, so many that a licence is never idle."""
        most = max(1, 2 * self._licences if self._waits_for_licence else self._licences)
        while self._count_licensed() < most:
            attempt = self._queue.next_second_stage()
            if attempt is None:
                return
            self._submit(self._licensed_task, attempt)
        while not self._waits_for_licence and (attempt := self._queue.next_second_stage()):
            self._submit(self._task, attempt.without_gurobi(NO_LICENCE_FREE))

    def _count_licensed(self) -> int:
        """Return how many of the submitted tasks hold a licence or wait for one."""
        return sum(attempt.may_use_gurobi for attempt in self._running.values())

    def _submit(self, task: Any, attempt: Attempt) -> None:
        self._running[task.remote(self._context, attempt)] = attempt

    def _look_at_the_cluster(self) -> None:
        """Count its cores and check its new nodes, at most once in a while."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + _WAIT_S
            self._check_nodes()
            resources = ray.cluster_resources()
            self._cores = int(resources.get("CPU", 0))
            self._licences = int(resources.get(RESOURCE, 0))

    def _collect(self, task: Any, attempt: Attempt) -> Iterator[tuple[Chunk, pa.Table]]:
        try:
            result = ray.get(task)
        except (NodeDiedError, LocalRayletDiedError, ObjectLostError):
            self._queue.repeat(attempt)  # the node is lost, which the chunk did not cause
        except (WorkerCrashedError, OutOfMemoryError) as error:
            failure = ProcessFailure(type(error).__name__, str(error))
            yield from self._queue.retry_or_fail(attempt, failure)
        else:
            yield from self._queue.collect(attempt, result)


def _solve(context: SolveContext, attempt: Attempt) -> ChunkResult:
    """Solve a chunk. This runs in a worker, whose process title is then ``ray::_solve``."""
    return solve_isolated(context, attempt.chunk, attempt.number, attempt.rest)
