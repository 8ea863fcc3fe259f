"""The generator draws what the paper's section 3.3 states, and always the same."""

import functools
import hashlib
import itertools
import json
import math
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from pipeline.config.compose import compose
from pipeline.config.sections import NetworkConfig, validate
from pipeline.config.structures import structures
from pipeline.network import draw as module
from pipeline.network.draw import DrawError, draw, draw_nodes, draw_volumes
from pipeline.network.network import Network, distances_km
from pipeline.sweep.coordinate import NetworkCoordinate, random_stream

Floats = NDArray[np.float64]

SEED = 2016
ACCEPTED_P = 1e-3
"""A right distribution falls below this once in a thousand seeds; the seeds are fixed."""

REFUSED_P = 1e-6
"""A wrong distribution has to fall below this, else the test above it would prove little."""

SAMPLE = 20_000
EVEN: tuple[str, ...] = ()
SINGLE = [("nw",), ("ne",), ("sw",), ("se",)]
SIDES = [("nw", "ne"), ("sw", "se"), ("nw", "sw"), ("ne", "se")]
DIAGONALS = [("nw", "se"), ("ne", "sw")]


@functools.cache
def paper() -> NetworkConfig:
    """Compose the paper's network configuration, once."""
    return validate(compose("config", [])).network


def changed(**values: Any) -> NetworkConfig:
    """Check a network configuration that differs from the paper's in some keys."""
    return NetworkConfig.model_validate({**paper().model_dump(mode="json"), **values})


# The stated probabilities, computed apart from the code under test.


def one_axis(mean_km: float, sd_km: float = 20) -> Floats:
    """Integrate a normal over ten segments of 10 km, scaled to 1 on the grid."""
    masses = np.diff(stats.norm.cdf(np.arange(0, 101, 10), mean_km, sd_km))
    return masses / masses.sum()


def mean_km(corner: str, axis: int) -> float:
    """Middle of a cluster's half: 25 km in the west and south, 75 km in the east and north."""
    return 75.0 if ("e", "n")[axis] in corner else 25.0


def axis_stated(regions: tuple[str, ...], axis: int, power: float = 2, sd_km: float = 20) -> Floats:
    """State the probabilities of an axis: one cluster, two (larger one squared), or none."""
    if not regions:
        return np.full(10, 0.1)
    single = [one_axis(mean_km(corner, axis), sd_km) for corner in regions]
    weights = single[0] if len(single) == 1 else np.max(single, axis=0) ** power
    return weights / weights.sum()


def cells_stated(
    regions: tuple[str, ...], redraw: float = 0.85, power: float = 2, sd_km: float = 20
) -> Floats:
    """State the probability of each of the 10 x 10 squares, east by north.

    Redrawing an unwanted square with probability r until it stays leaves p (1 - r) in the unwanted
    squares and p in the others, scaled to 1.
    """
    axes = [axis_stated(regions, axis, power, sd_km) for axis in (0, 1)]
    cells = np.outer(*axes)
    if regions in DIAGONALS:
        wanted = np.zeros((10, 10), dtype=bool)
        for corner in regions:
            east = slice(5, 10) if "e" in corner else slice(0, 5)
            north = slice(5, 10) if "n" in corner else slice(0, 5)
            wanted[east, north] = True
        cells = np.where(wanted, cells, cells * (1 - redraw))
    return cells / cells.sum()


