"""Open sets and distances of stored solutions, on networks whose answer can be seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.site_positions import add_distances, add_open_sets
from pipeline.commands.run import main as run_sweep
from pipeline.network.network import Network
from pipeline.results.stored_solution import draw_networks, load_solution
from pipeline.results.table import read_results


def rows(**columns: list[object]) -> pl.DataFrame:
    """Make two rows of one network, at alpha 20 and 2."""
    return pl.DataFrame(
        {
            "allocation": "A6",
            "structure": "C1",
            "replication": 0,
            "scale": 1,
            "alpha": [20.0, 2.0],
            **columns,
        },
        strict=False,
    )


def network(sites: list[list[float]], customers: list[list[float]], demand: list[int]) -> Network:
    """Make a network of which only positions and demand matter."""
    none = np.zeros((0, 2))
    return Network(
        *(none, np.array(sites, dtype=float), np.array(customers, dtype=float)),
        *(np.array(demand), np.array([]), np.array([]), np.array([])),
        draw_attempt=1,
    )


@pytest.mark.parametrize(
    ("at_20", "at_2", "other", "new"),
    [
        ([1, 2], [1, 2], False, 0),
        ([1, 2], [1, 3], True, 1),
        ([1, 2], [3, 4, 5], True, 3),
        ([1, 2], [1], True, 0),
        ([1, 2], None, None, None),
        (None, [1], None, None),
    ],
)
def test_open_sets_are_compared_with_those_at_alpha_20(
    at_20: list[int] | None, at_2: list[int] | None, other: bool | None, new: int | None
) -> None:
    """A set differs if any site does; new sites are those that are closed at alpha 20."""
    found = add_open_sets(rows(open_sites=[at_20, at_2])).filter(pl.col("alpha") == 2)
    assert found.select("other_set", "new_sites").row(0) == (other, new)


def test_distances_weigh_every_tonne_alike() -> None:
    """One tonne goes 10 km east and three go 20 km west: on average 17.5 km, net 12.5 km."""
    one = network([[0, 0]], [[10, 0], [-20, 0]], [1, 3])
    found = add_distances(rows(assignment=[[0, 0], None]), lambda _: iter([one]))
    assert found.filter(pl.col("alpha") == 20).select("haul_km", "centre_km").row(0) == (17.5, 12.5)
    assert found.filter(pl.col("alpha") == 2).select("haul_km", "centre_km").row(0) == (None, None)


def test_a_network_without_a_solution_is_not_drawn() -> None:
    """It may be one whose draw failed; its rows stay, without distances."""

    def draw(coordinates: Iterable[tuple[str, str, int, int]]) -> Iterator[Network]:
        assert not list(coordinates)
        return iter([])

    found = add_distances(rows(assignment=[None, None]), draw)
    assert found.select("haul_km", "centre_km").rows() == [(None, None), (None, None)]


def test_each_network_is_drawn_once_and_in_the_order_of_its_rows() -> None:
    """Rows in any order get the distances of their own network."""
    two = pl.concat(
        [rows(assignment=[[0], [0]]), rows(assignment=[[0], [0]], replication=[1, 1])],
        how="vertical_relaxed",
    ).reverse()

    def draw(coordinates: Iterable[tuple[str, str, int, int]]) -> Iterator[Network]:
        for _, _, replication, _ in coordinates:
            yield network([[0, 0]], [[3.0 + replication, 0]], [1])

    found = add_distances(two, draw).select("replication", "haul_km").unique().sort("replication")
    assert found.rows() == [(0, 3.0), (1, 4.0)]


@pytest.mark.slow
def test_the_haul_is_the_stored_second_stage_per_tonne(tmp_path: Path) -> None:
    """On real rows, haul times demand is z2 times customers, and the network is the stored one."""
    words = ["sweep=smoke", "sweep.allocation=[A6]", "sweep.structure=[C1,C11]", "solver=native"]
    run_sweep([*words, "engine=serial", "engine.in_process=true", f"out={tmp_path}"])
    stored = read_results(tmp_path).collect()
    found = add_distances(stored, lambda coordinates: draw_networks(tmp_path, coordinates))
    assert found.height == stored.height == 4
    for row in found.iter_rows(named=True):
        second_tkm = row["z2"] * row["n_customers"]
        assert row["haul_km"] * row["total_demand"] == pytest.approx(second_tkm)
        assert row["centre_km"] <= row["haul_km"]
    one = load_solution(tmp_path, "A6", "C11", 2.0)
    (drawn,) = draw_networks(tmp_path, [("A6", "C11", 0, 1)])
    assert (one.network.sites == drawn.sites).all()
