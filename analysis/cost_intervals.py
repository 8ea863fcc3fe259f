"""Intervals of the medians of total cost by allocation and by structure, from replications."""

from __future__ import annotations

import math

import polars as pl

from analysis.bootstrap import estimate, pooled_median
from analysis.paper import ALLOCATIONS, ALPHAS
from analysis.replicated import STRUCTURES, Group, Study
from pipeline.results.schema import COORDINATE

GROUPS = {
    "allocation": {label: Group((label,), STRUCTURES) for label in ALLOCATIONS},
    "structure": {label: Group(ALLOCATIONS, (label,)) for label in STRUCTURES},
}
"""Axis -> its groups in the paper's study."""

SCHEMA = {
    "group": pl.String,
    "alpha": pl.Float64,
    "rows": pl.Int64,
    "low": pl.Float64,
    "high": pl.Float64,
}
"""Columns of `cost_intervals`."""


def cost_intervals(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """Compute the interval of the median of z1 of each group and alpha of the paper's study.

    Parameters
    ----------
    rows : polars.DataFrame
        Rows of a results table: the coordinate and ``z1`` (tkm).
    by : str
        ``allocation`` or ``structure``.

    Returns
    -------
    polars.DataFrame
        Columns `SCHEMA`. ``rows`` is the number of rows in the complete replications of the
        group, on which the interval rests. A group without an interval, as with fewer replications
        than `analysis.bootstrap.estimate` asks for, has no row.
    """
    study = Study.of_rows(rows.select(*COORDINATE, "z1"))
    found = []
    for label, group in GROUPS[by].items():
        part = study.complete(group)
        for alpha in ALPHAS if part.n else ():
            values = part.values("z1", group, alpha)
            its = estimate(pooled_median(values), part.n)
            if its.kind == "interval" and math.isfinite(its.low):
                found.append((label, alpha, values.size, its.low, its.high))
    return pl.DataFrame(found, schema=SCHEMA, orient="row")
