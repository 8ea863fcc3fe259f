"""Positions of nodes have the distributions that section 3.3.1 of the paper states."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from pipeline.config.structures import structures
from pipeline.network.draw import draw, draw_nodes
from pipeline.sweep.coordinate import NetworkCoordinate
from tests.pipeline.network.paper_networks import (
    MIN_ACCEPTED_P,
    SEED,
    paper_config,
    paper_config_with,
)

Floats = NDArray[np.float64]

MAX_REJECTED_P = 1e-6
"""A wrong distribution must have a smaller p-value, or the tests would have little power."""

SAMPLE_SIZE = 20_000
NO_CLUSTERS: tuple[str, ...] = ()
ONE_CLUSTER = [("nw",), ("ne",), ("sw",), ("se",)]
ADJACENT_PAIRS = [("nw", "ne"), ("sw", "se"), ("nw", "sw"), ("ne", "se")]
DIAGONAL_PAIRS = [("nw", "se"), ("ne", "sw")]


def segment_probabilities(mean_km: float, sd_km: float = 20) -> Floats:
    """Integrate a normal density over ten segments of 10 km, scaled to sum 1 on the grid."""
    masses = np.diff(stats.norm.cdf(np.arange(0, 101, 10), mean_km, sd_km))
    return masses / masses.sum()


def mean_km(corner: str, axis: int) -> float:
    """Return the middle of a cluster's half: 25 km in west and south, 75 km in east and north."""
    return 75.0 if ("e", "n")[axis] in corner else 25.0


def expected_axis_probabilities(
    regions: tuple[str, ...], axis: int, power: float = 2, sd_km: float = 20
) -> Floats:
    """Return the probabilities of an axis: one cluster, two (the larger, squared), or none."""
    if not regions:
        return np.full(10, 0.1)
    single = [segment_probabilities(mean_km(corner, axis), sd_km) for corner in regions]
    weights = single[0] if len(single) == 1 else np.max(single, axis=0) ** power
    return weights / weights.sum()


def expected_square_probabilities(
    regions: tuple[str, ...], redraw: float = 0.85, power: float = 2, sd_km: float = 20
) -> Floats:
    """Return the probability of each of the 10 x 10 squares, east by north.

    Redrawing an unwanted square with probability r until it is kept gives p (1 - r) in unwanted
    squares and p in the others, scaled to sum 1.
    """
    axes = [expected_axis_probabilities(regions, axis, power, sd_km) for axis in (0, 1)]
    cells = np.outer(*axes)
    if regions in DIAGONAL_PAIRS:
        wanted = np.zeros((10, 10), dtype=bool)
        for corner in regions:
            east = slice(5, 10) if "e" in corner else slice(0, 5)
            north = slice(5, 10) if "n" in corner else slice(0, 5)
            wanted[east, north] = True
        cells = np.where(wanted, cells, cells * (1 - redraw))
    return cells / cells.sum()


