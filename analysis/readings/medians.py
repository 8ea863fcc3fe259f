"""Rows of Tables 3 and 4 as numbers that can be compared: of each replication, and of the paper.

A row of a structure is, at each alpha, the median of an indicator over the seven allocations.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.paper import ALLOCATIONS, ALPHAS, CLUSTERS, published

Floats = NDArray[np.float64]

INDICATORS: Final = ("z1", "z2", "z3_first")
"""Indicators of a row; z4 of structures is 2 or 3 nearly everywhere."""

TABLES: Final = {"one": 3, "two": 4}
"""Production clusters -> the paper's table by allocation and structure."""

STRUCTURES: Final = {
    clusters: tuple(label for label, number in CLUSTERS.items() if number == clusters)
    for clusters in TABLES
}
"""Production clusters -> labels of the structures."""

MIN_SHARE = 0.005
"""Smallest share of a stage that the paper does not round to 0 %; nor is 1 less it 100 %."""


def of_structures(rows: pl.DataFrame, clusters: str) -> tuple[list[int], Floats]:
    """Return the medians of every structure in every complete replication.

    Parameters
    ----------
    rows : polars.DataFrame
        As in `analysis.readings.reading.Reading`.
    clusters : str
        ``one`` or ``two`` production clusters.

    Returns
    -------
    replications : list of int
        Those with a solution of every allocation, structure and alpha, ascending.
    medians : ndarray, shape (R, structures, 3, 4)
        The axes are replication, `STRUCTURES`, `INDICATORS`, `ALPHAS`.
    """
    labels = STRUCTURES[clusters]
    n_rows = len(labels) * len(ALLOCATIONS) * len(ALPHAS)
    return _medians(rows.filter(pl.col("clusters") == clusters), "structure", labels, n_rows)


def of_allocation(rows: pl.DataFrame, allocation: str, clusters: str) -> tuple[list[int], Floats]:
    """Return the medians of an allocation over the structures, shape (R, 1, 3, 4)."""
    chosen = (pl.col("clusters") == clusters) & (pl.col("allocation") == allocation)
    n_rows = len(STRUCTURES[clusters]) * len(ALPHAS)
    return _medians(rows.filter(chosen), "allocation", (allocation,), n_rows)


def _medians(
    rows: pl.DataFrame, by: str, labels: tuple[str, ...], n_rows: int
) -> tuple[list[int], Floats]:
    """Return the medians of groups in every replication that has all its `n_rows` rows."""
    complete = rows.group_by("replication").len().filter(pl.col("len") == n_rows)
    replications = sorted(complete.get_column("replication"))
    cells = (
        rows.filter(pl.col("replication").is_in(replications))
        .group_by("replication", by, "alpha")
        .agg(pl.col(INDICATORS).median())
        .with_columns(pl.col(by).cast(pl.Enum(labels)))
        .sort("replication", by, "alpha")
    )
    shape = (len(replications), len(labels), len(ALPHAS), len(INDICATORS))
    values: Floats = cells.select(INDICATORS).to_numpy().reshape(shape)
    return replications, values.swapaxes(2, 3)


def of_paper(clusters: str, labels: tuple[str, ...]) -> Floats:
    """Return the paper's medians of some rows, shape (rows, 3, 4); nan where it lacks a cell."""
    cells = {tuple(row[:3]): row[3] for row in published(TABLES[clusters]).iter_rows()}
    return np.array(
        [
            [[cells[label, alpha, name] for alpha in ALPHAS] for name in INDICATORS]
            for label in labels
        ],
        dtype=np.float64,
    )


def features(medians: Floats) -> Floats:
    """Return log z1, log z2 and the logit of the first stage's share, shape as `medians`.

    Their errors are about as large for small values as for large ones.
    """
    share = medians[..., 2, :].clip(MIN_SHARE, 1 - MIN_SHARE)
    return np.stack(
        [np.log(medians[..., 0, :]), np.log(medians[..., 1, :]), np.log(share / (1 - share))],
        axis=-2,
    )
