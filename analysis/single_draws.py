"""Where a number of the paper lies among studies with a single draw.

The paper drew every network once. Each replication of a run is such a study. If the paper's
networks come from the same generator, the paper's number and those of the replications are
exchangeable: each is equally likely to be the smallest, the second smallest, and so on. Ranks need
no other assumption. Numbers are compared as the paper rounds them, because else a tie in print
would count as a difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MIN_REPLICATIONS = 10
"""With fewer, a number outside all others says too little: no number is called outside."""

TAIL = 0.025
"""Largest share of each tail that counts as outside, where ranks can resolve it."""


@dataclass(frozen=True)
class Place:
    """The place of one number among those of the replications.

    Attributes
    ----------
    percentile : float
        Share of the replications below it, in percent; a tie counts half.
    p_value : float
        Two-sided, from the ranks: of all R + 1 numbers, the share that lies as far out, or 1. Ties
        make it larger.
    outside : bool or None
        Whether it lies outside the `central_percent` of the numbers; None if there are too few.
    """

    percentile: float
    p_value: float
    outside: bool | None


def place(number: float, singles: Floats, unit: float) -> Place:
    """Return the place of the paper's number among the numbers of single replications.

    Parameters
    ----------
    number : float
        The paper's.
    singles : ndarray, shape (R,)
        One number for each replication, as the paper computes it.
    unit : float
        To which the paper rounds, such as 1 or 0.01.
    """
    pool = rounded(np.append(number, singles), unit)
    lower, ties = int((pool[1:] < pool[0]).sum()), int((pool[1:] == pool[0]).sum())
    upper = len(singles) - lower - ties
    p_value = min(1.0, 2 * (min(lower, upper) + ties + 1) / len(pool))
    outside = bool(is_outside(pool[None, :])[0, 0]) if len(singles) >= MIN_REPLICATIONS else None
    return Place(100 * (lower + ties / 2) / len(singles), p_value, outside)


def rounded(values: Floats, unit: float) -> NDArray[np.int64]:
    """Return values as multiples of a unit."""
    return np.rint(values / unit).astype(np.int64)


def tail_rank(replications: int) -> int:
    """Return how many of the R + 1 numbers on each side are outside: `TAIL` of them, at least 1."""
    return max(1, int(TAIL * (replications + 1) + 1e-9))


def central_percent(replications: int) -> float:
    """Return how many percent of the R + 1 numbers are inside: 95, or fewer if R is below 39."""
    return 100 * (1 - 2 * tail_rank(replications) / (replications + 1))


def is_outside(pools: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the numbers that are outside in each pool, shape as `pools`.

    A number is outside if fewer than `tail_rank` of the others lie as low, or as high, as itself.

    Parameters
    ----------
    pools : ndarray of int, shape (cells, R + 1)
        The numbers of each cell: the paper's first, then those of the replications.
    """
    rank = tail_rank(pools.shape[1] - 1)
    ordered = np.sort(pools, axis=1)
    # As low as itself: the number itself and rank - 1 others at most.
    as_low = np.array([np.searchsorted(o, p, "right") for o, p in zip(ordered, pools, strict=True)])
    below = np.array([np.searchsorted(o, p, "left") for o, p in zip(ordered, pools, strict=True)])
    outside: NDArray[np.bool_] = (as_low <= rank) | (pools.shape[1] - below <= rank)
    return outside


@dataclass(frozen=True)
class Count:
    """How many of the paper's numbers are outside, together.

    Attributes
    ----------
    replications : int
        R.
    central_percent : float
        What counts as inside, see `central_percent`.
    cells : int
        Numbers that were placed.
    outside : int
        How many of them are outside.
    expected : float
        How many are to be expected, from ties as they are: the mean over the paper and all
        replications, each placed among the others.
    p_value : float
        Share of these R + 1 studies with at least as many outside as the paper, itself included.
    """

    replications: int
    central_percent: float
    cells: int
    outside: int
    expected: float
    p_value: float


def count_outside(pools: NDArray[np.int64]) -> Count:
    """Count the numbers outside over many cells of the same replications.

    The cells depend on each other: a draw with low demand is low in most of them. So the count is
    not compared with a binomial distribution, but with the counts of the replications, each
    treated as if it were the paper.

    Parameters
    ----------
    pools : ndarray of int, shape (cells, R + 1)
        As in `is_outside`.
    """
    replications = pools.shape[1] - 1
    counts = is_outside(pools).sum(axis=0)
    return Count(
        replications=replications,
        central_percent=central_percent(replications),
        cells=len(pools),
        outside=int(counts[0]),
        expected=float(counts.mean()),
        p_value=float((counts >= counts[0]).mean()),
    )
