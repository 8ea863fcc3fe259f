"""Medians and quantiles of the indicators by group, as values and relative to one alpha."""

import polars as pl

INDICATORS = ("z1", "z2", "z3_first", "z3_second", "z4")
"""Indicators of the paper, section 4.1; z3 is two columns, its first and its second stage."""

REFERENCE_ALPHA = 20.0
"""The buy-to-fly ratio that the paper sets to 100 percent (Figure 6, Table 6)."""

NETWORK = ("allocation", "structure", "replication", "scale")
"""The columns that identify a network: the coordinate without alpha."""


def unpivot_indicators(rows: pl.DataFrame) -> pl.DataFrame:
    """Turn the indicator columns of a results table into rows (wide to long format).

    Parameters
    ----------
    rows : polars.DataFrame
        Columns: the coordinate, ``status`` and the five indicators; other columns are kept.

    Returns
    -------
    polars.DataFrame
        A row for every instance and indicator: the coordinate, ``certified`` (true if the status
        is optimal), ``indicator`` and ``value`` (null if there is no solution).
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

    The paper's Table 6 is not a ratio of medians but a median of ratios, each ratio of one
    network. So the values are divided before any median is taken.

    Parameters
    ----------
    values : polars.DataFrame
        As `unpivot_indicators` returns them.
    reference_alpha : float
        The alpha that counts as 100 percent.

    Returns
    -------
    polars.DataFrame
        The same rows and columns. ``value`` is in percent; null if the row or its reference has
        no solution, or if the reference is 0. ``certified`` is true if both are certified.
    """
    key = [*NETWORK, "indicator"]
    reference = values.filter(pl.col("alpha") == reference_alpha).select(
        *key, reference="value", reference_certified="certified"
    )
    # Divide first, then multiply: a value divided by itself gives exactly 100.
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
    """Compute the median and the 10 % and 90 % quantiles of every group, alpha and indicator.

    Quantiles are interpolated linearly between the two neighbouring values.

    Parameters
    ----------
    values : polars.DataFrame
        As `unpivot_indicators` or `relative` returns them.
    by : str
        Column whose values are the groups.

    Returns
    -------
    polars.DataFrame
        Sorted by ``group``, ``alpha`` and ``indicator``, with ``median``, ``q10``, ``q90`` (in
        the unit of the values; null if no row has a value), ``rows`` (number of rows with a
        value, from which the quantiles are computed), ``not_certified`` (how many of these are
        not proven optimal), ``no_value`` (number of rows of the group without a value) and
        ``kinds`` (number of pairs of allocation and structure among all these rows).
    """
    value, has_value = pl.col("value"), pl.col("value").is_not_null()
    counts = {
        "rows": has_value,
        "not_certified": has_value & ~pl.col("certified"),
        "no_value": ~has_value,
    }
    return (
        values.group_by(pl.col(by).alias("group"), "alpha", "indicator")
        .agg(
            median=value.median(),
            q10=value.quantile(0.1, interpolation="linear"),
            q90=value.quantile(0.9, interpolation="linear"),
            **{name: condition.sum().cast(pl.Int64) for name, condition in counts.items()},
            kinds=pl.struct("allocation", "structure").n_unique().cast(pl.Int64),
        )
        .sort("group", "alpha", "indicator")
    )
