"""Table 6 at each reading: medians of values in percent of the same network's at alpha = 20."""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis import replications
from analysis.replicated import Study

SCHEMA = {
    "group": pl.String,
    "indicator": pl.String,
    "alpha": pl.Float64,
    "paper": pl.Float64,
    "least": pl.Float64,
    "median": pl.Float64,
    "greatest": pl.Float64,
    "replications": pl.Int64,
}
"""Columns of `beside_paper`."""


def beside_paper(rows: pl.DataFrame) -> pl.DataFrame:
    """Join the range of Table 6 over studies with a single draw with the paper's cells.

    Parameters
    ----------
    rows : polars.DataFrame
        As in `analysis.readings.reading.Reading`.

    Returns
    -------
    polars.DataFrame
        Columns `SCHEMA`, sorted; a replication is in a group if it has all rows of it.
    """
    found = [
        (cell.group, cell.indicator, cell.alpha, cell.paper, *_range(cell.singles))
        for cell in replications.cells(Study.of_rows(rows), tables=(6,))
    ]
    return pl.DataFrame(found, schema=SCHEMA, orient="row").sort("group", "indicator", "alpha")


def _range(singles: np.ndarray) -> tuple[float, float, float, int]:
    """Return the least, the median and the greatest number, and how many there are."""
    numbers = singles[np.isfinite(singles)]
    least, median, greatest = np.quantile(numbers, [0, 0.5, 1]).tolist()
    return least, median, greatest, len(numbers)