def cell_counts(positions: Floats) -> NDArray[np.int64]:
    """Count the nodes in each of the 10 x 10 squares."""
    east, north = (positions // 10).astype(int).T
    counts = np.zeros((10, 10), dtype=np.int64)
    np.add.at(counts, (east, north), 1)
    return counts


def chi_square_p(counts: NDArray[np.int64], probabilities: Floats) -> float:
    """Test counts against probabilities; cells of fewer than five expected nodes are pooled."""
    expected = probabilities.ravel() * counts.sum()
    observed = counts.ravel().astype(float)
    rare = expected < 5
    if rare.any():
        # The most frequent of the rare cells alone may be too few: one common cell joins them.
        rare[np.flatnonzero(~rare)[expected[~rare].argmin()]] = True
        observed = np.append(observed[~rare], observed[rare].sum())
        expected = np.append(expected[~rare], expected[rare].sum())
    return float(stats.chisquare(observed, expected).pvalue)


@functools.cache
def sample(regions: tuple[str, ...]) -> Floats:
    """Place many nodes with the code under test, from a fixed stream."""
    generator = np.random.Generator(np.random.PCG64([SEED, *map(ord, "".join(regions))]))
    return draw_nodes(generator, SAMPLE, frozenset(regions), paper())


# Where nodes lie.


@pytest.mark.parametrize("regions", [EVEN, *SINGLE, *SIDES, *DIAGONALS], ids="+".join)
def test_squares_are_as_frequent_as_stated(regions: tuple[str, ...]) -> None:
    """A large sample fills the 10 x 10 squares with the stated joint probabilities."""
    assert chi_square_p(cell_counts(sample(regions)), cells_stated(regions)) > ACCEPTED_P


@pytest.mark.parametrize("axis", [0, 1], ids=["west-east", "south-north"])
@pytest.mark.parametrize("regions", [EVEN, *SINGLE, *SIDES], ids="+".join)
def test_segments_are_as_frequent_as_stated(regions: tuple[str, ...], axis: int) -> None:
    """On each axis a large sample fills the ten segments with the stated probabilities."""
    counts = cell_counts(sample(regions)).sum(axis=1 - axis)
    assert chi_square_p(counts, axis_stated(regions, axis)) > ACCEPTED_P


@pytest.mark.parametrize(
    ("regions", "wrong"),
    [
        (EVEN, cells_stated(("ne",))),
        (("ne",), cells_stated(EVEN)),
        (("ne",), cells_stated(("nw",))),
        (("ne",), cells_stated(("ne",), sd_km=22)),
        (("ne", "se"), cells_stated(("ne", "se"), power=1)),
        (("ne", "se"), cells_stated(("nw", "sw"))),
        (("ne", "se"), cells_stated(("nw", "ne"))),
        # A mixture of the two clusters is what one might have expected instead.
        (("ne", "se"), (cells_stated(("ne",)) + cells_stated(("se",))) / 2),
        (("ne", "sw"), cells_stated(("ne", "sw"), redraw=0)),
        (("ne", "sw"), cells_stated(("ne", "sw"), redraw=0.80)),
        (("ne", "sw"), cells_stated(("ne", "sw"), redraw=0.90)),
        (("ne", "sw"), cells_stated(("nw", "se"))),
    ],
)
def test_another_distribution_would_be_noticed(regions: tuple[str, ...], wrong: Floats) -> None:
    """The chi-square test refuses nearby distributions with the very same sample."""
    assert chi_square_p(cell_counts(sample(regions)), wrong) < REFUSED_P


def test_a_diagonal_pair_redraws_unwanted_nodes_only_once_in_a_while() -> None:
    """At redraw 0 a diagonal pair fills all four quadrants alike; at 0.999 hardly two of them."""
    regions = frozenset(["ne", "sw"])

    def unwanted(redraw: float) -> float:
        generator = np.random.Generator(np.random.PCG64(SEED))
        nodes = draw_nodes(generator, SAMPLE, regions, changed(diagonal_redraw=redraw))
        return float(((nodes[:, 0] < 50) != (nodes[:, 1] < 50)).mean())

    assert unwanted(0.0) == pytest.approx(0.5, abs=0.02)
    # Of each quadrant pair: 0.15 / 1.15, the share that the paper's 85 % leave.
    assert unwanted(0.85) == pytest.approx(0.15 / 1.15, abs=0.02)
    assert unwanted(0.999) < 0.01


@pytest.mark.parametrize("regions", [EVEN, ("ne",), ("ne", "se"), ("ne", "sw")], ids="+".join)
def test_positions_are_uniform_within_their_square(regions: tuple[str, ...]) -> None:
    """Inside its 10 x 10 square a node is equally likely anywhere, on both axes."""
    within = sample(regions) % 10 / 10
    for axis in (0, 1):
        assert stats.kstest(within[:, axis], "uniform").pvalue > ACCEPTED_P
        # And so would not be a position that leans a little to one side.
        assert stats.kstest(within[:, axis] ** 1.1, "uniform").pvalue < REFUSED_P
    assert abs(stats.pearsonr(*within.T).statistic) < 4 / math.sqrt(SAMPLE)


@pytest.mark.parametrize("label", ["C3", "C11", "C17", "C18"])
def test_each_kind_of_node_clusters_where_its_structure_says(label: str) -> None:
    """Sources, sites and customers follow their own clusters of the structure's placement."""
    config = changed(allocations={"B1": [10_000, 10_000, 10_000]}, min_capacity_ratio=0)
    network = draw(NetworkCoordinate("B1", label), config, SEED)
    placement = structures()[label]
    clusters: list[tuple[str, ...]] = [EVEN] * 3
    if placement:
        # The tuples above list a pair in one order only.
        pair = next(
            regions
            for regions in [*SINGLE, *SIDES, *DIAGONALS]
            if frozenset(regions) == placement.production
        )
        clusters = [(placement.source,), pair, (placement.customer,)]
    kinds = (network.sources, network.sites, network.customers)
    for nodes, regions in zip(kinds, clusters, strict=True):
        assert chi_square_p(cell_counts(nodes), cells_stated(regions)) > ACCEPTED_P


def test_volumes_are_uniform_integers() -> None:
    """Demand is uniform on 1..100 and capacity on 100..500, both ends included."""
    config = changed(allocations={"B1": [1, 40_000, 40_000]}, min_capacity_ratio=0)
    demand, capacity, attempt = draw_volumes(config, SEED, 0, 1)
    assert attempt == 1
    for values, low, high in ((demand, 1, 100), (capacity, 100, 500)):
        counts = np.bincount(values - low)
        assert len(counts) == high - low + 1
        assert stats.chisquare(counts).pvalue > ACCEPTED_P


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    allocation=st.sampled_from([f"A{number}" for number in range(1, 8)]),
    structure=st.sampled_from(sorted(structures())),
    replication=st.integers(0, 2**31 - 1),
    scale=st.integers(1, 4),
    seed=st.integers(0, 2**31 - 1),
)
def test_every_network_keeps_to_its_ranges(
    allocation: str, structure: str, replication: int, scale: int, seed: int
) -> None:
    """Nodes lie on the grid, demand in 1..100, capacity in 100..500, counts as allotted."""
    network = draw(NetworkCoordinate(allocation, structure, replication, scale), paper(), seed)
    nodes = (network.sources, network.sites, network.customers)
    counts = tuple(count * scale for count in paper().allocations[allocation])
    assert tuple(len(positions) for positions in nodes) == counts
    for positions in nodes:
        assert positions.shape[1] == 2
        assert ((positions >= 0) & (positions <= 100)).all()
    assert len(network.demand) == len(network.customers)
    assert ((network.demand >= 1) & (network.demand <= 100)).all()
    assert len(network.capacity) == len(network.sites)
    assert ((network.capacity >= 100) & (network.capacity <= 500)).all()
    assert network.capacity.sum() >= 1.05 * network.demand.sum()


