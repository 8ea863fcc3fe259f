"""Demands and capacities are uniform, shared within a replication, and sufficient."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from pipeline.network import draw as module
from pipeline.network.draw import DrawError, draw, draw_volumes
from pipeline.sweep.coordinate import NetworkCoordinate, random_stream
from tests.pipeline.network.paper_networks import (
    MIN_ACCEPTED_P,
    SEED,
    paper_config,
    paper_config_with,
)


def test_volumes_are_uniform_integers() -> None:
    """Demand is uniform on 1..100 and capacity on 100..500, both ends included."""
    config = paper_config_with(allocations={"B1": [1, 40_000, 40_000]}, min_capacity_ratio=0)
    demand, capacity, attempt = draw_volumes(config, SEED, 0, 1)
    assert attempt == 1
    for values, low, high in ((demand, 1, 100), (capacity, 100, 500)):
        counts = np.bincount(values - low)
        assert len(counts) == high - low + 1
        assert stats.chisquare(counts).pvalue > MIN_ACCEPTED_P


@pytest.mark.parametrize("scale", [1, 3])
def test_allocations_take_prefixes_of_shared_volumes(scale: int) -> None:
    """All structures and allocations of a replication use prefixes of one pair of vectors."""
    demand, capacity, attempt = draw_volumes(paper_config(), SEED, 2, scale)
    assert (len(demand), len(capacity)) == (60 * scale, 60 * scale)
    for allocation, structure in itertools.product(
        paper_config().allocations, ["C1", "C11", "C25"]
    ):
        network = draw(NetworkCoordinate(allocation, structure, 2, scale), paper_config(), SEED)
        _, sites, customers = paper_config().allocations[allocation]
        assert network.demand.tolist() == demand[: customers * scale].tolist()
        assert network.capacity.tolist() == capacity[: sites * scale].tolist()
        assert network.draw_attempt == attempt


def is_sufficient(replication: int, scale: int, attempt: int) -> bool:
    """Return whether every allocation of Table 1 has a capacity of 1.05 times its demand."""
    at = {"replication": replication, "scale": scale, "attempt": attempt}
    demand = random_stream(SEED, "demand", **at).integers(1, 101, size=60 * scale).tolist()
    capacity = random_stream(SEED, "capacity", **at).integers(100, 501, size=60 * scale).tolist()
    sites_customers = [(20, 60), (60, 20), (10, 60), (60, 10), (30, 30), (20, 10), (10, 20)]
    return all(
        sum(capacity[: sites * scale]) >= 1.05 * sum(demand[: customers * scale])
        for sites, customers in sites_customers
    )


def test_the_first_sufficient_draw_is_accepted() -> None:
    """In every earlier draw some allocation lacks capacity; in the accepted one none does."""
    attempts = []
    for replication, scale in itertools.product(range(10), [1, 2]):
        _, _, accepted = draw_volumes(paper_config(), SEED, replication, scale)
        found = [is_sufficient(replication, scale, attempt) for attempt in range(1, accepted + 1)]
        assert found == [False] * (accepted - 1) + [True]
        attempts.append(accepted)
    # Otherwise this test would never have met a rejected draw.
    assert max(attempts) > 1


def test_allocations_outside_the_sweep_count_too() -> None:
    """The allocation with the fewest sites per customer rejects draws for all others too."""
    ratios = {
        name: sites / customers
        for name, (_, sites, customers) in paper_config().allocations.items()
    }
    hardest = min(ratios, key=lambda name: ratios[name])
    easier = {
        name: list(counts) for name, counts in paper_config().allocations.items() if name != hardest
    }
    attempts = [
        (
            draw(NetworkCoordinate("A5", "C3", replication), paper_config(), SEED).draw_attempt,
            draw_volumes(paper_config_with(allocations=easier), SEED, replication, 1)[2],
        )
        for replication in range(10)
    ]
    assert all(with_it >= without for with_it, without in attempts)
    assert any(with_it > without for with_it, without in attempts)


def test_an_infeasible_ratio_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An infeasible capacity ratio gives an error that names replication, scale and ratio."""
    monkeypatch.setattr(module, "MAX_ATTEMPTS", 25)
    with pytest.raises(DrawError) as caught:
        draw(NetworkCoordinate("A1", "C3", 4, 2), paper_config_with(min_capacity_ratio=1000), SEED)
    for part in ("replication 4", "scale 2", "25", "1000"):
        assert part in str(caught.value)
