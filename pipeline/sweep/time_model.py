"""Learns from the rows of a run how long its solves take; it affects chunks, but never a row.

The logarithm of a solve's time is the prediction of `pipeline.sweep.predicted_time`, plus effects
of the allocation, the structure, alpha and the scale, plus a normal error: few solves take most of
the time, so a mean of the times themselves would need far more rows. The effects are a ridge
regression: with few rows they stay near 0, which is the rough prediction at this machine's speed.
The slowest solves are slower than a normal error says. So the more rows there are, the more the
prediction is scaled to what they took in all.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from pipeline.config.sections import Config
from pipeline.config.structures import structures
from pipeline.sweep.grid import Sweep
from pipeline.sweep.predicted_time import predicted_s

_PENALTY = 5.0
"""Of the squares of the effects: as if five rows had shown an effect of 0."""

_USUAL_VARIANCE = 0.8
"""Of the logarithm of the times of the paper's instances, within an allocation. Counts like
`_PENALTY` rows."""

_SHORTEST_S = 1e-4
"""Shorter solves count as this long: what they take is the clock's resolution."""

_ROWS_OF_TOTAL = 100.0
"""With so many rows, the scaling to what they took in all has half its weight; of 100, 500 and
2,000, the best for 100 and for 1,000 rows."""

_AXES = ("allocation", "scale", "structure", "alpha")


class TimeModel:
    """Predicted times of the instances of a sweep.

    Parameters
    ----------
    config : Config
        Allocations, solver and its time limit.
    rows : LazyFrame, optional
        Columns `pipeline.results.schema.RESULTS`, of the same solver. Without any, the prediction
        is that of `pipeline.sweep.predicted_time`.

    Attributes
    ----------
    n_rows : int
        Number of rows that the model has learnt from: those with a solver's time.
    """

    def __init__(self, config: Config, rows: pl.LazyFrame | None = None) -> None:
        self._config = config
        self._allocations = sorted(config.network.allocations)
        self._structures = sorted(structures())
        self.n_rows = 0
        if rows is None:
            return
        known = pl.col("allocation").is_in(self._allocations)
        log_s = pl.col("solve_s").clip(lower_bound=_SHORTEST_S).log()
        cells = (
            rows.filter(pl.col("solve_s").is_not_null() & known)
            .group_by(_AXES)
            .agg(
                n=pl.len(),
                mean=log_s.mean(),
                squares=log_s.var(ddof=0) * pl.len(),
                total_s=pl.col("solve_s").sum(),
            )
            .sort(_AXES)
            .collect(engine="streaming")
        )
        self.n_rows = int(cells["n"].sum())
        if self.n_rows:
            self._fit(cells)

    def seconds(self, sweep: Sweep) -> NDArray[np.float64]:
        """Predict the seconds of each solve; at most the time limit.

        Parameters
        ----------
        sweep : Sweep
            Its replications have the same prediction.

        Returns
        -------
        ndarray, shape (groups, structures, alphas)
        """
        limit_s = self._config.solver.time_limit_s
        shape = (len(sweep.groups), len(sweep.structures), len(sweep.alphas))
        log_s = np.empty(shape)
        log_s[:] = self._log_rough_s(sweep.groups)[:, None, None]
        if not self.n_rows:
            return np.minimum(np.exp(log_s), limit_s)
        # The effects add up, so each axis is computed once, not each instance.
        _, allocations, structures_, (alpha, scale) = np.split(
            self._effects, np.cumsum([1, len(self._allocations), len(self._structures)])
        )
        log_s += self._effects[0]
        log_s += np.array(
            [
                allocations[self._allocations.index(name)] + scale * np.log(multiplier)
                for name, multiplier in sweep.groups
            ]
        )[:, None, None]
        log_s += structures_[[self._structures.index(s) for s in sweep.structures]][:, None]
        log_s += alpha * np.log(sweep.alphas)
        return np.minimum(self._scale * _mean_up_to(limit_s, log_s, self._variance), limit_s)

    def _fit(self, cells: pl.DataFrame) -> None:
        """Fit effects, variance of the error and scale to counts, means, squares and totals."""
        features, n = self._features(cells), cells["n"].to_numpy().astype(float)
        log_rough_s = self._log_rough_s(cells.select("allocation", "scale").rows())
        excess = cells["mean"].to_numpy() - log_rough_s
        penalties = np.full(features.shape[1], _PENALTY)
        penalties[0] = 1e-9  # the speed of the machine is free
        information = features.T @ (n[:, None] * features)
        inverse = np.linalg.inv(information + np.diag(penalties))
        self._effects = inverse @ (features.T @ (n * excess))
        errors = n @ (excess - features @ self._effects) ** 2 + cells["squares"].to_numpy().sum()
        freedom = self.n_rows - np.trace(inverse @ information)
        self._variance = float(
            (errors + _PENALTY * _USUAL_VARIANCE) / (max(0.0, freedom) + _PENALTY)
        )
        log_s = log_rough_s + features @ self._effects + self._variance / 2
        ratio = max(float(cells["total_s"].sum()), _SHORTEST_S) / float(n @ np.exp(log_s))
        self._scale = float(ratio ** (self.n_rows / (self.n_rows + _ROWS_OF_TOTAL)))

    def _features(self, cells: pl.DataFrame) -> NDArray[np.float64]:
        """Return the intercept, a column per allocation and structure, log alpha, log scale."""
        columns = [np.ones(cells.height)]
        for axis, labels in (("allocation", self._allocations), ("structure", self._structures)):
            values = cells[axis].to_numpy()
            columns += [(values == label).astype(float) for label in labels]
        columns += [np.log(cells[axis].to_numpy().astype(float)) for axis in ("alpha", "scale")]
        return np.column_stack(columns)

    def _log_rough_s(self, groups: Iterable[tuple[str, int]]) -> NDArray[np.float64]:
        counts, method = self._config.network.allocations, self._config.solver.method
        return np.log([predicted_s(counts[name], scale, method) for name, scale in groups])


def _mean_up_to(
    limit: float, log_mean: NDArray[np.float64], variance: float
) -> NDArray[np.float64]:
    """Return the means of min(X, limit), where log X is normal."""
    sd = np.sqrt(variance)
    distance = (np.log(limit) - log_mean) / sd
    # The logarithm of the mean is bounded where the limit, which has no weight then, is far below.
    mean = np.exp(np.minimum(log_mean + variance / 2, 700.0))
    capped: NDArray[np.float64] = mean * ndtr(distance - sd) + limit * ndtr(-distance)
    return np.minimum(capped, limit)
