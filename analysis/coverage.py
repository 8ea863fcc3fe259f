"""Which rows of a results table belong to the paper's study, and how many do not."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analysis.aggregate import FrameT
from analysis.natural_order import natural_order
from analysis.paper import ALLOCATIONS, ALPHAS, CLUSTERS
from pipeline.results.schema import COORDINATE

IN_STUDY = (
    (pl.col("scale") == 1)
    & pl.col("allocation").is_in(ALLOCATIONS)
    & pl.col("structure").is_in(list(CLUSTERS))
)
"""True for the rows of the paper's networks, whatever their alpha and replication."""


def select_study_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Select the rows of the paper's networks and add their number of production clusters.

    Every alpha and every replication is kept: the medians are over all replications, and an
    alpha that the paper does not have is shown without a number of the paper.

    Parameters
    ----------
    rows : polars.DataFrame
        Rows of a results table (columns of `pipeline.results.schema`).

    Returns
    -------
    polars.DataFrame
        The rows with scale 1, an allocation A1..A7 and a structure C1..C25, and one more column,
        ``clusters`` ("one" or "two").
    """
    return with_clusters(rows.filter(IN_STUDY))


def with_clusters(rows: FrameT) -> FrameT:
    """Add the column ``clusters``: number of production clusters, "one" or "two"."""
    clusters = pl.col("structure").replace_strict(CLUSTERS, default=None, return_dtype=pl.String)
    return rows.with_columns(clusters=clusters)


MAX_VALUES_LISTED = 8
"""Axes with more values are described by their ends."""


@dataclass(frozen=True)
class Coverage:
    """How many instances of the paper's study a results table holds, and what else it holds.

    Attributes
    ----------
    rows : int
        Number of rows in the table.
    instances : int
        How many of the paper's 700 instances (allocation, structure, alpha) have a row in at
        least one replication.
    replications : int
        Number of distinct replications among the rows of the study.
    statuses : dict of str to int
        Number of rows of the study by status, the most frequent first.
    other_alphas : tuple of float
        Values of alpha among the rows of the study that the paper does not have, ascending.
    left_out : dict of str to int
        Reason why rows belong to no table of the paper -> number of rows. A row is counted
        under one reason only.
    """

    rows: int
    instances: int
    replications: int
    statuses: dict[str, int]
    other_alphas: tuple[float, ...]
    left_out: dict[str, int]


def count_coverage(rows: pl.DataFrame) -> Coverage:
    """Count the instances and rows of the paper's study in a results table.

    Parameters
    ----------
    rows : polars.DataFrame
        Rows of a results table; only the coordinate and ``status`` are read.

    Returns
    -------
    Coverage
        The counts.
    """
    in_study = rows.filter(IN_STUDY)
    in_paper = pl.col("alpha").is_in(ALPHAS)
    statuses = in_study.group_by("status").len("n").sort(["n", "status"], descending=[True, False])
    others = in_study.filter(~in_paper).get_column("alpha").unique().sort()
    return Coverage(
        rows=rows.height,
        instances=in_study.filter(in_paper).select("allocation", "structure", "alpha").n_unique(),
        replications=in_study.get_column("replication").n_unique(),
        statuses=dict(statuses.iter_rows()),
        other_alphas=tuple(others),
        left_out=_count_left_out(rows),
    )


def describe_rows(rows: pl.LazyFrame) -> str:
    """Say in one line which coordinates some rows of a results table have.

    Parameters
    ----------
    rows : polars.LazyFrame
        Rows of a results table; only the coordinate is read.

    Returns
    -------
    str
        Such as ``24 rows: allocation A1, A2; structure C1 to C25 (25 values); replication 0; scale
        2; alpha 2, 5``.
    """
    found = rows.select(pl.len().alias("rows"), pl.col(COORDINATE).unique().implode())
    values = found.collect(engine="in-memory").row(0, named=True)
    n_rows = values.pop("rows")
    if not n_rows:
        return "no rows"
    axes = "; ".join(f"{name} {list_values(axis)}" for name, axis in values.items())
    return f"{n_rows:,} row{'' if n_rows == 1 else 's'}: {axes}"


def list_values(values: Sequence[str] | Sequence[float]) -> str:
    """List the values of an axis, or the ends of a long one and how many there are."""
    ordered = natural_order(pl.DataFrame({"axis": list(values)}), "axis").get_column("axis")
    texts = [f"{value:g}" if isinstance(value, float) else str(value) for value in ordered]
    if len(texts) <= MAX_VALUES_LISTED:
        return ", ".join(texts)
    return f"{texts[0]} to {texts[-1]} ({len(texts):,} values)"


def _count_left_out(rows: pl.DataFrame) -> dict[str, int]:
    """Count the rows outside the study by the first reason that applies."""
    reason = (
        pl.when(pl.col("scale") != 1)
        .then(pl.format("scale {}", pl.col("scale").cast(pl.String)))
        .when(~pl.col("allocation").is_in(ALLOCATIONS))
        .then(pl.format("allocation {}", "allocation"))
        .when(~pl.col("structure").is_in(list(CLUSTERS)))
        .then(pl.format("structure {}", "structure"))
    )
    counts = rows.select(reason=reason).drop_nulls().group_by("reason").len("n").sort("reason")
    return dict(counts.iter_rows())