# The same network, for ever and everywhere.

BYTES = """
for array in (network.sources, network.sites, network.customers):
    write(array.astype("<f8").tobytes())
for array in (network.demand, network.capacity):
    write(array.astype("<i8").tobytes())
"""
"""What of a network is pinned, and in which order; run here and in other processes."""


def digest(network: Network) -> str:
    """Hash the little-endian bytes of everything that is drawn."""
    sha = hashlib.sha256()
    exec(BYTES, {"network": network, "write": sha.update})
    return sha.hexdigest()


KNOWN = {
    ("A1", "C3", 0, 1): "cdc6b5aabe34f9915904c79240222379cb23663bb8b7e46b794d643f5512ea06",
    ("A3", "C11", 0, 1): "2af846ab9719726b15bfc8ca7396b4feb9db8649efb56e31382bac3caf5d61ff",
    ("A2", "C17", 1, 2): "5a7b27f6dc026005b23cac011e784ef33264743dbd96c3f5b2e479826973d552",
    ("A5", "C18", 0, 1): "1c587ff7b81c36df5b1511066cc82a272eaadd7903d6cde580c30c988d018d7e",
}
"""Digests at seed 2016. A change here is another sweep: all stored results lose their meaning."""


@pytest.mark.parametrize("coordinate", KNOWN, ids=lambda values: "/".join(map(str, values)))
def test_networks_are_pinned(coordinate: tuple[str, str, int, int]) -> None:
    """A coordinate's network keeps its bytes for ever."""
    assert digest(draw(NetworkCoordinate(*coordinate), paper(), SEED)) == KNOWN[coordinate]


