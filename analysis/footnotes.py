"""Footnotes of a printed table: how many rows its medians rest on, and what is missing."""

import polars as pl

from analysis.cell_format import ALPHA
from analysis.number_format import MISSING, RANGE_NOTE
from analysis.paper import ALPHAS
from analysis.structure_labels import MARKS_NOTE


def footnotes(table: int, printed: pl.DataFrame, cells: pl.DataFrame) -> list[str]:
    """Write the footnotes of one table, one or two sentences each.

    Parameters
    ----------
    table : int
        Number of the table in the paper, 2 to 6.
    printed : polars.DataFrame
        The printed cells, as `analysis.tables.compare` returns them.
    cells : polars.DataFrame
        All cells of the table, also those not printed.

    Returns
    -------
    list of str
        The footnotes that apply.
    """
    lines = [_describe_counts(printed)]
    is_partial = pl.col("kinds").is_between(1, pl.col("paper_kinds") - 1)
    if not printed.filter(is_partial).is_empty():
        lines.append(
            "n of m in the middle: the paper's median is over m pairs of allocation and structure, "
            "the run has n of them; the two cannot be compared."
        )
    without_paper = printed.filter(pl.col("paper").is_null() & ~is_partial.fill_null(False))
    if not without_paper.filter(pl.col("alpha").is_in(ALPHAS)).is_empty():
        lines.append(f"{MISSING} in the middle: the text of the paper lacks this cell.")
    if not without_paper.filter(~pl.col("alpha").is_in(ALPHAS)).is_empty():
        lines.append(f"{MISSING} in the middle: the paper has no such {ALPHA}.")
    if not printed.filter(pl.col("ours_least") < pl.col("ours_greatest")).is_empty():
        lines.append(RANGE_NOTE)
    if printed.get_column("ours_least").has_nulls():
        lines.append(f"{MISSING} on the left: no row, or there is no solution.")
    if table in (3, 4):
        lines.append(
            "Labels of structures are inferred: the paper shows them only in a picture, Figure 4. "
            f"{MARKS_NOTE}"
        )
    omitted = cells.get_column("group").n_unique() - printed.get_column("group").n_unique()
    if omitted:
        lines.append(f"Not printed: {omitted} groups of the paper without rows in this run.")
    of_run = cells.filter(pl.col("rows") + pl.col("no_value") > 0).get_column("alpha").n_unique()
    shown = printed.get_column("alpha").n_unique()
    if shown < of_run:
        lines.append(
            f"Printed: {shown} of {of_run} {ALPHA}, those of the paper; table{table}.csv has all."
        )
    return lines


def _describe_counts(printed: pl.DataFrame) -> str:
    """Say how many rows a median rests on, how many are not certified, how many have no value."""
    counts = {
        "rows": "Rows behind a median: {}",
        "not_certified": "of these not certified optimal: {}",
        "no_value": "further rows without a value: {}",
    }
    return (
        "; ".join(text.format(_format_range(printed, column)) for column, text in counts.items())
        + "."
    )


def _format_range(printed: pl.DataFrame, column: str) -> str:
    """Format the smallest and the largest value of a column, or its only value."""
    low, high = printed.select(low=pl.col(column).min(), high=pl.col(column).max()).row(0)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
