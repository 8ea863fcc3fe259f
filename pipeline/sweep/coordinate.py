"""Coordinates of a sweep, and the random-number streams that belong to them."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np


class NetworkCoordinate(NamedTuple):
    """Identifies one network: a coordinate of the sweep without alpha.

    Parameters
    ----------
    allocation : str
        Label of the numbers of sources, sites and customers, such as ``A1``.
    structure : str
        Label of the regions in which they cluster, such as ``C3``.
    replication : int
        Number of the independent draw, from 0.
    scale : int
        Multiplier of all node counts, from 1.
    """

    allocation: str
    structure: str
    replication: int = 0
    scale: int = 1


def random_stream(
    seed: int,
    purpose: str,
    replication: int,
    scale: int,
    allocation: str = "",
    structure: str = "",
    attempt: int = 1,
) -> np.random.Generator:
    """Return a generator at the start of the random stream of a purpose at a coordinate.

    The stream depends on these values only, not on order, worker, time or host. Allocation and
    structure are empty for draws that all allocations and structures share.

    Parameters
    ----------
    seed : int
        Root seed of the sweep.
    purpose : str
        What is drawn, such as ``demand``.
    replication, scale, allocation, structure
        The coordinate, see `NetworkCoordinate`.
    attempt : int
        Number of the draw, from 1, for a purpose whose draws may be rejected.
    """
    key = (
        _hash_to_uint32(purpose),
        _hash_to_uint32(allocation),
        _hash_to_uint32(structure),
        replication,
        scale,
        attempt,
    )
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def _hash_to_uint32(name: str) -> int:
    """Hash a name to 32 bits, with the same result on every machine and in every Python process."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
