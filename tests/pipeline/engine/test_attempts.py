"""Every instance is yielded once: solved, or as an error row after its last attempt."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.attempts import MAX_ATTEMPTS, Attempt, AttemptQueue
from pipeline.engine.interface import to_table
from pipeline.engine.isolation import ChunkResult, ProcessFailure
from pipeline.results.rows import error_row
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Chunk, Job
from solvers.stages import WholeModel
from tests.pipeline.run_columns import RUN

Instance = tuple[int, float]
"""Replication and alpha."""

SIZES = st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=3), max_size=4)
"""The number of alphas of each job of each chunk."""

FAILURE = ProcessFailure("ended by SIGSEGV", "the stack")

REST = WholeModel("collapsed", None, None)


def chunks_of(sizes: list[list[int]]) -> list[Chunk]:
    """Make chunks; the replication numbers the jobs."""
    numbers = iter(range(100))
    return [
        tuple(
            Job(NetworkCoordinate("A6", "C1", next(numbers)), (2.0, 3.0, 5.0)[:n], 1.0)
            for n in chunk
        )
        for chunk in sizes
    ]


def instances(chunk: Chunk) -> list[Instance]:
    """List the instances of a chunk."""
    return [(job.network.replication, alpha) for job in chunk for alpha in job.alphas]


def instances_of(rows: pa.Table) -> list[Instance]:
    """List the instances of rows."""
    return list(zip(rows["replication"].to_pylist(), rows["alpha"].to_pylist(), strict=True))


def solve(attempt: Attempt, poison: set[Instance]) -> ChunkResult:
    """Make a row of each instance that is no poison, and a failure of each other one."""
    jobs = [instance for job in attempt.chunk for instance in job.split()]
    failing = [job for job in jobs if set(instances((job,))) <= poison]
    solved = [job for job in jobs if job not in failing]
    rows = [error_row(RUN, job, job.alphas[0], attempt.number, "") for job in solved]
    return ChunkResult(to_table(rows), tuple((job, FAILURE) for job in failing))


def leave(attempt: Attempt, unproven: set[Instance]) -> ChunkResult:
    """Make a row of each instance but the unproven ones, which are left to a second stage."""
    jobs = [instance for job in attempt.chunk for instance in job.split()]
    left = [job for job in jobs if set(instances((job,))) <= unproven]
    solved = [job for job in jobs if job not in left]
    rows = [error_row(RUN, job, job.alphas[0], attempt.number, "") for job in solved]
    return ChunkResult(to_table(rows), unfinished=tuple((job, REST) for job in left))


@given(SIZES, st.data())
def test_an_instance_that_ends_its_process_is_tried_three_times_and_no_other_one_twice(
    sizes: list[list[int]], data: st.DataObject
) -> None:
    """For any set of failing instances; their error rows give the reason."""
    chunks = chunks_of(sizes)
    everything = [instance for chunk in chunks for instance in instances(chunk)]
    poison = data.draw(st.sets(st.sampled_from(everything)) if everything else st.just(set()))
    queue, tried, yielded = (
        AttemptQueue(iter(chunks), RUN),
        Counter[Instance](),
        Counter[Instance](),
    )
    while (attempt := queue.next()) is not None:
        tried.update(instances(attempt.chunk))
        for chunk, rows in queue.collect(attempt, solve(attempt, poison)):
            assert instances(chunk) == instances_of(rows)
            yielded.update(instances(chunk))
            for instance, row in zip(instances(chunk), rows.to_pylist(), strict=True):
                assert row["attempt"] == (MAX_ATTEMPTS if instance in poison else 1)
                failed = row["error"] == "ended by SIGSEGV; tried 3 times\nthe stack"
                assert failed == (instance in poison)
    assert yielded == Counter(everything)
    assert tried == {each: MAX_ATTEMPTS if each in poison else 1 for each in everything}


@given(SIZES, st.data())
def test_a_second_stage_is_tried_three_times_and_its_first_stage_once(
    sizes: list[list[int]], data: st.DataObject
) -> None:
    """For any set of instances that need a second stage, some of which end its process."""
    chunks = chunks_of(sizes)
    everything = [instance for chunk in chunks for instance in instances(chunk)]
    subsets = st.sets(st.sampled_from(everything)) if everything else st.just(set())
    unproven, poison = data.draw(subsets), data.draw(subsets)
    queue = AttemptQueue(iter(chunks), RUN)
    first, second, yielded = Counter[Instance](), Counter[Instance](), Counter[Instance]()
    while (attempt := queue.next() or queue.next_second_stage()) is not None:
        if attempt.rest is None:
            first.update(instances(attempt.chunk))
            result = leave(attempt, unproven)
        else:
            second.update(instances(attempt.chunk))
            result = solve(attempt, poison)
        for chunk, rows in queue.collect(attempt, result):
            assert instances(chunk) == instances_of(rows)
            yielded.update(instances(chunk))
    assert first == yielded == Counter(everything)
    assert second == {each: MAX_ATTEMPTS if each in poison else 1 for each in unproven}


@given(SIZES.filter(bool))
def test_an_instance_whose_workers_end_is_tried_alone_three_times(sizes: list[list[int]]) -> None:
    """A worker that ends does not name an instance: its chunk is split first."""
    chunks = chunks_of(sizes)
    queue, tried, failed = AttemptQueue(iter(chunks), RUN), Counter[Instance](), Counter[Instance]()
    while (attempt := queue.next()) is not None:
        if len(instances(attempt.chunk)) == 1:
            tried.update(instances(attempt.chunk))
        for chunk, _ in queue.retry_or_fail(attempt, FAILURE):
            failed.update(instances(chunk))
    everything = [instance for chunk in chunks for instance in instances(chunk)]
    assert failed == Counter(everything)
    assert tried == dict.fromkeys(everything, MAX_ATTEMPTS)


def test_a_lost_attempt_is_repeated_before_a_new_chunk() -> None:
    """The loss of a node is no attempt: the number stays the same."""
    first, second = chunks_of([[1], [2]])
    queue = AttemptQueue(iter([first, second]), RUN)
    attempt = queue.next()
    assert attempt == Attempt(first, 1)
    queue.repeat(attempt)
    assert queue.next() == Attempt(first, 1)
    assert queue.next() == Attempt(second, 1)
    assert queue.next() is None


def test_what_was_not_begun_is_neither_yielded_nor_tried_again() -> None:
    """Of three instances one has a row; the job of the run ends soon."""
    (chunk,) = chunks_of([[3]])
    queue = AttemptQueue(iter([chunk]), RUN)
    attempt = queue.next()
    assert attempt is not None
    (job,) = chunk
    first, rest = job.split()[0], job.without_first(1)
    rows = to_table([error_row(RUN, first, first.alphas[0], 1, "")])
    ((solved, table),) = queue.collect(attempt, ChunkResult(rows, (), (rest,)))
    assert (solved, table) == ((first,), rows)
    assert list(queue.collect(attempt, ChunkResult(to_table([]), (), chunk))) == []
    assert queue.next() is None
