"""A union of sweeps counts every instance once."""

from __future__ import annotations

import itertools

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sweep.grid import Sweep
from pipeline.sweep.union import Union

Instance = tuple[str, int, int, str, float]

LABELS = st.lists(st.sampled_from(["A1", "A2", "A3"]), min_size=1, unique=True)
STRUCTURES = st.lists(st.sampled_from(["C1", "C2", "C3"]), min_size=1, unique=True)
ALPHAS = st.lists(st.sampled_from([2.0, 5.0, 10.0]), min_size=1, unique=True)
SCALES = st.lists(st.integers(1, 2), min_size=1, unique=True)


@st.composite
def sweeps(draw: st.DrawFn) -> Sweep:
    """Draw a sweep of a few instances."""
    groups = tuple(itertools.product(draw(LABELS), draw(SCALES)))
    structures, alphas = tuple(draw(STRUCTURES)), tuple(draw(ALPHAS))
    return Sweep(groups, draw(st.integers(1, 3)), structures, alphas)


def instances(sweep: Sweep) -> list[Instance]:
    """List the instances of a sweep, in the order of their numbers."""
    return [
        (network.allocation, network.scale, network.replication, network.structure, alpha)
        for network in (sweep.network(number) for number in range(sweep.n_networks))
        for alpha in sweep.alphas
    ]


def frame_of(rows: list[Instance]) -> pl.LazyFrame:
    """Make a table of instances."""
    columns = ["allocation", "scale", "replication", "structure", "alpha"]
    return pl.LazyFrame(rows, schema=columns, orient="row")


@settings(deadline=None)
@given(st.lists(sweeps(), min_size=1, max_size=4))
def test_a_union_has_the_instances_of_its_sweeps_once(found: list[Sweep]) -> None:
    """Number, parts and rows of a union equal those of a set of all coordinates."""
    expected = set().union(*(instances(sweep) for sweep in found))
    union = Union(found)
    assert union.n_instances == len(expected)
    listed = [
        instance
        for sweep, own in union.parts()
        for instance, is_own in zip(instances(sweep), own.reshape(-1), strict=True)
        if is_own
    ]
    assert len(listed) == len(set(listed))
    assert set(listed) == expected
    everything = instances(Sweep((("A1", 1), ("A2", 1), ("A9", 3)), 4, ("C1", "C9"), (2.0, 7.0)))
    rows = union.rows(frame_of(everything)).collect(engine="in-memory").rows()
    assert set(rows) == expected & set(everything)


@given(sweeps(), sweeps())
def test_a_sweep_is_within_another_if_all_its_instances_are(one: Sweep, other: Sweep) -> None:
    """The comparison by axes equals that by instances; so does the mask of common instances."""
    known = set(instances(other))
    assert one.is_within(other) == (set(instances(one)) <= known)
    mask = [instance in known for instance in instances(one)]
    assert one.common_mask(other).reshape(-1).tolist() == mask
