"""Each rule for what lies outside the grid has the distribution that its name says.

The reference draws points of the normal distribution itself, and applies the rule to each point;
the code under test integrates.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from pipeline.config.errors import UserError
from pipeline.network.draw import SEGMENTS, axis_probabilities, draw_nodes
from pipeline.network.draw_network import draw_network
from tests.pipeline.network.paper_networks import MIN_ACCEPTED_P, SEED, paper_config_with

Floats = NDArray[np.float64]

MAX_REJECTED_P = 1e-6
SAMPLE_SIZE = 60_000
RULES = ("rescaled", "spread", "anywhere", "wrapped", "clipped")
MEANS_KM, SD_KM = (30, 70), 22
REGIONS = {"ne": (70, 70), "nw": (30, 70)}
"""Region -> the mean of its cluster, east and north, km."""


def generator(stream: int) -> np.random.Generator:
    """Return random numbers of a fixed stream."""
    return np.random.Generator(np.random.PCG64([SEED, stream]))


def inside(points: Floats) -> NDArray[np.bool_]:
    """Return which coordinates lie on the grid."""
    return (points >= 0) & (points < 100)


def rescaled(points: Floats) -> Floats:
    """Leave out points with a coordinate outside."""
    return points[inside(points).all(axis=1)]


def spread(points: Floats) -> Floats:
    """Replace each coordinate outside by an even one."""
    return np.where(inside(points), points, generator(8).uniform(0, 100, points.shape))


def anywhere(points: Floats) -> Floats:
    """Replace each point with a coordinate outside by an even point."""
    even = generator(9).uniform(0, 100, points.shape)
    return np.where(inside(points).all(axis=1, keepdims=True), points, even)


def wrapped(points: Floats) -> Floats:
    """Let points in again from the opposite edge."""
    return points % 100


def clipped(points: Floats) -> Floats:
    """Move points outside into the first or last segment."""
    return points.clip(0, 99.9)


@functools.cache
def reference(rule: str, region: str) -> Floats:
    """Draw points of the normal distribution and apply the rule to each."""
    apply: Callable[[Floats], Floats] = globals()[rule]
    return apply(generator(7).normal(REGIONS[region], SD_KM, (SAMPLE_SIZE, 2)))


@functools.cache
def drawn(rule: str, region: str) -> Floats:
    """Draw nodes with the code under test."""
    config = paper_config_with(
        outside_grid=rule, cluster_means_km=list(MEANS_KM), cluster_sd_km=SD_KM
    )
    return draw_nodes(generator(3), SAMPLE_SIZE, frozenset([region]), config)


def square_counts(points: Floats) -> NDArray[np.int64]:
    """Count the points in each of the 10 x 10 squares."""
    east, north = (points // 10).astype(int).T
    return np.bincount(10 * east + north, minlength=100)


def same_distribution_p(first: Floats, second: Floats) -> float:
    """Return the p-value of the hypothesis that two samples have the same distribution."""
    counts = np.array([square_counts(first), square_counts(second)])
    frequent = counts[:, counts.sum(axis=0) >= 20]
    return float(stats.chi2_contingency(frequent).pvalue)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_the_distribution_of_points_treated_so(rule: str, region: str) -> None:
    """Means, spread and rule are those of the configuration, east and north."""
    assert same_distribution_p(drawn(rule, region), reference(rule, region)) > MIN_ACCEPTED_P


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_is_taken_for_another(rule: str) -> None:
    """The same comparison tells each rule from all others."""
    for other in RULES:
        if other != rule:
            p_value = same_distribution_p(drawn(rule, "ne"), reference(other, "ne"))
            assert p_value < MAX_REJECTED_P, other


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("axis", [0, 1])
def test_probabilities_of_an_axis_are_those_of_the_nodes(rule: str, axis: int) -> None:
    """The probabilities that a figure shows sum to 1 and are the frequencies of drawn nodes."""
    config = paper_config_with(
        outside_grid=rule, cluster_means_km=list(MEANS_KM), cluster_sd_km=SD_KM
    )
    expected = axis_probabilities(frozenset(["nw"]), axis, config)
    assert expected.sum() == pytest.approx(1, abs=1e-12)
    counts = square_counts(drawn(rule, "nw")).reshape(10, 10).sum(axis=1 - axis)
    assert stats.chisquare(counts, expected * SAMPLE_SIZE).pvalue > MIN_ACCEPTED_P


@pytest.mark.parametrize("rule", RULES)
def test_two_clusters_are_the_larger_probability_squared(rule: str) -> None:
    """The rule applies to each cluster; of two, none of the product is outside the grid."""
    config = paper_config_with(outside_grid=rule)
    west, east = (axis_probabilities(frozenset([name]), 0, config) for name in ("sw", "se"))
    if rule == "anywhere":  # a pair has no mass outside: as if scaled
        west, east = (
            axis_probabilities(frozenset([name]), 0, paper_config_with(outside_grid="rescaled"))
            for name in ("sw", "se")
        )
    weights = np.maximum(west, east) ** 2
    pair = axis_probabilities(frozenset(["sw", "se"]), 0, config)
    np.testing.assert_allclose(pair, weights / weights.sum(), rtol=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_the_even_distribution_has_no_rule(rule: str) -> None:
    """Without clusters every segment is equally likely."""
    even = axis_probabilities(frozenset(), 1, paper_config_with(outside_grid=rule))
    np.testing.assert_array_equal(even, np.full(SEGMENTS, 0.1))


@pytest.mark.parametrize("sd_km", [1e-300, 1e-3, 1e3, 1e300])
@pytest.mark.parametrize("rule", RULES)
def test_extreme_spreads_have_probabilities(rule: str, sd_km: float) -> None:
    """However narrow or wide a cluster is, its probabilities are finite and sum to 1."""
    config = paper_config_with(outside_grid=rule, cluster_sd_km=sd_km)
    for regions in (["ne"], ["ne", "sw"]):
        probabilities = axis_probabilities(frozenset(regions), 0, config)
        assert (probabilities >= 0).all()
        assert probabilities.sum() == pytest.approx(1, abs=1e-12)


def test_the_api_takes_the_keys_of_the_reading() -> None:
    """Spread, means and rule change the nodes of a network, and not its volumes."""
    before = draw_network("A5", "C3")
    for parameters in (
        {"cluster_sd_km": 25},
        {"cluster_means_km": [30, 70]},
        {"outside_grid": "wrapped"},
    ):
        after = draw_network("A5", "C3", **parameters)
        assert not np.array_equal(before.sites, after.sites)
        np.testing.assert_array_equal(before.demand, after.demand)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"outside_grid": "lost"}, "network.outside_grid: expected 'rescaled', 'spread'"),
        ({"cluster_means_km": [70, 30]}, r"\[west or south, east or north\], got \[70, 30\]"),
        ({"cluster_means_km": [30, 101]}, r"network.cluster_means_km\[1\]: expected less than"),
        ({"cluster_means_km": [30]}, r"network.cluster_means_km\[1\]: missing"),
    ],
)
def test_a_wrong_reading_is_one_line(parameters: dict[str, object], message: str) -> None:
    """The message names the key, what was expected and what was found."""
    with pytest.raises(UserError, match=message):
        draw_network("A5", "C3", **parameters)
