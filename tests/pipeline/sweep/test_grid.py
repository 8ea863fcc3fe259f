"""The grid of a sweep numbers every instance by arithmetic, and stores none of them."""

import functools
import itertools
import random
import tracemalloc
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.compose import compose
from pipeline.config.sections import Config, validate
from pipeline.results.schema import COORDINATE, RESULTS
from pipeline.sweep.chunks import PendingWork
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.grid import Sweep
from pipeline.sweep.predicted_time import predicted_s

Instance = tuple[str, str, int, int, float]
"""Values of the columns `COORDINATE`, in their order."""


@functools.cache
def composed(*words: str) -> dict[str, Any]:
    """Compose the configuration of a command line, once for each command line."""
    return compose("config", list(words))


def configured(*words: str) -> Config:
    """Return the checked configuration of a command line."""
    return validate(composed(*words))


def table(instances: list[Instance]) -> pl.LazyFrame:
    """Make the coordinate columns of a results table, with their stored types."""
    types = {
        "allocation": pl.String(),
        "structure": pl.String(),
        "replication": pl.Int32(),
        "scale": pl.Int32(),
        "alpha": pl.Float64(),
    }
    assert tuple(types) == COORDINATE
    return pl.LazyFrame(instances, schema=types, orient="row")


def instances_of(sweep: Sweep) -> list[Instance]:
    """List the instances of a sweep as the product of its axes, in no particular order."""
    return [
        (allocation, structure, replication, scale, alpha)
        for (allocation, scale), replication, structure, alpha in itertools.product(
            sweep.groups, range(sweep.replications), sweep.structures, sweep.alphas
        )
    ]


sweeps = st.builds(
    lambda allocations, scales, replications, structures, alphas: Sweep(
        tuple(itertools.product([f"A{n}" for n in range(allocations)], range(1, scales + 1))),
        replications,
        tuple(f"C{n}" for n in range(structures)),
        tuple(1 + n / 3 for n in range(alphas)),
    ),
    *(st.integers(1, largest) for largest in (4, 3, 5, 6, 4)),
)


def test_the_papers_sweep_has_700_instances() -> None:
    """7 allocations x 25 structures x 4 ratios: 175 networks, 700 instances."""
    sweep = Sweep.of(configured())
    assert (sweep.n_networks, sweep.n_instances) == (175, 700)
    assert len(set(instances_of(sweep))) == 700


def test_the_extended_sweep_has_70_000_instances() -> None:
    """7 allocations x 25 structures x 40 replications x 10 ratios."""
    sweep = Sweep.of(configured("sweep=extended"))
    assert (sweep.n_networks, sweep.n_instances) == (7_000, 70_000)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(sweeps)
def test_networks_are_numbered_one_to_one(sweep: Sweep) -> None:
    """Different numbers give different networks; together they are the product of the axes."""
    networks = [sweep.network(number) for number in range(sweep.n_networks)]
    expected = {
        NetworkCoordinate(allocation, structure, replication, scale)
        for allocation, structure, replication, scale, _ in instances_of(sweep)
    }
    assert len(set(networks)) == len(networks)
    assert set(networks) == expected
    assert sweep.n_instances == len(instances_of(sweep))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(sweeps, st.randoms(use_true_random=False))
def test_done_marks_the_rows_given_and_no_others(sweep: Sweep, chance: random.Random) -> None:
    """An instance is done if and only if the table has its row, in any order."""
    instances = instances_of(sweep)
    stored = chance.sample(instances, chance.randint(0, len(instances)))
    done = sweep.done_mask(table(stored))
    assert done.shape == (sweep.n_networks, len(sweep.alphas))
    marked = set()
    for number, column in zip(*done.nonzero(), strict=True):
        network = sweep.network(int(number))
        marked.add(
            (
                network.allocation,
                network.structure,
                network.replication,
                network.scale,
                sweep.alphas[column],
            )
        )
    assert marked == set(stored)


SWEEP = Sweep((("A1", 1), ("A2", 2)), 3, ("C1", "C11"), (2.0, 20.0))


