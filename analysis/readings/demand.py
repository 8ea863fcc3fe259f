"""The total demand that the paper's rows of an allocation imply.

All networks of an allocation share one vector of demands, and total cost follows total demand. Over
the replications of a reading, log demand is regressed on the mean log z1 of the allocation's cells;
the paper's cells then give its demand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.readings import medians
from analysis.readings.medians import INDICATORS, TABLES, Floats

MIN_REPLICATIONS = 10
"""Below, a regression says too little."""


@dataclass(frozen=True)
class ImpliedDemand:
    """Total demand of an allocation in the paper, by a reading.

    Attributes
    ----------
    allocation : str
        Label.
    replications : int
        Complete replications of the allocation.
    demand : float
        t.
    error_percent : float
        Standard error of one prediction, in percent.
    drawn : float
        Mean total demand of the replications, t.
    percentile : float
        Share of the replications with a lower total demand than the paper's, in percent.
    """

    allocation: str
    replications: int
    demand: float
    error_percent: float
    drawn: float
    percentile: float


def imply(rows: pl.DataFrame, allocation: str) -> ImpliedDemand | None:
    """Estimate the paper's total demand of an allocation; None with too few replications.

    Parameters
    ----------
    rows : polars.DataFrame
        As in `analysis.readings.reading.Reading`.
    allocation : str
        Label.
    """
    both = [medians.of_allocation(rows, allocation, clusters) for clusters in TABLES]
    common = sorted(set(both[0][0]) & set(both[1][0]))
    if len(common) < MIN_REPLICATIONS:
        return None
    z1 = INDICATORS.index("z1")
    draws = np.concatenate(
        [cells[np.isin(numbers, common), 0, z1] for numbers, cells in both], axis=1
    )
    paper = np.concatenate(
        [medians.of_paper(clusters, (allocation,))[0, z1] for clusters in TABLES]
    )
    printed = np.isfinite(paper)
    demand = _total_demand(rows, allocation, common)
    log_demand, error = predict(
        np.log(draws[:, printed]).mean(axis=1), np.log(demand), float(np.log(paper[printed]).mean())
    )
    return ImpliedDemand(
        allocation=allocation,
        replications=len(common),
        demand=float(np.exp(log_demand)),
        error_percent=100 * error,
        drawn=float(demand.mean()),
        percentile=100 * float((demand < np.exp(log_demand)).mean()),
    )


def predict(x: Floats, y: Floats, at: float) -> tuple[float, float]:
    """Fit a line by least squares; return its value at a point and the error of one prediction."""
    n, deviations = len(x), x - x.mean()
    square = float(deviations @ deviations)
    slope = float(deviations @ (y - y.mean())) / square
    residuals = y - y.mean() - slope * deviations
    variance = float(residuals @ residuals) / (n - 2)
    distance = at - float(x.mean())
    error = np.sqrt(variance * (1 + 1 / n + distance**2 / square))
    return float(y.mean()) + slope * distance, float(error)


def _total_demand(rows: pl.DataFrame, allocation: str, replications: list[int]) -> Floats:
    """Return the total demand of an allocation in each replication, t."""
    demand = (
        rows.filter(
            (pl.col("allocation") == allocation) & pl.col("replication").is_in(replications)
        )
        .group_by("replication")
        .agg(pl.col("total_demand").first())
        .sort("replication")
    )
    return demand.get_column("total_demand").cast(pl.Float64).to_numpy()
