"""Statistics that several claims use, of a run's rows and of the paper's tables."""

from __future__ import annotations

import functools

import numpy as np

from analysis.bootstrap import Floats, Statistic, pooled_mean, pooled_median
from analysis.paper import ALPHAS, published
from analysis.replicated import Group, Study

LOWEST, HIGHEST = ALPHAS[0], ALPHAS[-1]
"""The buy-to-fly ratios 2 and 20."""


@functools.cache
def _cells(table: int) -> dict[tuple[str, float, str], float | None]:
    return {(row[0], row[1], row[2]): row[3] for row in published(table).iter_rows()}


def paper(table: int, group: str, alpha: float, indicator: str) -> float | None:
    """Return a number of the paper's tables, None if its text lacks it."""
    return _cells(table)[group, alpha, indicator]


def paper_percent(
    table: int, group: str, indicator: str, alpha: float, reference: float = HIGHEST
) -> float | None:
    """Return a median of the paper in percent of the same group's median at another alpha."""
    own, base = (paper(table, group, each, indicator) for each in (alpha, reference))
    return None if own is None or base is None else 100 * own / base


def subtract(first: float | None, second: float | None) -> float | None:
    """Return first - second, None if one of them is missing."""
    return None if first is None or second is None else first - second


def mean(numbers: list[float | None]) -> float | None:
    """Return the mean, None if a number is missing."""
    known = [number for number in numbers if number is not None]
    return sum(known) / len(known) if len(known) == len(numbers) else None


def share(condition: Floats) -> Statistic:
    """Return the statistic: percent of networks with a condition; 1 true, 0 false, nan neither."""
    return pooled_mean(100 * condition)


def flag(condition: np.ndarray, *known: Floats) -> Floats:
    """Turn a condition into 1 and 0, with nan where one of the arrays behind it has no value."""
    has_value = np.logical_and.reduce([np.isfinite(each) for each in known])
    return np.where(has_value, condition.astype(float), np.nan)


def median_percent(part: Study, column: str, group: Group, alpha: float) -> Statistic:
    """Return the statistic: median over networks of the percentage of each one's value at 20."""
    return pooled_median(part.percent(column, group, alpha))


def percent_of_medians(
    part: Study, column: str, group: Group, alpha: float, reference: float = HIGHEST
) -> Statistic:
    """Return the statistic: a group's median in percent of its median at another alpha.

    This is what the paper's Tables 3 and 4 show of a group; Table 6 has medians of percentages.
    """
    own = pooled_median(part.values(column, group, alpha))
    base = pooled_median(part.values(column, group, reference))
    return lambda counts: 100 * own(counts) / base(counts)


def difference(first: Statistic, second: Statistic) -> Statistic:
    """Return the statistic first - second, both of the same sample."""
    return lambda counts: first(counts) - second(counts)


def mean_of(statistics: list[Statistic]) -> Statistic:
    """Return the mean of several statistics of the same sample."""
    return lambda counts: np.mean([each(counts) for each in statistics], axis=0)
