"""A coordinate has the same network in every version, process and order of draws."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.network.draw import draw
from pipeline.network.network import Network
from pipeline.sweep.coordinate import NetworkCoordinate
from tests.pipeline.network.paper_networks import SEED, paper_config

WRITE_ARRAYS = """
for array in (network.sources, network.sites, network.customers):
    write(array.astype("<f8").tobytes())
for array in (network.demand, network.capacity):
    write(array.astype("<i8").tobytes())
"""
"""Code that writes the pinned arrays of a network; it runs here and in other processes."""


def digest(network: Network) -> str:
    """Hash the little-endian bytes of everything that is drawn."""
    sha = hashlib.sha256()
    exec(WRITE_ARRAYS, {"network": network, "write": sha.update})
    return sha.hexdigest()


DIGESTS = {
    ("A1", "C3", 0, 1): "cdc6b5aabe34f9915904c79240222379cb23663bb8b7e46b794d643f5512ea06",
    ("A3", "C11", 0, 1): "2af846ab9719726b15bfc8ca7396b4feb9db8649efb56e31382bac3caf5d61ff",
    ("A2", "C17", 1, 2): "5a7b27f6dc026005b23cac011e784ef33264743dbd96c3f5b2e479826973d552",
    ("A5", "C18", 0, 1): "1c587ff7b81c36df5b1511066cc82a272eaadd7903d6cde580c30c988d018d7e",
}
"""Digests at seed 2016. If one changes, stored results no longer belong to their coordinates."""


@pytest.mark.parametrize("coordinate", DIGESTS, ids=lambda values: "/".join(map(str, values)))
def test_networks_are_pinned(coordinate: tuple[str, str, int, int]) -> None:
    """The network of a coordinate has the same bytes in all versions."""
    assert digest(draw(NetworkCoordinate(*coordinate), paper_config(), SEED)) == DIGESTS[coordinate]


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
    """The first nodes and volumes are pinned, to show which part of a digest has changed."""
    network = draw(NetworkCoordinate(*coordinate), paper_config(), SEED)
    assert network.demand[:4].tolist() == demand
    assert network.capacity[:4].tolist() == capacity
    assert network.draw_attempt == attempt
    assert network.sources[0].tolist() == source
    assert network.sites[0].tolist() == site
    assert network.customers[0].tolist() == customer


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_another_process_draws_the_same(hash_seed: str, tmp_path: Path) -> None:
    """The network does not depend on the process, nor on the hash seed."""
    program = f"""
import json, sys
from pipeline.config.sections import NetworkConfig
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.network.draw import draw
config, coordinate, seed = json.load(sys.stdin)
network = draw(NetworkCoordinate(*coordinate), NetworkConfig.model_validate(config), seed)
write = sys.stdout.buffer.write
{WRITE_ARRAYS}
"""
    # Two clusters are a set of strings, whose order changes with the hash seed.
    coordinate = ("A5", "C18", 0, 1)
    arguments = json.dumps([paper_config().model_dump(mode="json"), coordinate, SEED])
    finished = subprocess.run(
        [sys.executable, "-c", program],
        input=arguments.encode(),
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    assert hashlib.sha256(finished.stdout).hexdigest() == DIGESTS[coordinate]


def test_the_order_of_draws_does_not_matter() -> None:
    """Coordinates drawn in another order give the same networks, all of them distinct."""
    coordinates = [
        NetworkCoordinate(*values)
        for values in itertools.product(
            ["A1", "A4", "A6"], ["C1", "C11", "C17", "C23"], [0, 5], [1, 2]
        )
    ]
    in_order = {place: digest(draw(place, paper_config(), SEED)) for place in coordinates}
    shuffled = random.Random(7).sample(coordinates, len(coordinates))
    assert shuffled != coordinates
    assert {place: digest(draw(place, paper_config(), SEED)) for place in shuffled} == in_order
    assert len(set(in_order.values())) == len(coordinates)


def test_a_network_does_not_depend_on_what_else_is_swept() -> None:
    """A sweep with fewer axis values draws the same networks."""
    narrow = validate(
        compose(
            "config",
            ["sweep.allocation=[A3]", "sweep.structure=[C11]", "sweep.alpha=[7]", f"seed={SEED}"],
        )
    )
    where = ("A3", "C11", 0, 1)
    assert digest(draw(NetworkCoordinate(*where), narrow.network, narrow.seed)) == DIGESTS[where]
