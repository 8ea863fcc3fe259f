"""Chunks contain every missing instance exactly once, grouped by network."""

import functools
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.config.compose import compose
from pipeline.config.sections import Config, validate
from pipeline.sweep.chunks import PendingWork
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.grid import Sweep
from pipeline.sweep.job import Chunk

Instance = tuple[NetworkCoordinate, float]
Flags = NDArray[np.bool_]


@functools.cache
def smoke() -> dict[str, Any]:
    """Compose a sweep of 4 allocations x 3 structures x 3 replications x 2 alphas, once."""
    return compose("config", ["sweep=smoke", "sweep.replications=3", "engine=serial"])


def configured(shard: str = "1/1", chunk_s: float = 3, time_limit_s: float = 120) -> Config:
    """Return that sweep with another shard, chunk size or time limit."""
    values = smoke()
    return validate(
        {
            **values,
            "shard": shard,
            "engine": {**values["engine"], "chunk_s": chunk_s},
            "solver": {**values["solver"], "time_limit_s": time_limit_s},
        }
    )


SWEEP = Sweep.of(configured())
NOTHING_DONE = np.zeros((SWEEP.n_networks, len(SWEEP.alphas)), dtype=bool)


def chunks_of(done: Flags = NOTHING_DONE, **changes: Any) -> list[Chunk]:
    """Split the missing instances into chunks."""
    return list(PendingWork(SWEEP, done, configured(**changes)).chunks())


def instances(chunks: list[Chunk]) -> list[Instance]:
    """List the instances of chunks in their order, with repetitions."""
    return [(job.network, alpha) for job in itertools.chain(*chunks) for alpha in job.alphas]


def missing(done: Flags) -> set[Instance]:
    """Return the instances that are not done."""
    return {
        (SWEEP.network(int(number)), SWEEP.alphas[column])
        for number, column in zip(*np.nonzero(~done), strict=True)
    }


done_masks = st.one_of(
    st.integers(0, 2**32 - 1).map(
        lambda seed: np.random.default_rng(seed).random(NOTHING_DONE.shape) < 0.5
    ),
    st.just(NOTHING_DONE),
    st.just(~NOTHING_DONE),
)
shard_counts = st.sampled_from([1, 2, 3, 7, 36, 50])
chunk_sizes = st.sampled_from([1e-6, 0.1, 0.5, 3, 1e6])


@settings(deadline=None, derandomize=True, max_examples=80)
@given(done_masks, shard_counts, chunk_sizes)
def test_chunks_cover_the_missing_instances_once(done: Flags, parts: int, chunk_s: float) -> None:
    """Over all shards, every missing instance is in one chunk, and no done instance is in any."""
    found = [
        instance
        for part in range(1, parts + 1)
        for instance in instances(chunks_of(done, shard=f"{part}/{parts}", chunk_s=chunk_s))
    ]
    assert len(found) == len(set(found))
    assert set(found) == missing(done)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(done_masks, chunk_sizes)
def test_a_network_stays_in_one_chunk(done: Flags, chunk_s: float) -> None:
    """All missing alphas of a network are one job in one chunk; no job and no chunk is empty."""
    chunks = chunks_of(done, chunk_s=chunk_s)
    networks = [job.network for chunk in chunks for job in chunk]
    assert len(networks) == len(set(networks))
    assert all(job.alphas for chunk in chunks for job in chunk)
    assert all(chunks)
    # The alphas of a job keep the order of the sweep.
    for job in itertools.chain(*chunks):
        assert list(job.alphas) == [alpha for alpha in SWEEP.alphas if alpha in job.alphas]


@pytest.mark.parametrize("parts", [1, 2, 5, 36, 40])
def test_shards_partition_the_networks(parts: int) -> None:
    """Shards 1..n are disjoint, cover all networks, and differ in size by at most one."""
    shards = [
        {network for network, _ in instances(chunks_of(shard=f"{part}/{parts}"))}
        for part in range(1, parts + 1)
    ]
    assert sum(map(len, shards)) == len(set().union(*shards)) == SWEEP.n_networks
    sizes = list(map(len, shards))
    assert max(sizes) - min(sizes) <= 1


def test_shards_do_not_depend_on_what_is_done() -> None:
    """A network belongs to the same shard before and after other networks are done."""
    done = NOTHING_DONE.copy()
    done[::3] = True
    for part in (1, 2):
        before = {network for network, _ in instances(chunks_of(shard=f"{part}/2"))}
        after = {network for network, _ in instances(chunks_of(done, shard=f"{part}/2"))}
        assert after < before


def test_the_longest_jobs_come_first() -> None:
    """Jobs are in order of decreasing predicted time, which takes several values here."""
    predicted = [job.predicted_s for chunk in chunks_of() for job in chunk]
    assert predicted == sorted(predicted, reverse=True)
    assert len(set(predicted)) > 1


@settings(deadline=None, derandomize=True, max_examples=60)
@given(done_masks, chunk_sizes)
def test_chunks_have_about_the_configured_size(done: Flags, chunk_s: float) -> None:
    """A chunk ends with the job that reaches the size; only the last chunk may be smaller."""
    chunks = chunks_of(done, chunk_s=chunk_s)
    for chunk in chunks:
        assert sum(job.predicted_s for job in chunk[:-1]) < chunk_s
    for chunk in chunks[:-1]:
        assert sum(job.predicted_s for job in chunk) >= chunk_s


def test_chunk_size_limits_the_number_of_jobs() -> None:
    """A size below every job gives one chunk per network; a huge size gives one chunk."""
    assert [len(chunk) for chunk in chunks_of(chunk_s=1e-6)] == [1] * SWEEP.n_networks
    assert [len(chunk) for chunk in chunks_of(chunk_s=1e6)] == [SWEEP.n_networks]


@settings(deadline=None, derandomize=True, max_examples=60)
@given(done_masks, shard_counts, st.data())
def test_totals_agree_with_the_chunks(done: Flags, parts: int, data: st.DataObject) -> None:
    """The totals that a plan shows are the sums over the chunks."""
    part = data.draw(st.integers(1, parts))
    pending = PendingWork(SWEEP, done, configured(shard=f"{part}/{parts}"))
    chunks = list(pending.chunks())
    assert pending.n_instances == len(instances(chunks))
    assert pending.n_networks == sum(map(len, chunks))
    of_shard = len(range(part - 1, SWEEP.n_networks, parts)) * len(SWEEP.alphas)
    assert pending.n_instances_of_shard == of_shard >= pending.n_instances
    seconds = sum(job.predicted_s for chunk in chunks for job in chunk)
    assert pending.predicted_s == pytest.approx(seconds)


def test_no_prediction_exceeds_the_time_limit() -> None:
    """The prediction for an instance is at most its time limit."""
    unlimited = [job.predicted_s for chunk in chunks_of() for job in chunk]
    limited = [job.predicted_s for chunk in chunks_of(time_limit_s=0.004) for job in chunk]
    assert limited == pytest.approx(
        [min(seconds, 0.004 * len(SWEEP.alphas)) for seconds in unlimited]
    )
    assert limited != unlimited
