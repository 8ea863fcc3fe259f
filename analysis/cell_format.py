"""Formats the cells of a table: ours / paper / ratio, rounded as in the paper."""

from collections.abc import Mapping
from typing import Any

import polars as pl

MISSING = "\N{EN DASH}"
"""Printed in place of a missing number."""

PRINTED_INDICATORS = ("z1", "z2", "z3", "z4")
"""The indicators as the paper prints them: both stages of z3 share a cell."""

ALPHA = "\N{GREEK SMALL LETTER ALPHA}"
"""The buy-to-fly ratio, as the paper writes it."""

CellText = tuple[str, str, str]
"""The formatted numbers of a cell: ours, the paper's, and the ratio ours / paper."""

EMPTY_CELL: CellText = (MISSING, MISSING, MISSING)
"""A cell without any number."""

CellKey = tuple[str, str, float]
"""Group, printed indicator, alpha."""


def format_cells(cells: pl.DataFrame) -> dict[CellKey, CellText]:
    """Format every cell of one table.

    z1 and z2 are whole numbers with thousands separators. z3 is first : second stage in whole
    percent; its ratio is that of the second-stage shares. z4 has a decimal only if it is not
    whole. Table 6 has one decimal throughout, and only the second stage of z3. Ratios have two
    decimals. Where the run has only some of the networks behind the paper's number, their number
    stands in its place.

    Parameters
    ----------
    cells : polars.DataFrame
        As `analysis.tables.compare` returns them.

    Returns
    -------
    dict of CellKey to CellText
        The formatted numbers of every cell, with `MISSING` for null.
    """
    rows = {(r["group"], r["indicator"], r["alpha"]): r for r in cells.iter_rows(named=True)}
    formatted: dict[CellKey, CellText] = {}
    for (group, indicator, alpha), row in rows.items():
        if indicator == "z3_first":
            continue
        first = rows.get((group, "z3_first", alpha)) if indicator == "z3_second" else None
        ours, paper = (_format_number(row, first, column) for column in ("ours", "paper"))
        if row["paper_kinds"] is not None and 0 < row["kinds"] < row["paper_kinds"]:
            paper = f"{row['kinds']} of {row['paper_kinds']}"
        ratio = MISSING if row["ratio"] is None else f"{row['ratio']:.2f}"
        formatted[group, indicator.removesuffix("_second"), alpha] = (ours, paper, ratio)
    return formatted


def _format_number(row: Mapping[str, Any], first: Mapping[str, Any] | None, column: str) -> str:
    """Format the number of a column, "ours" or "paper"; `first` is the first-stage row of z3."""
    number = row[column]
    if number is None:
        return MISSING
    if row["table"] == 6:
        return f"{number:.1f}"
    match row["indicator"]:
        case "z3_second":
            return MISSING if first is None else f"{100 * first[column]:.0f}:{100 * number:.0f}"
        case "z4":
            return f"{number:.1f}".removesuffix(".0")
        case _:
            return f"{number:,.0f}"


def align(column: list[CellText], separator: str) -> list[str]:
    """Join the three parts of each cell so that the separators of a column are aligned.

    Parameters
    ----------
    column : list of CellText
        The cells of the column from top to bottom.
    separator : str
        Printed between the three parts.

    Returns
    -------
    list of str
        One string per cell, all of the same length.
    """
    widths = [max(map(len, part)) for part in zip(*column, strict=True)]
    return [
        separator.join(text.rjust(width) for text, width in zip(cell, widths, strict=True))
        for cell in column
    ]
