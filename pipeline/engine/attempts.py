"""Which chunk is solved next, and what becomes of an instance that ended its process.

Such an instance is tried again on its own; after `MAX_ATTEMPTS` attempts it becomes an error row.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

from pipeline.config.command import LOGGER
from pipeline.engine.interface import error_table
from pipeline.engine.isolation import ChunkResult, ProcessFailure
from pipeline.engine.licences import Rest
from pipeline.results.rows import RunColumns
from pipeline.results.schema import describe_coordinate
from pipeline.sweep.job import Chunk, Job

MAX_ATTEMPTS = 3
"""Attempts at an instance that ends its process."""


class Attempt(NamedTuple):
    """A chunk, the number of the attempt at it, from 1, and what a first stage left of it."""

    chunk: Chunk
    number: int
    rest: Rest | None = None

    @property
    def may_use_gurobi(self) -> bool:
        """Whether this is a second stage that may open a Gurobi environment."""
        return self.rest is not None and self.rest.without_gurobi is None

    def without_gurobi(self, reason: str) -> Attempt:
        """Return the same second stage, which uses HiGHS for a reason."""
        assert self.rest is not None, "a first stage uses no MIP solver"
        return self._replace(rest=self.rest._replace(without_gurobi=reason))


class AttemptQueue:
    """The attempts that are still to be made: retries first, then new chunks.

    Parameters
    ----------
    chunks : iterator of Chunk
        What to solve; the next one is drawn only when there is no retry.
    run_columns : RunColumns
        For the error rows of instances that failed in all attempts.
    """

    def __init__(self, chunks: Iterator[Chunk], run_columns: RunColumns) -> None:
        self._run_columns = run_columns
        self._chunks = chunks
        self._retries: deque[Attempt] = deque()
        self._second_stages: deque[Attempt] = deque()

    def next_second_stage(self) -> Attempt | None:
        """Return the next attempt at a second stage; None if there is none now."""
        return self._second_stages.popleft() if self._second_stages else None

    def next(self) -> Attempt | None:
        """Return the next attempt; None if there is none now."""
        if self._retries:
            return self._retries.popleft()
        with contextlib.suppress(StopIteration):
            return Attempt(next(self._chunks), 1)
        return None

    def _queue_of(self, attempt: Attempt) -> deque[Attempt]:
        return self._second_stages if attempt.may_use_gurobi else self._retries

    def repeat(self, attempt: Attempt) -> None:
        """Make an attempt again with the same number, because it was lost."""
        self._queue_of(attempt).append(attempt)

    def collect(self, attempt: Attempt, result: ChunkResult) -> Iterator[tuple[Chunk, pa.Table]]:
        """Yield the solved part of a chunk, and retry its failed instances."""
        chunk, number, rest = attempt
        unsolved = [job for job, _ in (*result.failures, *result.unfinished)]
        unsolved += _split_into_instances(result.not_begun)
        if unsolved:
            without_row = {(job.network, job.alphas) for job in unsolved}
            chunk = tuple(
                job
                for job in _split_into_instances(chunk)
                if (job.network, job.alphas) not in without_row
            )
        if chunk:
            yield chunk, result.rows
        for job, unfinished in result.unfinished:
            self._second_stages.append(Attempt((job,), number, Rest(unfinished)))
        for job, failure in result.failures:
            yield from self.retry_or_fail(Attempt((job,), number, rest), failure)

    def retry_or_fail(
        self, attempt: Attempt, failure: ProcessFailure
    ) -> Iterator[tuple[Chunk, pa.Table]]:
        """Split a chunk into its instances; retry a single instance, or yield its error row."""
        chunk, number, rest = attempt
        instances = _split_into_instances(chunk)
        if len(instances) > 1:
            self._retries.extend(Attempt((instance,), 1) for instance in instances)
        elif number < MAX_ATTEMPTS:
            LOGGER.info("retry %s: %s", _describe(chunk), failure.reason)
            self.repeat(Attempt(chunk, number + 1, rest))
        else:
            error = f"{failure.reason}; tried {number} times\n{failure.log}".strip()
            LOGGER.info("error row %s: %s", _describe(chunk), failure.reason)
            yield chunk, error_table(self._run_columns, chunk, number, error)


def _describe(chunk: Chunk) -> str:
    return ", ".join(
        describe_coordinate({**job.network._asdict(), "alpha": alpha})
        for job in chunk
        for alpha in job.alphas
    )


def _split_into_instances(chunk: Chunk) -> list[Job]:
    return [instance for job in chunk for instance in job.split()]
