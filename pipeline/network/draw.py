"""Draws a network: positions of its nodes, demands of customers and capacities of sites.

Paper, section 3.3. Where its text is ambiguous, the docstrings below state our choice.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from pipeline.config.sections import NetworkConfig
from pipeline.config.structures import CORNERS, structures
from pipeline.network.network import Network
from pipeline.sweep.coordinate import NetworkCoordinate, random_stream
from solvers.problem import Booleans, Floats, Integers

GRID_KM = 100.0
"""Side length of the square grid."""

SEGMENTS = 10
"""Segments per axis; the grid has 10 x 10 squares."""

SEGMENT_KM = GRID_KM / SEGMENTS

_MAX_TURNS = 10
"""How often a normal distribution is wrapped around an axis, to either side; more adds nothing for
standard deviations up to 100 km."""

MAX_ATTEMPTS = 100_000
"""Draws of demand and capacity after which a network configuration counts as infeasible."""


class DrawError(RuntimeError):
    """No draw of demand and capacity reached the required capacity ratio."""


def draw(coordinate: NetworkCoordinate, config: NetworkConfig, seed: int) -> Network:
    """Draw the network at a coordinate; it is the same on every machine and in every sweep.

    Parameters
    ----------
    coordinate : NetworkCoordinate
        Which network.
    config : NetworkConfig
        Parameters of the generator.
    seed : int
        Root seed of the sweep.

    Raises
    ------
    DrawError
        No draw reached ``min_capacity_ratio`` at this scale.
    """
    counts = config.allocations[coordinate.allocation]
    n_sources, n_sites, n_customers = (count * coordinate.scale for count in counts)
    demand, capacity, attempt = draw_volumes(config, seed, coordinate.replication, coordinate.scale)
    placement = structures()[coordinate.structure]

    def nodes(kind: str, count: int, regions: frozenset[str]) -> Floats:
        generator = random_stream(
            seed,
            f"{kind} nodes",
            coordinate.replication,
            coordinate.scale,
            coordinate.allocation,
            coordinate.structure,
        )
        return draw_nodes(generator, count, regions, config)

    no_clusters: frozenset[str] = frozenset()
    return Network(
        sources=nodes(
            "source", n_sources, frozenset([placement.source]) if placement else no_clusters
        ),
        sites=nodes("site", n_sites, placement.production if placement else no_clusters),
        customers=nodes(
            "customer", n_customers, frozenset([placement.customer]) if placement else no_clusters
        ),
        demand=demand[:n_customers],
        capacity=capacity[:n_sites],
        fixed_cost=np.full(n_sites, config.fixed_cost),
        supply=np.full(n_sources, config.supply),
        draw_attempt=attempt,
    )


def draw_volumes(
    config: NetworkConfig, seed: int, replication: int, scale: int
) -> tuple[Integers, Integers, int]:
    """Draw demand and capacity once per replication, for all structures and allocations.

    Paper, 3.3.3: integers, uniform. An allocation takes the first K demands and the first J
    capacities. The paper does not say what happens if capacity is less than demand; here the pair
    of vectors is drawn again until every allocation of the configuration, swept or not, has a
    total capacity of at least ``min_capacity_ratio`` times its total demand.

    Returns
    -------
    demand : ndarray of int, shape (largest K,)
        d_k, t.
    capacity : ndarray of int, shape (largest J,)
        s_j, t.
    attempt : int
        Number of the draw that was accepted, from 1.

    Raises
    ------
    DrawError
        None of the first `MAX_ATTEMPTS` draws was accepted.
    """
    counts = np.array(list(config.allocations.values())) * scale
    n_sites, n_customers = counts[:, 1], counts[:, 2]
    for attempt in range(1, MAX_ATTEMPTS + 1):
        demand, capacity = (
            random_stream(seed, purpose, replication, scale, attempt=attempt).integers(
                low, high, size=size, endpoint=True
            )
            for purpose, (low, high), size in (
                ("demand", config.demand, n_customers.max()),
                ("capacity", config.capacity, n_sites.max()),
            )
        )
        required = config.min_capacity_ratio * demand.cumsum()[n_customers - 1]
        if (capacity.cumsum()[n_sites - 1] >= required).all():
            return demand, capacity, attempt
    raise DrawError(
        f"replication {replication}, scale {scale}: none of {MAX_ATTEMPTS:,} draws has a capacity "
        f"of {config.min_capacity_ratio} times the demand in every allocation"
    )


def axis_probabilities(regions: frozenset[str], axis: int, config: NetworkConfig) -> Floats:
    """Return the probability of each segment of an axis, shape (10,).

    Paper, 3.3.1. One cluster: a normal distribution around the middle of its half, integrated
    over each segment; what it has outside the grid goes where ``outside_grid`` says. Two clusters:
    for each segment the larger of the two probabilities, squared, scaled to sum 1. No cluster:
    uniform.

    Parameters
    ----------
    regions : frozenset of str
        Keys of `CORNERS`, one per cluster; empty for the even distribution.
    axis : int
        0 for west-east, 1 for south-north.
    config : NetworkConfig
        Holds means and standard deviation.
    """
    anywhere = _probability_anywhere(regions, config)
    probabilities: Floats = _of_clusters(regions, axis, config)
    return (1 - anywhere) * probabilities + anywhere / SEGMENTS if anywhere else probabilities


def draw_nodes(
    generator: np.random.Generator, count: int, regions: frozenset[str], config: NetworkConfig
) -> Floats:
    """Draw positions: a segment on each axis, then uniform in that square, shape (count, 2), km.

    Paper, 3.3.1. With two diagonal clusters, nodes would appear in all four quadrants. A node in
    one of the two quadrants without a cluster is drawn again with probability ``diagonal_redraw``.
    """
    cumulative = [_of_clusters(regions, axis, config).cumsum() for axis in (0, 1)]
    segments = np.empty((count, 2), dtype=np.int64)
    pending = np.arange(count)
    while pending.size:
        uniform = generator.random((pending.size, 2))
        for axis in (0, 1):
            drawn = np.searchsorted(cumulative[axis], uniform[:, axis], side="right")
            # Rounding may leave the last sum just below 1.
            segments[pending, axis] = np.minimum(drawn, SEGMENTS - 1)
        if not is_diagonal(regions):
            break
        outside = ~_inside(segments[pending], regions)
        redrawn = generator.random(pending.size) < config.diagonal_redraw
        pending = pending[outside & redrawn]
    anywhere = _probability_anywhere(regions, config)
    if anywhere:
        placed_anywhere = generator.random(count) < anywhere
        even = generator.integers(SEGMENTS, size=(count, 2))
        segments[placed_anywhere] = even[placed_anywhere]
    return (segments + generator.random((count, 2))) * SEGMENT_KM


def is_diagonal(regions: frozenset[str]) -> bool:
    """Return whether these are two clusters in opposite corners."""
    return regions in (frozenset(["nw", "se"]), frozenset(["ne", "sw"]))


def _of_clusters(regions: frozenset[str], axis: int, config: NetworkConfig) -> Floats:
    """Return the probabilities of the segments for a node that is not placed anywhere."""
    if not regions:
        return np.full(SEGMENTS, 1 / SEGMENTS)
    single = [
        _segment_masses(_mean_km(region, axis, config), config.cluster_sd_km, config.outside_grid)
        for region in regions
    ]
    weights = single[0] if len(single) == 1 else np.maximum(*single) ** 2
    scaled: Floats = weights / weights.sum()
    return scaled


def _mean_km(region: str, axis: int, config: NetworkConfig) -> float:
    return config.cluster_means_km[CORNERS[region][axis]]


@cache  # the same few clusters for all networks of a sweep
def _segment_masses(mean_km: float, sd_km: float, outside: str) -> Floats:
    """Integrate a normal density over each segment, with a rule for the rest, shape (10,)."""
    masses = _normal_masses(mean_km, sd_km, np.arange(SEGMENTS + 1))
    match outside:
        case "spread":
            masses += (1 - masses.sum()) / SEGMENTS
        case "wrapped":
            masses = np.zeros(SEGMENTS)
            for turn in range(-_MAX_TURNS, _MAX_TURNS + 1):
                edges = np.arange(SEGMENTS + 1) + turn * SEGMENTS
                masses += _normal_masses(mean_km, sd_km, edges)
        case "clipped":
            open_ended = np.array([-math.inf, *range(1, SEGMENTS), math.inf])
            masses = _normal_masses(mean_km, sd_km, open_ended)
    scaled: Floats = masses / masses.sum()
    scaled.setflags(write=False)
    return scaled


def _normal_masses(mean_km: float, sd_km: float, edges: Floats | Integers) -> Floats:
    """Integrate a normal density between edges, which count segments from the grid's corner."""
    at_edges = [math.erf((edge * SEGMENT_KM - mean_km) / (sd_km * math.sqrt(2))) for edge in edges]
    masses: Floats = np.diff(at_edges) / 2
    return masses


def _probability_anywhere(regions: frozenset[str], config: NetworkConfig) -> float:
    """Return with what probability a node is placed anywhere on the grid.

    It is that of a point of the normal distribution outside the grid. Two clusters have none
    outside: their probabilities are scaled to sum 1 on the grid (paper, 3.3.1).
    """
    if config.outside_grid != "anywhere" or len(regions) != 1:
        return 0.0
    (region,) = regions
    edges = np.array([0, SEGMENTS])
    inside = (
        _normal_masses(_mean_km(region, axis, config), config.cluster_sd_km, edges)[0]
        for axis in (0, 1)
    )
    return 1 - float(math.prod(inside))


def _inside(segments: Integers, regions: frozenset[str]) -> Booleans:
    """Return whether each square lies in a quadrant with a cluster, shape (nodes,)."""
    halves = segments >= SEGMENTS // 2
    matches = [(halves == CORNERS[region]).all(axis=1) for region in regions]
    inside: Booleans = np.logical_or.reduce(matches)
    return inside
