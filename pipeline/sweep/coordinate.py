"""Coordinates of a sweep, and the random numbers that belong to them."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np


class NetworkCoordinate(NamedTuple):
    """Names one network: a coordinate of the sweep less its alpha.

    Parameters
    ----------
    allocation : str
        How the nodes divide into sources, sites and customers, such as ``A1``.
    structure : str
        Where they cluster, such as ``C3``.
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
    """Open the random stream that belongs to a purpose at a coordinate.

    Streams depend on these values only: never on order, worker, time or host. Allocation and
    structure stay empty for what all of them share.

    Parameters
    ----------
    seed : int
        Root seed of the sweep.
    purpose : str
        What is drawn, such as ``demand``.
    replication, scale, allocation, structure
        The coordinate, see `NetworkCoordinate`.
    attempt : int
        Number of the draw where draws are rejected, from 1.
    """
    key = (_word(purpose), _word(allocation), _word(structure), replication, scale, attempt)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def _word(name: str) -> int:
    """Turn a name into 32 bits, the same on every machine and in every Python process."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