@pytest.mark.parametrize(
    ("coordinate", "source", "site", "customer", "demand", "capacity", "attempt"),
    [
        (
            ("A1", "C3", 0, 1),
            [18.273162490487245, 98.98705393811369],
            [58.00541917337821, 14.788829290640582],
            [75.48040231196917, 67.49068091983762],
            [10, 71, 11, 21],
            [473, 487, 322, 253],
            4,
        ),
        (
            ("A3", "C11", 0, 1),
            [21.573507579880374, 61.71549107385462],
            [88.185604633112, 36.706677917171184],
            [60.299906320786334, 85.95863129566182],
            [10, 71, 11, 21],
            [473, 487, 322, 253],
            4,
        ),
        (
            ("A2", "C17", 1, 2),
            [90.33197138658275, 72.13331803207569],
            [94.29861905396876, 67.56467886497528],
            [29.309920866278595, 51.20470695080265],
            [38, 2, 59, 32],
            [233, 466, 490, 106],
            2,
        ),
    ],
)
def test_first_values_are_pinned(
    coordinate: tuple[str, str, int, int],
    source: list[float],
    site: list[float],
    customer: list[float],
    demand: list[int],
    capacity: list[int],
    attempt: int,
) -> None:
    """The first nodes and volumes, written out: they tell which part of a digest has changed."""
    network = draw(NetworkCoordinate(*coordinate), paper(), SEED)
    assert network.demand[:4].tolist() == demand
    assert network.capacity[:4].tolist() == capacity
    assert network.draw_attempt == attempt
    assert network.sources[0].tolist() == source
    assert network.sites[0].tolist() == site
    assert network.customers[0].tolist() == customer


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_another_process_draws_the_same(hash_seed: str, tmp_path: Path) -> None:
    """Neither the process nor the order of its sets and dictionaries matters."""
    program = f"""
import json, sys
from pipeline.config.sections import NetworkConfig
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.network.draw import draw
config, coordinate, seed = json.load(sys.stdin)
network = draw(NetworkCoordinate(*coordinate), NetworkConfig.model_validate(config), seed)
write = sys.stdout.buffer.write
{BYTES}
"""
    # A pair of clusters is a set of strings: its order changes with the hash seed.
    coordinate = ("A5", "C18", 0, 1)
    told = json.dumps([paper().model_dump(mode="json"), coordinate, SEED])
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=told.encode(),
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    assert hashlib.sha256(done.stdout).hexdigest() == KNOWN[coordinate]


