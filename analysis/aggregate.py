"""Medians and quantiles of the indicators per group, as values and relative to one alpha."""

import polars as pl

INDICATORS = ("z1", "z2", "z3_first", "z3_second", "z4")
"""Indicators of the paper, section 4.1; z3 by its two sides."""

REFERENCE_ALPHA = 20.0
"""The buy-to-fly ratio that the paper sets to 100 percent (Figure 6, Table 6)."""

NETWORK = ("allocation", "structure", "replication", "scale")
"""The columns that name a network: a coordinate less alpha."""


def tidy(rows: pl.DataFrame) -> pl.DataFrame:
    """Lay the indicators of a results table one below the other.

    Parameters
    ----------
    rows : polars.DataFrame
        Coordinate, ``status`` and the five indicators; further columns are kept.

    Returns
    -------
    polars.DataFrame
        A row for every instance and indicator: the coordinate, ``certified`` (true if the status
        is optimal), ``indicator`` and ``value``, null where there is no solution.
    """
    index = [name for name in rows.columns if name not in INDICATORS]
    return (
        rows.with_columns(pl.col(INDICATORS).cast(pl.Float64))
        .unpivot(on=INDICATORS, index=index, variable_name="indicator", value_name="value")
        .with_columns(certified=pl.col("status") == "optimal", value=pl.col("value").fill_nan(None))
        .drop("status")
    )


def relative(values: pl.DataFrame, reference_alpha: float = REFERENCE_ALPHA) -> pl.DataFrame:
    """Express every value in percent of the same network's value at the reference alpha.

    The paper's Table 6 is not the ratio of its medians but a median of ratios, each of one
    network, so the division comes before any median.

    Parameters
    ----------
    values : polars.DataFrame
        As `tidy` gives it.
    reference_alpha : float
        The alpha that counts as 100 percent.

    Returns
    -------
    polars.DataFrame
        The same rows and columns. ``value`` is in percent; null where the row or its reference
        has no solution, or the reference is 0. ``certified`` now speaks of both rows.
    """
    key = [*NETWORK, "indicator"]
    reference = values.filter(pl.col("alpha") == reference_alpha).select(
        *key, reference="value", reference_certified="certified"
    )
    # value / reference first: a value over itself is then 100 to the last digit.
    percent = 100 * (pl.col("value") / pl.col("reference"))
    return (
        values.join(reference, on=key, how="left")
        .with_columns(
            value=pl.when(pl.col("reference") != 0).then(percent),
            certified=pl.col("certified") & pl.col("reference_certified").fill_null(False),
        )
        .drop("reference", "reference_certified")
    )


def summarise(values: pl.DataFrame, by: str) -> pl.DataFrame:
    """Take the median and the 10 and 90 % quantiles of every group, alpha and indicator.

    Quantiles are interpolated linearly between the two neighbouring values.

    Parameters
    ----------
    values : polars.DataFrame
        As `tidy` or `relative` give it.
    by : str
        Column whose values are the groups.

    Returns
    -------
    polars.DataFrame
        Sorted by ``group``, ``alpha`` and ``indicator``, with ``median``, ``q10``, ``q90`` (in
        the unit of the values; null if no row has one), ``rows`` (how many values are behind
        them), ``not_certified`` (how many of these are not proven optimal) and ``no_value`` (how
        many further rows of the group have no value and so are not behind them).
    """
    value, known = pl.col("value"), pl.col("value").is_not_null()
    counts = {
        "rows": known,
        "not_certified": known & ~pl.col("certified"),
        "no_value": ~known,
    }
    return (
        values.group_by(pl.col(by).alias("group"), "alpha", "indicator")
        .agg(
            median=value.median(),
            q10=value.quantile(0.1, interpolation="linear"),
            q90=value.quantile(0.9, interpolation="linear"),
            **{name: condition.sum().cast(pl.Int64) for name, condition in counts.items()},
        )
        .sort("group", "alpha", "indicator")
    )
