"""Quantiles of the indicators by group, as values and relative to one alpha.

A row that is not proven optimal has indicators that a longer solve might change. So every value
comes with its least and its greatest possible value, and so does every quantile.
"""

from collections.abc import Sequence
from typing import TypeVar

import polars as pl

INDICATORS = ("z1", "z2", "z3_first", "z3_second", "z4")
"""Indicators of the paper, section 4.1; z3 is two columns, its first and its second stage."""

REFERENCE_ALPHA = 20.0
"""The buy-to-fly ratio that the paper sets to 100 percent (Figure 6, Table 6)."""

NETWORK = ("allocation", "structure", "replication", "scale")
"""The columns that identify a network: the coordinate without alpha."""

FrameT = TypeVar("FrameT", pl.DataFrame, pl.LazyFrame)


def unpivot_indicators(rows: pl.DataFrame) -> pl.DataFrame:
    """Turn the indicator columns of a results table into rows (wide to long format).

    Parameters
    ----------
    rows : polars.DataFrame
        Columns: the coordinate, ``status``, ``bound`` and the five indicators; others are kept.

    Returns
    -------
    polars.DataFrame
        A row for every instance and indicator: the columns of `indicator_values`.
    """
    kept = [name for name in rows.columns if name not in (*INDICATORS, "status", "bound")]
    return pl.concat(indicator_values(rows, indicator, kept) for indicator in INDICATORS)


def indicator_values(rows: FrameT, indicator: str, kept: Sequence[str]) -> FrameT:
    """Select the values of one indicator, each with the interval in which it is proven to lie.

    The interval is where the value would lie if the instance were solved to optimality. It is the
    value itself in a row with the status optimal (within the gap of the run). In a row without a
    proof, z1 is at least the proven bound and at most the cost of the solution, if there is one;
    z2 to z4 may have any value, since another solution may be the optimal one. A row that is
    proven infeasible has no value; one without a solution is taken to have one that is not known.

    Parameters
    ----------
    rows : polars.DataFrame or polars.LazyFrame
        Rows of a results table, with ``status``, ``bound`` and the indicator.
    indicator : str
        One of `INDICATORS`.
    kept : sequence of str
        Further columns to keep.

    Returns
    -------
    polars.DataFrame or polars.LazyFrame
        The kept columns, ``indicator``, ``certified`` (true if the status is optimal), ``value``
        (of the row's solution; null without one), ``least`` and ``greatest`` (null if there is no
        value to be found; infinite if nothing is proven).
    """
    certified = pl.col("status") == "optimal"
    value = pl.col(indicator).cast(pl.Float64).fill_nan(None)
    # No indicator is negative, and a share is at most 1.
    least = pl.col("bound").fill_null(0.0).clip(0.0) if indicator == "z1" else pl.lit(0.0)
    greatest = pl.lit(1.0 if indicator.startswith("z3") else float("inf"))
    if indicator == "z1":
        greatest = value.fill_null(greatest)
    has_value = pl.col("status") != "infeasible"
    return rows.select(
        *kept,
        indicator=pl.lit(indicator, dtype=pl.Enum(INDICATORS)),
        certified=certified,
        value=value,
        least=pl.when(certified).then(value).when(has_value).then(least),
        greatest=pl.when(certified).then(value).when(has_value).then(greatest),
    )