def test_the_order_of_draws_does_not_matter() -> None:
    """Many coordinates drawn in another order are the same networks, and all different."""
    coordinates = [
        NetworkCoordinate(*values)
        for values in itertools.product(
            ["A1", "A4", "A6"], ["C1", "C11", "C17", "C23"], [0, 5], [1, 2]
        )
    ]
    in_order = {where: digest(draw(where, paper(), SEED)) for where in coordinates}
    shuffled = random.Random(7).sample(coordinates, len(coordinates))
    assert shuffled != coordinates
    assert {where: digest(draw(where, paper(), SEED)) for where in shuffled} == in_order
    assert len(set(in_order.values())) == len(coordinates)


def test_a_network_does_not_depend_on_what_else_is_swept() -> None:
    """Restricting the axes of a sweep leaves the networks that remain as they are."""
    narrow = validate(
        compose(
            "config",
            ["sweep.allocation=[A3]", "sweep.structure=[C11]", "sweep.alpha=[7]", f"seed={SEED}"],
        )
    )
    where = ("A3", "C11", 0, 1)
    assert digest(draw(NetworkCoordinate(*where), narrow.network, narrow.seed)) == KNOWN[where]


# What networks share, and what is their own.


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
    """Nodes change with each part of the coordinate and the seed; volumes with some of them."""
    origin = {"allocation": "A1", "structure": "C3", "replication": 0, "scale": 1, "seed": SEED}

    def drawn(seed: int, **coordinate: Any) -> Network:
        return draw(NetworkCoordinate(**coordinate), paper(), seed)

    before, after = drawn(**origin), drawn(**{**origin, **change})
    # All sources cluster in the north-east: a shared stream would put them on the same spots.
    for kind in ("sources", "sites", "customers"):
        assert not set(getattr(before, kind).ravel()) & set(getattr(after, kind).ravel())
    same = [
        np.array_equal(getattr(before, kind)[:20], getattr(after, kind)[:20])
        for kind in ("demand", "capacity")
    ]
    assert same == [shares_volumes] * 2


def test_kinds_of_nodes_are_drawn_apart() -> None:
    """Sources, sites and customers of one network have no position in common."""
    network = draw(NetworkCoordinate("A5", "C11"), paper(), SEED)
    kinds = (network.sources, network.sites, network.customers)
    assert len({x for nodes in kinds for x in nodes.ravel().tolist()}) == 2 * 90


@pytest.mark.parametrize("scale", [1, 3])
def test_allocations_take_the_first_of_shared_volumes(scale: int) -> None:
    """All structures and allocations of a replication take prefixes of one pair of vectors."""
    demand, capacity, attempt = draw_volumes(paper(), SEED, 2, scale)
    assert (len(demand), len(capacity)) == (60 * scale, 60 * scale)
    for allocation, structure in itertools.product(paper().allocations, ["C1", "C11", "C25"]):
        network = draw(NetworkCoordinate(allocation, structure, 2, scale), paper(), SEED)
        _, sites, customers = paper().allocations[allocation]
        assert network.demand.tolist() == demand[: customers * scale].tolist()
        assert network.capacity.tolist() == capacity[: sites * scale].tolist()
        assert network.draw_attempt == attempt


def suffices(replication: int, scale: int, attempt: int) -> bool:
    """Whether a draw gives every allocation of Table 1 five per cent more than its demand."""
    at = {"replication": replication, "scale": scale, "attempt": attempt}
    demand = random_stream(SEED, "demand", **at).integers(1, 101, size=60 * scale).tolist()
    capacity = random_stream(SEED, "capacity", **at).integers(100, 501, size=60 * scale).tolist()
    sites_customers = [(20, 60), (60, 20), (10, 60), (60, 10), (30, 30), (20, 10), (10, 20)]
    return all(
        sum(capacity[: sites * scale]) >= 1.05 * sum(demand[: customers * scale])
        for sites, customers in sites_customers
    )


