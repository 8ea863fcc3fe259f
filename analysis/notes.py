"""The notes under a printed table: what stands behind its medians, and what it lacks."""

import polars as pl

from analysis.cells import ALPHA, MISSING
from analysis.paper import ALPHAS


def notes(table: int, shown: pl.DataFrame, cells: pl.DataFrame) -> list[str]:
    """Write the notes of one table, a sentence or two each.

    Parameters
    ----------
    table : int
        Number of the table in the paper, 2 to 6.
    shown : polars.DataFrame
        The cells printed, as `analysis.tables.compare` gives them.
    cells : polars.DataFrame
        All cells of the table, those not printed too.

    Returns
    -------
    list of str
        The notes that apply.
    """
    written = [_behind(shown)]
    gaps = shown.filter(pl.col("paper").is_null())
    if not gaps.filter(pl.col("alpha").is_in(ALPHAS)).is_empty():
        written.append(f"{MISSING} in the middle: the text of the paper lacks this cell.")
    if not gaps.filter(~pl.col("alpha").is_in(ALPHAS)).is_empty():
        written.append(f"{MISSING} in the middle: the paper has no such {ALPHA}.")
    if shown.get_column("ours").has_nulls():
        written.append(f"{MISSING} on the left: no row or no solution in this run.")
    if table in (3, 4):
        written.append(
            "Labels of structures are inferred: the paper shows them only in a picture, Figure 4."
        )
    omitted = cells.get_column("group").n_unique() - shown.get_column("group").n_unique()
    if omitted:
        written.append(f"Not printed: {omitted} groups of the paper without rows in this run.")
    return written


def _behind(shown: pl.DataFrame) -> str:
    """Tell how many rows a median rests on, how many are not certified, how many have no value."""
    counts = {
        "rows": "Rows behind a median: {}",
        "not_certified": "of these not certified optimal: {}",
        "no_value": "further rows without a value: {}",
    }
    return "; ".join(text.format(_range(shown, column)) for column, text in counts.items()) + "."


def _range(shown: pl.DataFrame, column: str) -> str:
    """Give the least and the greatest value of a column, or the one value it has."""
    low, high = shown.select(low=pl.col(column).min(), high=pl.col(column).max()).row(0)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
