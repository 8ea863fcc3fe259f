"""Chunks are what is missing, cut by network: nothing twice, nothing left out."""

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
from pipeline.sweep.job import Chunk, Job
from pipeline.sweep.predicted_time import predicted_s

Instance = tuple[NetworkCoordinate, float]
Flags = NDArray[np.bool_]


@functools.cache
def smoke() -> dict[str, Any]:
    """Compose a sweep of 4 allocations x 3 structures x 3 replications x 2 alphas, once."""
    return compose("config", ["sweep=smoke", "sweep.replications=3", "engine=serial"])


def configured(shard: str = "1/1", chunk_s: float = 3, time_limit_s: float = 120) -> Config:
    """Check that sweep with another shard, chunk size or time limit."""
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


def cut(done: Flags = NOTHING_DONE, **changes: Any) -> list[Chunk]:
    """Cut what is missing into chunks."""
    return list(PendingWork(SWEEP, done, configured(**changes)).chunks())


def instances(chunks: list[Chunk]) -> list[Instance]:
    """List the instances of chunks, in their order and as often as they occur."""
    return [(job.network, alpha) for job in itertools.chain(*chunks) for alpha in job.alphas]


def missing(done: Flags) -> set[Instance]:
    """Collect the instances that are not done."""
    return {
        (SWEEP.network(int(number)), SWEEP.alphas[column])
        for number, column in zip(*np.nonzero(~done), strict=True)
    }


dones = st.one_of(
    st.integers(0, 2**32 - 1).map(
        lambda seed: np.random.default_rng(seed).random(NOTHING_DONE.shape) < 0.5
    ),
    st.just(NOTHING_DONE),
    st.just(~NOTHING_DONE),
)
shard_counts = st.sampled_from([1, 2, 3, 7, 36, 50])
chunk_sizes = st.sampled_from([1e-6, 0.1, 0.5, 3, 1e6])


@settings(deadline=None, derandomize=True, max_examples=80)
@given(dones, shard_counts, chunk_sizes)
def test_chunks_cover_what_is_missing_once(done: Flags, parts: int, chunk_s: float) -> None:
    """Over all shards every missing instance is in one chunk, and no done one in any."""
    found = [
        instance
        for part in range(1, parts + 1)
        for instance in instances(cut(done, shard=f"{part}/{parts}", chunk_s=chunk_s))
    ]
    assert len(found) == len(set(found))
    assert set(found) == missing(done)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(dones, chunk_sizes)
def test_a_network_stays_in_one_chunk(done: Flags, chunk_s: float) -> None:
    """All missing alphas of a network are one job of one chunk; no job and no chunk is empty."""
    chunks = cut(done, chunk_s=chunk_s)
    networks = [job.network for chunk in chunks for job in chunk]
    assert len(networks) == len(set(networks))
    assert all(job.alphas for chunk in chunks for job in chunk)
    assert all(chunks)
    # The alphas of a job keep the order of the sweep.
    for job in itertools.chain(*chunks):
        assert list(job.alphas) == [alpha for alpha in SWEEP.alphas if alpha in job.alphas]


@pytest.mark.parametrize("parts", [1, 2, 5, 36, 40])
def test_shards_partition_the_networks(parts: int) -> None:
    """Shards 1..n share no network, leave none out, and differ in size by one at most."""
    shards = [
        {network for network, _ in instances(cut(shard=f"{part}/{parts}"))}
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
        before = {network for network, _ in instances(cut(shard=f"{part}/2"))}
        after = {network for network, _ in instances(cut(done, shard=f"{part}/2"))}
        assert after < before


def test_the_longest_jobs_come_first() -> None:
    """Jobs come in order of falling predicted time, of which there are several here."""
    predicted = [job.predicted_s for chunk in cut() for job in chunk]
    assert predicted == sorted(predicted, reverse=True)
    assert len(set(predicted)) > 1


@settings(deadline=None, derandomize=True, max_examples=60)
@given(dones, chunk_sizes)
def test_chunks_are_about_as_long_as_asked(done: Flags, chunk_s: float) -> None:
    """A chunk ends with the job that fills it; only the last one may fall short."""
    chunks = cut(done, chunk_s=chunk_s)
    for chunk in chunks:
        assert sum(job.predicted_s for job in chunk[:-1]) < chunk_s
    for chunk in chunks[:-1]:
        assert sum(job.predicted_s for job in chunk) >= chunk_s


def test_a_long_job_is_a_chunk_of_its_own() -> None:
    """A chunk size below every job gives as many chunks as networks; a huge one gives one."""
    assert [len(chunk) for chunk in cut(chunk_s=1e-6)] == [1] * SWEEP.n_networks
    assert [len(chunk) for chunk in cut(chunk_s=1e6)] == [SWEEP.n_networks]


@settings(deadline=None, derandomize=True, max_examples=60)
@given(dones, shard_counts, st.data())
def test_totals_agree_with_the_chunks(done: Flags, parts: int, data: st.DataObject) -> None:
    """The counts and the seconds that a plan shows are the sums over the chunks."""
    part = data.draw(st.integers(1, parts))
    remaining = PendingWork(SWEEP, done, configured(shard=f"{part}/{parts}"))
    chunks = list(remaining.chunks())
    assert remaining.n_instances == len(instances(chunks))
    assert remaining.n_networks == sum(map(len, chunks))
    of_shard = len(range(part - 1, SWEEP.n_networks, parts)) * len(SWEEP.alphas)
    assert remaining.n_instances_of_shard == of_shard >= remaining.n_instances
    seconds = sum(job.predicted_s for chunk in chunks for job in chunk)
    assert remaining.predicted_s == pytest.approx(seconds)


def test_no_prediction_exceeds_the_time_limit() -> None:
    """No instance is predicted to take longer than its time limit lets it."""
    free = [job.predicted_s for chunk in cut() for job in chunk]
    limited = [job.predicted_s for chunk in cut(time_limit_s=0.01) for job in chunk]
    assert limited == pytest.approx([min(seconds, 0.01 * len(SWEEP.alphas)) for seconds in free])
    assert limited != free


def test_predictions_grow_with_the_problem() -> None:
    """More customers, more sites and a larger scale all predict longer solves."""
    base = predicted_s((10, 20, 20), 1)
    assert base > 0
    assert predicted_s((10, 20, 60), 1) > base
    assert predicted_s((10, 60, 20), 1) > base
    assert predicted_s((10, 20, 20), 2) > base
    assert base < predicted_s((10, 20, 20), 1, "collapsed") < predicted_s((10, 20, 20), 1, "direct")
    assert predicted_s((10, 20, 20), 2) == pytest.approx(predicted_s((20, 40, 40), 1))


@pytest.mark.parametrize("n", range(4))
def test_what_is_left_of_a_job_after_some_alphas_is_its_other_instances(n: int) -> None:
    """Taken apart, the rest of a job is the rest of its parts; nothing is predicted for nothing."""
    job = Job(NetworkCoordinate("A1", "C1"), (2.0, 5.0, 20.0), 3.0)
    left = job.after(n)
    assert left.alphas == job.alphas[n:]
    assert left.predicted_s == 3 - n
    if left.alphas:
        assert left.single() == job.single()[n:]
