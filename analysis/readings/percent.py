"""Table 6 at each reading: medians of values in percent of the same network's at alpha = 20."""

from __future__ import annotations

import polars as pl

from analysis.aggregate import NETWORK, REFERENCE_ALPHA
from analysis.paper import ALLOCATIONS, ALPHAS, published
from analysis.readings.medians import STRUCTURES

INDICATORS = ("z1", "z2", "z3_second", "z4")
"""Indicators of Table 6."""


def single_draws(rows: pl.DataFrame) -> pl.DataFrame:
    """Compute Table 6 from each complete replication alone, as the paper does.

    Parameters
    ----------
    rows : polars.DataFrame
        As in `analysis.readings.reading.Reading`.

    Returns
    -------
    polars.DataFrame
        Columns ``group`` ("one" or "two"), ``alpha``, ``indicator``, ``replication`` and
        ``percent``, sorted; a replication is in a group if it has all rows of it.
    """
    is_reference = pl.col("alpha") == REFERENCE_ALPHA
    percents = [
        pl.col(name) / pl.col(name).filter(is_reference).first().over(NETWORK) * 100
        for name in INDICATORS
    ]
    n_rows = pl.col("clusters").replace_strict(
        {
            clusters: len(labels) * len(ALLOCATIONS) * len(ALPHAS)
            for clusters, labels in STRUCTURES.items()
        }
    )
    return (
        rows.filter(pl.len().over("clusters", "replication") == n_rows)
        .with_columns(percents)
        .filter(~is_reference)
        .group_by("clusters", "alpha", "replication")
        .agg(pl.col(name).filter(pl.col(name).is_finite()).median() for name in INDICATORS)
        .unpivot(
            on=INDICATORS,
            index=["clusters", "alpha", "replication"],
            variable_name="indicator",
            value_name="percent",
        )
        .rename({"clusters": "group"})
        .select("group", "alpha", "indicator", "replication", "percent")
        .sort("group", "indicator", "alpha", "replication")
    )


def beside_paper(singles: pl.DataFrame) -> pl.DataFrame:
    """Join the range of single draws with the paper's cells.

    Returns
    -------
    polars.DataFrame
        ``group``, ``indicator``, ``alpha``, ``paper``, ``least``, ``median``, ``greatest`` and
        ``replications``, sorted.
    """
    percent = pl.col("percent")
    return (
        singles.group_by("group", "indicator", "alpha")
        .agg(
            least=percent.min(),
            median=percent.median(),
            greatest=percent.max(),
            replications=percent.len().cast(pl.Int64),
        )
        .join(published(6), on=["group", "indicator", "alpha"], how="left")
        .select(
            *("group", "indicator", "alpha", "paper", "least", "median", "greatest"),
            "replications",
        )
        .sort("group", "indicator", "alpha")
    )
