"""Bootstrap intervals that resample replications whole.

All networks of a replication share their demand and capacity, so their values are not independent:
the replication is what was drawn independently, and the cluster that is resampled. Allocations and
structures are the same in every resample; they were chosen, not drawn. A sample is given by its
counts: how often each replication is in it. A statistic is a function of counts, so one
statistic serves the estimate (every replication once), the bootstrap (multinomial counts) and the
single replications (one of them once). A statistic that compares two groups computes both from
the same counts; the comparison is then paired.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

Floats = NDArray[np.float64]

Statistic = Callable[[Floats], Floats]
"""From counts, shape (samples, R), to the value of each sample, shape (samples,)."""

MIN_REPLICATIONS = 20
"""Below it an interval covers too rarely; the range over the replications is given instead."""

RESAMPLES = 1000

LEVEL = 0.95
"""Nominal coverage of an interval."""

SEED = 0
"""Of the resamples; the same rows give the same intervals."""


@dataclass(frozen=True)
class Estimate:
    """The value of a statistic and how far it is uncertain.

    Attributes
    ----------
    value : float
        Over all replications; nan if no replication has a value.
    low, high : float
        An interval or a range, see ``kind``; nan if there is none.
    kind : str
        ``interval``: bootstrap interval at `LEVEL`; ``range``: if there are fewer than
        `MIN_REPLICATIONS`, smallest and largest value of a single replication or of all together
        (which may lie outside: the ratio of two medians over all replications is no mean of
        their ratios); ``none``: there is one replication or none.
    replications : int
        Number of replications.
    """

    value: float
    low: float
    high: float
    kind: str
    replications: int


def estimate(statistic: Statistic, replications: int) -> Estimate:
    """Estimate a statistic with its bootstrap interval, or with its range over few replications.

    Parameters
    ----------
    statistic : Statistic
        As `pooled_quantile` or `pooled_mean` make it, or a function of such.
    replications : int
        R, the length of a row of counts.

    Returns
    -------
    Estimate
        The value, low and high, as far as `replications` allow.
    """
    nan = float("nan")
    if replications == 0:
        return Estimate(nan, nan, nan, "none", 0)
    value = float(statistic(np.ones((1, replications)))[0])
    if replications == 1:
        return Estimate(value, nan, nan, "none", 1)
    if replications < MIN_REPLICATIONS:
        values = _finite(np.append(statistic(np.eye(replications)), value))
        low, high = (float(values.min()), float(values.max())) if values.size else (nan, nan)
        return Estimate(value, low, high, "range", replications)
    resampled = _finite(statistic(resample_counts(replications)))
    low, high = interval(resampled, replications) if resampled.size else (nan, nan)
    return Estimate(value, low, high, "interval", replications)


@functools.cache
def resample_counts(replications: int, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """Draw how often each replication is in each resample, shape (resamples, replications).

    The result is shared by all statistics and cannot be changed: comparisons are paired.
    """
    counts = (
        np.random.default_rng(seed)
        .multinomial(replications, np.full(replications, 1 / replications), size=resamples)
        .astype(float)
    )
    counts.flags.writeable = False
    return counts


def interval(resampled: Floats, replications: int, level: float = LEVEL) -> tuple[float, float]:
    """Return the expanded percentile interval of a bootstrap distribution.

    The plain percentile interval is too short for few clusters. Hesterberg (2014)
    moves its two probabilities outwards, from Phi(z) to Phi(t sqrt(R / (R - 1))), with t of
    Student's distribution with R - 1 degrees of freedom in place of the normal z: for a
    mean this is the length of the t interval. Why this one: benchmarks/coverage.py.

    Parameters
    ----------
    resampled : ndarray, shape (resamples,)
        The statistic of each resample.
    replications : int
        R, at least 2.
    level : float
        Nominal coverage.
    """
    t = stdtrit(replications - 1, (1 - level) / 2)
    tail = float(ndtr(t * np.sqrt(replications / (replications - 1))))
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return float(low), float(high)


def pooled_mean(values: Floats) -> Statistic:
    """Return the statistic: mean of all values of the sampled replications.

    Parameters
    ----------
    values : ndarray, shape (R, networks)
        A row for each replication; nan where there is no value.
    """
    sums = np.nansum(values, axis=1)
    numbers = np.isfinite(values).sum(axis=1).astype(float)

    def statistic(counts: Floats) -> Floats:
        with np.errstate(invalid="ignore"):
            mean: Floats = (counts @ sums) / (counts @ numbers)
        return mean

    return statistic


def pooled_median(values: Floats) -> Statistic:
    """Return the statistic: median of all values of the sampled replications."""
    return pooled_quantile(values, 0.5)


def pooled_quantile(values: Floats, probability: float) -> Statistic:
    """Return the statistic: a quantile of all values of the sampled replications.

    Values of replications that are sampled twice count twice. Between two values the quantile is
    interpolated linearly, as `numpy.quantile` does by default.

    Parameters
    ----------
    values : ndarray, shape (R, networks)
        A row for each replication; nan where there is no value.
    probability : float
        Of the quantile, 0..1.
    """
    # All values are sorted once. Then a resample needs no sorting: the k-th smallest of its values
    # is found by bisection over the counted number of values up to each position.
    replication, network = np.nonzero(np.isfinite(values))
    pooled = values[replication, network]
    order = np.argsort(pooled, kind="stable")
    ascending = pooled[order]
    up_to = np.zeros((len(pooled) + 1, len(values)), dtype=np.float32)
    up_to[np.arange(1, len(pooled) + 1), replication[order]] = 1
    np.cumsum(up_to, axis=0, out=up_to)

    def smallest(counts: Floats, k: Floats) -> Floats:
        """Return the value number `k`, from 0, of each sample in ascending order."""
        low, high = np.zeros(len(counts), dtype=int), np.full(len(counts), len(pooled))
        while (low + 1 < high).any():
            middle = (low + high) // 2
            enough = np.einsum("br,br->b", counts, up_to[middle]) > k
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        found: Floats = ascending[high - 1]
        return found

    def statistic(counts: Floats) -> Floats:
        result = np.full(len(counts), np.nan)
        sizes = counts @ up_to[-1]
        some = sizes > 0
        position = probability * (sizes[some] - 1)
        below = np.floor(position)
        lower = smallest(counts[some], below)
        upper = smallest(counts[some], np.minimum(below + 1, sizes[some] - 1))
        result[some] = lower + (position - below) * (upper - lower)
        return result

    return statistic


def _finite(values: Floats) -> Floats:
    finite: Floats = values[np.isfinite(values)]
    return finite