def test_the_first_sufficient_draw_is_taken() -> None:
    """Every earlier draw leaves an allocation short of capacity; the accepted one leaves none."""
    attempts = []
    for replication, scale in itertools.product(range(10), [1, 2]):
        _, _, accepted = draw_volumes(paper(), SEED, replication, scale)
        found = [suffices(replication, scale, attempt) for attempt in range(1, accepted + 1)]
        assert found == [False] * (accepted - 1) + [True]
        attempts.append(accepted)
    # Otherwise the rule would never have been put to use here.
    assert max(attempts) > 1


def test_allocations_that_are_not_swept_count_too() -> None:
    """An allocation short of sites makes all others wait for a draw that serves it."""
    ratios = {
        name: sites / customers for name, (_, sites, customers) in paper().allocations.items()
    }
    hardest = min(ratios, key=lambda name: ratios[name])
    easier = {name: list(counts) for name, counts in paper().allocations.items() if name != hardest}
    attempts = [
        (
            draw(NetworkCoordinate("A5", "C3", replication), paper(), SEED).draw_attempt,
            draw_volumes(changed(allocations=easier), SEED, replication, 1)[2],
        )
        for replication in range(10)
    ]
    assert all(with_it >= without for with_it, without in attempts)
    assert any(with_it > without for with_it, without in attempts)


def test_an_impossible_ratio_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A capacity ratio out of reach ends in an error that names replication, scale and ratio."""
    monkeypatch.setattr(module, "MAX_ATTEMPTS", 25)
    with pytest.raises(DrawError) as told:
        draw(NetworkCoordinate("A1", "C3", 4, 2), changed(min_capacity_ratio=1000), SEED)
    for part in ("replication 4", "scale 2", "25", "1000"):
        assert part in str(told.value)


def test_scale_multiplies_all_counts() -> None:
    """Scale 2 has 180 nodes: twice the sources, sites and customers."""
    network = draw(NetworkCoordinate("A7", "C3", scale=2), paper(), SEED)
    nodes = (network.sources, network.sites, network.customers)
    assert tuple(map(len, nodes)) == (120, 20, 40)
    arrays = (network.capacity, network.demand, network.fixed_cost, network.supply)
    assert tuple(map(len, arrays)) == (20, 40, 20, 120)


# The problem posed on a network.

points = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=6)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(points, points)
def test_distances_are_euclidean(
    rows: list[tuple[float, float]], columns: list[tuple[float, float]]
) -> None:
    """Every distance equals the one of the standard library, to rounding."""
    found = distances_km(np.array(rows), np.array(columns))
    expected = [[math.dist(row, column) for column in columns] for row in rows]
    # The absolute slack is for squares below the smallest float: a billionth of a metre is none.
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-12)


@pytest.mark.parametrize("alpha", [1, 2.5, 20.0])
def test_a_problem_has_distances_for_costs(alpha: float) -> None:
    """The posed problem costs a tonne its kilometres; f = 5000 and p = 99,999,999 everywhere."""
    network = draw(NetworkCoordinate("A3", "C18"), paper(), SEED)
    problem = network.problem(alpha)

    def kilometres(rows: Floats, columns: Floats) -> list[list[float]]:
        distance: Callable[..., float] = math.dist
        return [[distance(row, column) for column in columns] for row in rows]

    np.testing.assert_allclose(problem.inbound, kilometres(network.sources, network.sites))
    np.testing.assert_allclose(problem.outbound, kilometres(network.customers, network.sites))
    assert problem.inbound.shape == (20, 10)
    assert problem.outbound.shape == (60, 10)
    assert problem.fixed_cost.tolist() == [5000.0] * 10
    assert problem.supply.tolist() == [99_999_999.0] * 20
    assert problem.demand.tolist() == network.demand.tolist()
    assert problem.capacity.tolist() == network.capacity.tolist()
    assert problem.alpha == alpha