@pytest.mark.parametrize(
    "change",
    [
        {"allocation": "A3"},
        {"allocation": "A"},
        {"structure": "C111"},
        {"replication": 3},
        {"replication": -1},
        # Groups are pairs: A1 is swept at scale 1 and A2 at scale 2, not the reverse.
        {"scale": 2},
        {"allocation": "A2"},
        {"alpha": 2.0000001},
        {"alpha": 5.0},
    ],
    ids=str,
)
def test_rows_outside_the_sweep_are_ignored(change: dict[str, Any]) -> None:
    """A row that differs from the sweep in one column marks no instance."""
    inside = dict(zip(COORDINATE, ("A1", "C11", 2, 1, 20.0), strict=True))
    outside = tuple({**inside, **change}.values())
    assert not SWEEP.done_mask(table([outside])).any()
    both = SWEEP.done_mask(table([outside, tuple(inside.values())]))
    assert both.sum() == 1
    assert (both == SWEEP.done_mask(table([tuple(inside.values())]))).all()


def test_done_of_an_empty_and_of_a_full_table() -> None:
    """Without rows nothing is done; with all rows, even repeated and shuffled, everything is."""
    assert not SWEEP.done_mask(table([])).any()
    twice = instances_of(SWEEP) * 2
    random.Random(1).shuffle(twice)
    assert SWEEP.done_mask(table(twice)).all()


def test_rows_of_the_stored_schema_are_read() -> None:
    """A results table with all its columns and types gives the same mask."""
    row = dict.fromkeys(RESULTS.names) | dict(
        zip(COORDINATE, ("A2", "C1", 1, 2, 2.0), strict=True), status="optimal"
    )
    stored = pl.from_arrow(RESULTS.empty_table().from_pylist([row], schema=RESULTS))
    assert isinstance(stored, pl.DataFrame)
    done = SWEEP.done_mask(stored.lazy())
    assert done.sum() == 1
    ((number,), (column,)) = done.nonzero()
    assert SWEEP.network(int(number)) == NetworkCoordinate("A2", "C1", 1, 2)
    assert SWEEP.alphas[column] == 2.0


def test_a_sweep_may_grow() -> None:
    """Rows of a sweep are done in every larger sweep, although their numbers differ."""
    grown = Sweep(
        (("A7", 1), *reversed(SWEEP.groups)), 5, ("C2", *SWEEP.structures), (1.0, 20.0, 2.0)
    )
    done = grown.done_mask(table(instances_of(SWEEP)))
    assert done.sum() == SWEEP.n_instances < grown.n_instances
    for number in done.any(axis=1).nonzero()[0]:
        assert grown.network(int(number)).allocation != "A7"


def test_the_hardest_groups_come_first() -> None:
    """Groups are pairs of allocation and scale, in order of decreasing predicted time."""
    config = configured("sweep.scale=[1,3]", "sweep.allocation=[A4,A1,A5]")
    sweep = Sweep.of(config)
    assert sorted(sweep.groups) == sorted(itertools.product(["A1", "A4", "A5"], [1, 3]))
    predicted = [
        predicted_s(config.network.allocations[name], scale) for name, scale in sweep.groups
    ]
    assert predicted == sorted(predicted, reverse=True)
    assert sweep.groups[0] == ("A1", 3)


def test_ten_million_instances_plan_in_bounded_memory() -> None:
    """A grid of 10^7 instances stores flags only, and makes chunks one at a time."""
    # Composed before the measurement, which concerns the plan only.
    config = configured("sweep.replications=14286")
    tracemalloc.start()
    try:
        sweep = Sweep.of(config)
        assert sweep.n_instances == 10_000_200
        _, peak = tracemalloc.get_traced_memory()
        assert peak < 1e6, "the sweep itself is arithmetic"
        pending = PendingWork(sweep, sweep.done_mask(table([])), config)
        assert pending.n_instances == 10_000_200
        chunks = pending.chunks()
        first, second = next(chunks), next(chunks)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # One byte per instance and some copies; one tuple per instance would take a gigabyte.
    assert peak < 200e6
    assert first[0].network == sweep.network(0)
    assert not {job.network for job in first} & {job.network for job in second}
