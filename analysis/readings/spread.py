"""How much structures differ from each other, without knowing which label is which structure.

The statistic is the logarithm of the standard deviation, over the structures with one or with two
production clusters, of a feature at an alpha. It does not change if the labels are permuted. The
paper is held against the replications of a reading as one more draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from analysis.readings.medians import INDICATORS, STRUCTURES, TABLES, Floats

N_STATISTICS: Final = len(TABLES) * len(INDICATORS)
"""Statistics of a draw: for each number of clusters and each indicator, the mean over alpha."""


def log_spreads(features: Mapping[str, Floats]) -> Floats:
    """Return the logarithm of the standard deviation over structures, shape (R, 2, 3, 4).

    Parameters
    ----------
    features : mapping of str to ndarray, shape (R, structures, 3, 4)
        Production clusters, ``one`` and ``two``, -> `analysis.readings.medians.features`.
    """
    return np.stack(
        [np.log(features[clusters].std(axis=1, ddof=1)) for clusters in STRUCTURES], axis=1
    )


@dataclass(frozen=True)
class Comparison:
    """The paper's spread beside that of a reading.

    Attributes
    ----------
    replications : int
        Complete replications of the reading, R.
    paper, ours : float
        Mean over the 24 logarithms of a standard deviation: of the paper, and of the replications
        on average.
    z : float
        Their difference in standard deviations of a single draw's mean.
    t_squared : float
        Distance of the paper's six statistics from ours, by their covariance (Hotelling).
    degrees_of_freedom : int
        Of the covariance, which is pooled over the readings.
    p : float
        Probability that a further draw of the reading lies as far out, if draws are normal.
    as_far : int
        Replications that lie as far from the others as the paper does from all.
    """

    replications: int
    paper: float
    ours: float
    z: float
    t_squared: float
    degrees_of_freedom: int
    p: float
    as_far: int


def compare(paper: Floats, readings: Mapping[str, Floats]) -> dict[str, Comparison]:
    """Compare the paper with each reading.

    How much draws of one reading differ is about the same for all readings, so that a reading with
    few replications takes the covariance from all of them.

    Parameters
    ----------
    paper : ndarray, shape (2, 3, 4)
        As `log_spreads` returns them.
    readings : mapping of str to ndarray, shape (R, 2, 3, 4)
        Reading -> the same of its replications, at least two.

    Returns
    -------
    dict of str to Comparison
        Empty if the replications of all readings together do not suffice for a covariance.
    """
    draws = {
        name: values.mean(axis=3).reshape(len(values), -1) for name, values in readings.items()
    }
    residuals = np.concatenate([values - values.mean(axis=0) for values in draws.values()])
    freedom = len(residuals) - len(draws)
    if freedom < N_STATISTICS:
        return {}
    covariance = residuals.T @ residuals / freedom
    number = paper.mean(axis=2).ravel()
    return {name: _compare(number, values, covariance, freedom) for name, values in draws.items()}


def _compare(paper: Floats, draws: Floats, covariance: Floats, freedom: int) -> Comparison:
    n = len(draws)
    t_squared = _t_squared(paper, draws, covariance)
    # Hotelling: T^2 (f - p + 1) / (f p) has an F distribution with p and f - p + 1.
    rest = freedom - N_STATISTICS + 1
    p = float(stats.f.sf(t_squared * rest / (freedom * N_STATISTICS), N_STATISTICS, rest))
    left_out = [
        _t_squared(draws[number], np.delete(draws, number, axis=0), covariance)
        for number in range(n)
    ]
    sd_of_mean = np.sqrt(covariance.mean() * (1 + 1 / n))
    return Comparison(
        replications=n,
        paper=float(paper.mean()),
        ours=float(draws.mean()),
        z=float((paper.mean() - draws.mean()) / sd_of_mean),
        t_squared=t_squared,
        degrees_of_freedom=freedom,
        p=p,
        as_far=sum(value >= t_squared for value in left_out),
    )


def _t_squared(draw: Floats, others: Floats, covariance: Floats) -> float:
    """Return the squared distance of one draw from the mean of others, for one more draw."""
    difference = draw - others.mean(axis=0)
    scaled = np.linalg.solve(covariance, difference)
    return float(difference @ scaled / (1 + 1 / len(others)))
