"""Which rows of a results table belong to the paper's study, and what is said of the others."""

from dataclasses import dataclass

import polars as pl

from analysis.paper import ALLOCATIONS, ALPHAS, CLUSTERS

IN_SCOPE = (
    (pl.col("scale") == 1)
    & pl.col("allocation").is_in(ALLOCATIONS)
    & pl.col("structure").is_in(list(CLUSTERS))
)


def study(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows of the paper's networks and say how many production clusters each has.

    Every alpha and every replication is kept: the medians are over all replications, and an
    alpha that the paper did not study is shown without a number of the paper.

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
    return rows.filter(IN_SCOPE).with_columns(
        clusters=pl.col("structure").replace_strict(CLUSTERS, return_dtype=pl.String)
    )


@dataclass(frozen=True)
class Coverage:
    """What a results table holds of the paper's study, and what it holds besides.

    Attributes
    ----------
    rows : int
        Rows in the table.
    instances : int
        How many of the paper's 700 instances (allocation, structure, alpha) have a row, in any
        replication.
    replications : int
        Number of different replications among the rows of the study.
    statuses : dict of str to int
        Rows of the study by status, the most frequent first.
    other_alphas : tuple of float
        Values of alpha among the rows of the study that the paper does not have, ascending.
    left_out : dict of str to int
        Why rows belong to no table of the paper -> how many; a row has one reason.
    """

    rows: int
    instances: int
    replications: int
    statuses: dict[str, int]
    other_alphas: tuple[float, ...]
    left_out: dict[str, int]


def coverage(rows: pl.DataFrame) -> Coverage:
    """Count what a results table holds of the paper's study.

    Parameters
    ----------
    rows : polars.DataFrame
        Rows of a results table; read are the coordinate and ``status``.

    Returns
    -------
    Coverage
        The counts.
    """
    inside = rows.filter(IN_SCOPE)
    in_paper = pl.col("alpha").is_in(ALPHAS)
    statuses = inside.group_by("status").len("n").sort(["n", "status"], descending=[True, False])
    others = inside.filter(~in_paper).get_column("alpha").unique().sort()
    return Coverage(
        rows=rows.height,
        instances=inside.filter(in_paper).select("allocation", "structure", "alpha").n_unique(),
        replications=inside.get_column("replication").n_unique(),
        statuses=dict(statuses.iter_rows()),
        other_alphas=tuple(others),
        left_out=_left_out(rows),
    )


def _left_out(rows: pl.DataFrame) -> dict[str, int]:
    """Count the rows outside the study by the first reason that holds."""
    label = pl.col("scale").cast(pl.String)
    reason = (
        pl.when(pl.col("scale") != 1)
        .then(pl.format("scale {}", label))
        .when(~pl.col("allocation").is_in(ALLOCATIONS))
        .then(pl.format("allocation {}", "allocation"))
        .when(~pl.col("structure").is_in(list(CLUSTERS)))
        .then(pl.format("structure {}", "structure"))
    )
    counts = rows.select(reason=reason).drop_nulls().group_by("reason").len("n").sort("reason")
    return dict(counts.iter_rows())