def square_counts(positions: Floats) -> NDArray[np.int64]:
    """Count the nodes in each of the 10 x 10 squares."""
    east, north = (positions // 10).astype(int).T
    counts = np.zeros((10, 10), dtype=np.int64)
    np.add.at(counts, (east, north), 1)
    return counts


def chi_square_p(counts: NDArray[np.int64], probabilities: Floats) -> float:
    """Return the p-value of counts; cells with fewer than five expected nodes are pooled."""
    expected = probabilities.ravel() * counts.sum()
    observed = counts.ravel().astype(float)
    rare = expected < 5
    if rare.any():
        # The pooled cells may still have fewer than five: add the least frequent other cell.
        rare[np.flatnonzero(~rare)[expected[~rare].argmin()]] = True
        observed = np.append(observed[~rare], observed[rare].sum())
        expected = np.append(expected[~rare], expected[rare].sum())
    return float(stats.chisquare(observed, expected).pvalue)


@functools.cache
def sample(regions: tuple[str, ...]) -> Floats:
    """Draw many nodes with the code under test, from a fixed stream."""
    generator = np.random.Generator(np.random.PCG64([SEED, *map(ord, "".join(regions))]))
    return draw_nodes(generator, SAMPLE_SIZE, frozenset(regions), paper_config())


@pytest.mark.parametrize(
    "regions", [NO_CLUSTERS, *ONE_CLUSTER, *ADJACENT_PAIRS, *DIAGONAL_PAIRS], ids="+".join
)
def test_squares_have_the_stated_frequencies(regions: tuple[str, ...]) -> None:
    """A large sample agrees with the stated joint probabilities of the 10 x 10 squares."""
    assert (
        chi_square_p(square_counts(sample(regions)), expected_square_probabilities(regions))
        > MIN_ACCEPTED_P
    )


@pytest.mark.parametrize("axis", [0, 1], ids=["west-east", "south-north"])
@pytest.mark.parametrize("regions", [NO_CLUSTERS, *ONE_CLUSTER, *ADJACENT_PAIRS], ids="+".join)
def test_segments_have_the_stated_frequencies(regions: tuple[str, ...], axis: int) -> None:
    """On each axis, a large sample agrees with the stated probabilities of the ten segments."""
    counts = square_counts(sample(regions)).sum(axis=1 - axis)
    assert chi_square_p(counts, expected_axis_probabilities(regions, axis)) > MIN_ACCEPTED_P


@pytest.mark.parametrize(
    ("regions", "wrong"),
    [
        (NO_CLUSTERS, expected_square_probabilities(("ne",))),
        (("ne",), expected_square_probabilities(NO_CLUSTERS)),
        (("ne",), expected_square_probabilities(("nw",))),
        (("ne",), expected_square_probabilities(("ne",), sd_km=22)),
        (("ne", "se"), expected_square_probabilities(("ne", "se"), power=1)),
        (("ne", "se"), expected_square_probabilities(("nw", "sw"))),
        (("ne", "se"), expected_square_probabilities(("nw", "ne"))),
        # A plausible other reading of the paper: a mixture of the two clusters.
        (
            ("ne", "se"),
            (expected_square_probabilities(("ne",)) + expected_square_probabilities(("se",))) / 2,
        ),
        (("ne", "sw"), expected_square_probabilities(("ne", "sw"), redraw=0)),
        (("ne", "sw"), expected_square_probabilities(("ne", "sw"), redraw=0.80)),
        (("ne", "sw"), expected_square_probabilities(("ne", "sw"), redraw=0.90)),
        (("ne", "sw"), expected_square_probabilities(("nw", "se"))),
    ],
)
def test_a_wrong_distribution_is_rejected(regions: tuple[str, ...], wrong: Floats) -> None:
    """The chi-square test rejects similar distributions with the same sample."""
    assert chi_square_p(square_counts(sample(regions)), wrong) < MAX_REJECTED_P


def test_a_diagonal_pair_redraws_unwanted_nodes_with_the_configured_probability() -> None:
    """At 0 all four quadrants have the same share; at 0.999 two are nearly empty."""
    regions = frozenset(["ne", "sw"])

    def unwanted(redraw: float) -> float:
        generator = np.random.Generator(np.random.PCG64(SEED))
        nodes = draw_nodes(
            generator, SAMPLE_SIZE, regions, paper_config_with(diagonal_redraw=redraw)
        )
        return float(((nodes[:, 0] < 50) != (nodes[:, 1] < 50)).mean())

    assert unwanted(0.0) == pytest.approx(0.5, abs=0.02)
    # The paper redraws 85 %: a share of 0.15 / 1.15 stays in the unwanted quadrants.
    assert unwanted(0.85) == pytest.approx(0.15 / 1.15, abs=0.02)
    assert unwanted(0.999) < 0.01


@pytest.mark.parametrize(
    "regions", [NO_CLUSTERS, ("ne",), ("ne", "se"), ("ne", "sw")], ids="+".join
)
def test_positions_are_uniform_within_their_square(regions: tuple[str, ...]) -> None:
    """Inside its square of 10 km x 10 km, a node is uniformly distributed on both axes."""
    within = sample(regions) % 10 / 10
    for axis in (0, 1):
        assert stats.kstest(within[:, axis], "uniform").pvalue > MIN_ACCEPTED_P
        # A position with a slight tendency to one side would be rejected.
        assert stats.kstest(within[:, axis] ** 1.1, "uniform").pvalue < MAX_REJECTED_P
    assert abs(stats.pearsonr(*within.T).statistic) < 4 / math.sqrt(SAMPLE_SIZE)


@pytest.mark.parametrize("label", ["C3", "C11", "C17", "C18"])
def test_each_kind_of_node_has_the_clusters_of_its_structure(label: str) -> None:
    """Sources, sites and customers lie in their own clusters of the structure's placement."""
    config = paper_config_with(allocations={"B1": [10_000, 10_000, 10_000]}, min_capacity_ratio=0)
    network = draw(NetworkCoordinate("B1", label), config, SEED)
    placement = structures()[label]
    clusters: list[tuple[str, ...]] = [NO_CLUSTERS] * 3
    if placement:
        # The lists above have each pair in one order only.
        pair = next(
            regions
            for regions in [*ONE_CLUSTER, *ADJACENT_PAIRS, *DIAGONAL_PAIRS]
            if frozenset(regions) == placement.production
        )
        clusters = [(placement.source,), pair, (placement.customer,)]
    kinds = (network.sources, network.sites, network.customers)
    for nodes, regions in zip(kinds, clusters, strict=True):
        assert (
            chi_square_p(square_counts(nodes), expected_square_probabilities(regions))
            > MIN_ACCEPTED_P
        )
