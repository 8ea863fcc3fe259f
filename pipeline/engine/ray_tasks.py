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

from pipeline.answers import Compute, lost_chunk
from pipeline.config import EngineConfig
from pipeline.engine import ray_session
from pipeline.engine.isolation import Answer, Death, solve_apart
from pipeline.job import Chunk
from pipeline.worker import Work

MAX_ATTEMPTS = 3
"""Tries of an instance that ends its process."""

_WINDOW_PER_CORE = 3
"""Chunks handed to Ray at a time; more would only delay what is to be tried again."""

_DEMAND = 64
"""At least so many on a cluster that runs already: its autoscaler goes by what waits."""

_WAIT_S = 1.0


class _Attempt(NamedTuple):
    """A chunk, and which try of it this is."""

    chunk: Chunk
    number: int


@contextlib.contextmanager
def opened(work: Work, engine: EngineConfig) -> Iterator[Compute]:
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
        session, least = ray_session.joined(engine.address), _DEMAND
    else:
        least = 1
        workers = engine.workers or max(1, ray_session.usable_cores() // threads)
        session = ray_session.local(cores=workers * threads)
    with session:
        yield lambda chunks: _Window(work, chunks, threads, least).results()


class _Window:
    """Tasks under way, and chunks that wait for another attempt."""

    def __init__(self, work: Work, chunks: Iterator[Chunk], threads: int, least: int) -> None:
        self._task = ray.remote(num_cpus=threads, max_retries=0)(_solve)
        self._work = ray.put(work)
        self._fresh = chunks
        self._least = least
        self._again: deque[_Attempt] = deque()
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
        while len(self._running) < max(self._least, _WINDOW_PER_CORE * cores):
            attempt = self._next()
            if attempt is None:
                return
            task = self._task.remote(self._work, attempt)
            self._running[task] = attempt

    def _next(self) -> _Attempt | None:
        if self._again:
            return self._again.popleft()
        with contextlib.suppress(StopIteration):
            return _Attempt(next(self._fresh), 1)
        return None

    def _collect(self, task: Any, attempt: _Attempt) -> Iterator[tuple[Chunk, pa.Table]]:
        try:
            answer = ray.get(task)
        except (NodeDiedError, LocalRayletDiedError, ObjectLostError):
            self._again.append(attempt)
        except (WorkerCrashedError, OutOfMemoryError) as error:
            yield from self._blame(attempt, Death(type(error).__name__, str(error)))
        else:
            yield from self._take(attempt, answer)

    def _take(self, attempt: _Attempt, answer: Answer) -> Iterator[tuple[Chunk, pa.Table]]:
        """Hand on what is solved, and see to what is not."""
        chunk, number = attempt
        dead = {(culprit.network, culprit.alphas) for culprit, _ in answer.deaths}
        if dead:
            instances = [single for job in chunk for single in job.single()]
            chunk = tuple(job for job in instances if (job.network, job.alphas) not in dead)
        if chunk:
            yield chunk, answer.rows
        for culprit, death in answer.deaths:
            yield from self._blame(_Attempt((culprit,), number), death)

    def _blame(self, attempt: _Attempt, death: Death) -> Iterator[tuple[Chunk, pa.Table]]:
        """Take a chunk apart; try an instance again, or give it up."""
        chunk, number = attempt
        instances = [single for job in chunk for single in job.single()]
        if len(instances) > 1:
            self._again.extend(_Attempt((single,), 1) for single in instances)
        elif number < MAX_ATTEMPTS:
            self._again.append(_Attempt(chunk, number + 1))
        else:
            error = f"{death.reason}; tried {number} times\n{death.log}".strip()
            yield chunk, lost_chunk(chunk, number, error)


def _solve(work: Work, attempt: _Attempt) -> Answer:
    """Do the work: this runs in a worker."""
    return solve_apart(work, attempt.chunk, attempt.number)