def relative(
    values: FrameT, reference_alpha: float = REFERENCE_ALPHA, among: FrameT | None = None
) -> FrameT:
    """Express every value in percent of the same network's value at the reference alpha.

    The paper's Table 6 is not a ratio of medians but a median of ratios, each ratio of one
    network. So the values are divided before any median is taken.

    Parameters
    ----------
    values : polars.DataFrame or polars.LazyFrame
        As `unpivot_indicators` or `indicator_values` return them, with the columns `NETWORK` and
        ``alpha``.
    reference_alpha : float
        The alpha that counts as 100 percent.
    among : polars.DataFrame or polars.LazyFrame, optional
        Where to look for the values at the reference alpha; in `values` if left out.

    Returns
    -------
    polars.DataFrame or polars.LazyFrame
        The same rows and columns. ``value`` is in percent; null if the row or its reference has
        no solution, or if the reference is 0. ``certified`` is true if both are certified.
        ``least`` and ``greatest`` are the ends of the quotient of the two intervals, and 100 at
        the reference alpha; null if there is no row at the reference alpha, or if its value is 0.
    """
    key = [*NETWORK, "indicator"]
    reference = (values if among is None else among).filter(pl.col("alpha") == reference_alpha)
    names = ("value", "least", "greatest", "certified")
    joined = values.join(
        reference.select(*key, *(pl.col(name).alias(f"reference_{name}") for name in names)),
        on=key,
        how="left",
    )
    # Divide first, then multiply: a value divided by itself gives exactly 100.
    percent = 100 * (pl.col("value") / pl.col("reference_value"))
    is_reference = pl.col("alpha") == reference_alpha
    at_least = 100 * (pl.col("least") / pl.col("reference_greatest"))
    at_most = 100 * (pl.col("greatest") / pl.col("reference_least"))
    has_quotient = pl.col("least").is_not_null() & (pl.col("reference_greatest") > 0)
    return joined.with_columns(
        value=pl.when(pl.col("reference_value") != 0).then(percent),
        certified=pl.col("certified") & pl.col("reference_certified").fill_null(False),
        least=pl.when(has_quotient).then(pl.when(is_reference).then(100.0).otherwise(at_least)),
        greatest=pl.when(has_quotient).then(
            pl.when(is_reference)
            .then(100.0)
            .when(pl.col("reference_least") > 0)
            .then(at_most)
            .otherwise(float("inf"))
        ),
    ).drop(f"reference_{name}" for name in names)


def quantile_name(probability: float) -> str:
    """Return the name of the column of a quantile: ``q0.5`` is the median."""
    return f"q{probability:g}"


def summarise(
    values: FrameT, by: Sequence[str], quantiles: Sequence[float] = (0.1, 0.5, 0.9)
) -> FrameT:
    """Compute quantiles of every group, each with its least and its greatest possible value.

    The p-quantile of n sorted values is at position p (n - 1) from 0, interpolated linearly, as in
    `numpy.quantile`. If no value decreases, no sorted value decreases, and so no quantile
    decreases. So a quantile is least if every value is at the lower end of its interval, and
    greatest if every value is at the upper end; both are attained. The intervals of different rows
    of a group must be independent of each other, as those of `indicator_values` are, and as those
    of `relative` are if a group has one alpha only.

    Parameters
    ----------
    values : polars.DataFrame or polars.LazyFrame
        As `unpivot_indicators`, `indicator_values` or `relative` return them.
    by : sequence of str
        Columns whose combinations of values are the groups; none for one group of all rows.
    quantiles : sequence of float
        Probabilities, from 0 to 1.

    Returns
    -------
    polars.DataFrame or polars.LazyFrame
        A row for every group that occurs, in no order: the columns `by`; ``rows`` (number of rows
        with a value), ``not_certified`` (how many of these are not proven optimal), ``no_value``
        (number of rows without a value); and for each quantile three columns, such as ``q0.5`` (of
        the rows with a value; null if there are none), ``q0.5_least`` and ``q0.5_greatest`` (of
        all rows that have or may have one).
    """
    statistics = [*_counts(), *_quantiles(quantiles)]
    return values.group_by(by).agg(statistics) if by else values.select(statistics)


def _counts() -> list[pl.Expr]:
    """Count rows with a value, those of them that are not certified, and rows without a value."""
    has_value = pl.col("value").is_not_null()
    counts = {
        "rows": has_value,
        "not_certified": has_value & ~pl.col("certified"),
        "no_value": ~has_value,
    }
    return [condition.sum().cast(pl.Int64).alias(name) for name, condition in counts.items()]


def _quantiles(probabilities: Sequence[float]) -> list[pl.Expr]:
    """Compute each quantile of the values and of both ends of their intervals."""
    return [
        pl.col(column)
        .quantile(probability, interpolation="linear")
        .alias(f"{quantile_name(probability)}{suffix}")
        for probability in probabilities
        for column, suffix in (("value", ""), ("least", "_least"), ("greatest", "_greatest"))
    ]
