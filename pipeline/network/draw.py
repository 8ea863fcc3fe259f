"""Draws a network: where its nodes lie, what customers want and what sites can make.

Paper, section 3.3. What the text leaves open is settled in the docstrings below.
"""

from __future__ import annotations

import math

import numpy as np

from pipeline.config.sections import NetworkConfig
from pipeline.config.structures import CORNERS, structures
from pipeline.network.network import Network
from pipeline.sweep.coordinate import NetworkCoordinate, random_stream
from solvers.problem import Booleans, Floats, Integers

GRID_KM = 100.0
SEGMENTS = 10
"""Segments an axis; the grid has the square of it."""

SEGMENT_KM = GRID_KM / SEGMENTS

MAX_ATTEMPTS = 100_000
"""Draws of demand and capacity before a network configuration counts as impossible."""


class DrawError(RuntimeError):
    """No draw of demand and capacity met the required capacity ratio."""


def draw(coordinate: NetworkCoordinate, config: NetworkConfig, seed: int) -> Network:
    """Draw the network at a coordinate: the same one on every machine and in every sweep.

    Raises
    ------
    DrawError
        The capacity ratio asked for is out of reach at this scale.
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

    even: frozenset[str] = frozenset()
    return Network(
        sources=nodes("source", n_sources, frozenset([placement.source]) if placement else even),
        sites=nodes("site", n_sites, placement.production if placement else even),
        customers=nodes(
            "customer", n_customers, frozenset([placement.customer]) if placement else even
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
    """Draw demand and capacity, once a replication for all structures and allocations.

    Paper, 3.3.3: integers, uniform. An allocation takes the first J and K of them. The paper does
    not say what happens where capacity falls short of demand; here the pair of vectors is drawn
    again until every allocation of the configuration, swept or not, has a total capacity of at
    least ``min_capacity_ratio`` times its total demand.

    Returns
    -------
    demand : ndarray of int, shape (largest K,)
    capacity : ndarray of int, shape (largest J,)
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
        wanted = config.min_capacity_ratio * demand.cumsum()[n_customers - 1]
        if (capacity.cumsum()[n_sites - 1] >= wanted).all():
            return demand, capacity, attempt
    raise DrawError(
        f"replication {replication}, scale {scale}: none of {MAX_ATTEMPTS:,} draws gives every "
        f"allocation {config.min_capacity_ratio} times its demand as capacity"
    )


def axis_probabilities(regions: frozenset[str], axis: int, config: NetworkConfig) -> Floats:
    """Probability of each segment of an axis, shape (10,).

    Paper, 3.3.1. One cluster: a normal distribution around the middle of its half, integrated
    over each segment and scaled to 1 on the grid. Two clusters: a segment's larger probability of
    the two, squared, scaled to 1. No cluster: uniform.

    Parameters
    ----------
    regions : frozenset of str
        Keys of `CORNERS`; empty for the even distribution.
    axis : int
        0 for west to east, 1 for south to north.
    config : NetworkConfig
        Holds the standard deviation.
    """
    if not regions:
        return np.full(SEGMENTS, 1 / SEGMENTS)
    means_km = [GRID_KM * (0.75 if CORNERS[region][axis] else 0.25) for region in regions]
    single = [_segment_masses(mean_km, config.cluster_sd_km) for mean_km in means_km]
    weights = single[0] if len(single) == 1 else np.maximum(*single) ** 2
    scaled: Floats = weights / weights.sum()
    return scaled


def draw_nodes(
    generator: np.random.Generator, count: int, regions: frozenset[str], config: NetworkConfig
) -> Floats:
    """Place nodes: a segment on each axis, then anywhere in that square, shape (count, 2), km.

    Paper, 3.3.1. Two diagonal clusters would fill all four corners; there, a node that falls into
    one of the two unwanted quadrants is drawn again with probability ``diagonal_redraw``.
    """
    cumulative = [axis_probabilities(regions, axis, config).cumsum() for axis in (0, 1)]
    segments = np.empty((count, 2), dtype=np.int64)
    pending = np.arange(count)
    while pending.size:
        uniform = generator.random((pending.size, 2))
        for axis in (0, 1):
            drawn = np.searchsorted(cumulative[axis], uniform[:, axis], side="right")
            # The last sum may round to just below 1.
            segments[pending, axis] = np.minimum(drawn, SEGMENTS - 1)
        if not is_diagonal(regions):
            break
        unwanted = ~_inside(segments[pending], regions)
        dismissed = generator.random(pending.size) < config.diagonal_redraw
        pending = pending[unwanted & dismissed]
    return (segments + generator.random((count, 2))) * SEGMENT_KM


def is_diagonal(regions: frozenset[str]) -> bool:
    """Whether two clusters lie on opposite corners."""
    return regions in (frozenset(["nw", "se"]), frozenset(["ne", "sw"]))


def _segment_masses(mean_km: float, sd_km: float) -> Floats:
    edges = [
        math.erf((edge * SEGMENT_KM - mean_km) / (sd_km * math.sqrt(2)))
        for edge in range(SEGMENTS + 1)
    ]
    masses = np.diff(edges)
    scaled: Floats = masses / masses.sum()
    return scaled


def _inside(segments: Integers, regions: frozenset[str]) -> Booleans:
    """Whether each square lies in the quadrant of a region, shape (nodes,)."""
    halves = segments >= SEGMENTS // 2
    matches = [(halves == CORNERS[region]).all(axis=1) for region in regions]
    inside: Booleans = np.logical_or.reduce(matches)
    return inside
