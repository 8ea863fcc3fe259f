"""A drawn network has the stated sizes and ranges, and its own random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.structures import structures
from pipeline.network.draw import draw
from pipeline.network.network import Network
from pipeline.sweep.coordinate import NetworkCoordinate
from tests.pipeline.network.paper_networks import SEED, paper_config


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    allocation=st.sampled_from([f"A{number}" for number in range(1, 8)]),
    structure=st.sampled_from(sorted(structures())),
    replication=st.integers(0, 2**31 - 1),
    scale=st.integers(1, 4),
    seed=st.integers(0, 2**31 - 1),
)
def test_every_network_has_its_sizes_and_ranges(
    allocation: str, structure: str, replication: int, scale: int, seed: int
) -> None:
    """Nodes lie on the grid, demand in 1..100, capacity in 100..500, counts as allocated."""
    network = draw(
        NetworkCoordinate(allocation, structure, replication, scale), paper_config(), seed
    )
    nodes = (network.sources, network.sites, network.customers)
    counts = tuple(count * scale for count in paper_config().allocations[allocation])
    assert tuple(len(positions) for positions in nodes) == counts
    for positions in nodes:
        assert positions.shape[1] == 2
        assert ((positions >= 0) & (positions <= 100)).all()
    assert len(network.demand) == len(network.customers)
    assert ((network.demand >= 1) & (network.demand <= 100)).all()
    assert len(network.capacity) == len(network.sites)
    assert ((network.capacity >= 100) & (network.capacity <= 500)).all()
    assert network.capacity.sum() >= 1.05 * network.demand.sum()


def test_scale_multiplies_all_counts() -> None:
    """At scale 2 a network has 180 nodes: twice the sources, sites and customers."""
    network = draw(NetworkCoordinate("A7", "C3", scale=2), paper_config(), SEED)
    nodes = (network.sources, network.sites, network.customers)
    assert tuple(map(len, nodes)) == (120, 20, 40)
    arrays = (network.capacity, network.demand, network.fixed_cost, network.supply)
    assert tuple(map(len, arrays)) == (20, 40, 20, 120)


@pytest.mark.parametrize(
    ("change", "shares_volumes"),
    [
        ({"replication": 1}, False),
        ({"scale": 2}, False),
        ({"seed": 2017}, False),
        ({"allocation": "A2"}, True),
        ({"structure": "C10"}, True),
    ],
    ids=str,
)
def test_every_part_of_a_coordinate_draws_other_nodes(
    change: dict[str, Any], shares_volumes: bool
) -> None:
    """Nodes depend on each part of the coordinate and on the seed; volumes on some of them."""
    origin = {"allocation": "A1", "structure": "C3", "replication": 0, "scale": 1, "seed": SEED}

    def drawn(seed: int, **coordinate: Any) -> Network:
        return draw(NetworkCoordinate(**coordinate), paper_config(), seed)

    before, after = drawn(**origin), drawn(**{**origin, **change})
    # All sources cluster in the north-east: from one stream they would have equal positions.
    for kind in ("sources", "sites", "customers"):
        assert not set(getattr(before, kind).ravel()) & set(getattr(after, kind).ravel())
    same = [
        np.array_equal(getattr(before, kind)[:20], getattr(after, kind)[:20])
        for kind in ("demand", "capacity")
    ]
    assert same == [shares_volumes] * 2


def test_kinds_of_nodes_have_their_own_streams() -> None:
    """Sources, sites and customers of one network have no position in common."""
    network = draw(NetworkCoordinate("A5", "C11"), paper_config(), SEED)
    kinds = (network.sources, network.sites, network.customers)
    assert len({x for nodes in kinds for x in nodes.ravel().tolist()}) == 2 * 90
