"""A cell of a table as text: ours / paper / ratio, rounded as the paper rounds."""

from collections.abc import Mapping
from typing import Any

import polars as pl

MISSING = "\N{EN DASH}"
"""Stands for a number that one side does not have."""

SHOWN = ("z1", "z2", "z3", "z4")
"""The indicators as the paper shows them: both sides of z3 share a cell."""

ALPHA = "\N{GREEK SMALL LETTER ALPHA}"
"""The buy-to-fly ratio, as the paper writes it."""

Texts = tuple[str, str, str]
"""Ours, the paper's number, and ours / paper."""

NOTHING: Texts = (MISSING, MISSING, MISSING)
"""A cell that neither side has."""

Key = tuple[str, str, float]
"""Group, shown indicator, alpha."""


def texts(cells: pl.DataFrame) -> dict[Key, Texts]:
    """Write out every cell of one table.

    z1 and z2 are whole numbers with thousands separators, z3 is first : second stage in whole
    percent with the ratio of the second-stage shares, z4 has a decimal only if it is not whole.
    Table 6 has one decimal throughout, and of z3 the second stage only. Ratios have two decimals.

    Parameters
    ----------
    cells : polars.DataFrame
        As `analysis.tables.compare` gives them.

    Returns
    -------
    dict of Key to Texts
        The texts of every cell, with `MISSING` for null.
    """
    rows = {(r["group"], r["indicator"], r["alpha"]): r for r in cells.iter_rows(named=True)}
    written: dict[Key, Texts] = {}
    for (group, indicator, alpha), row in rows.items():
        if indicator == "z3_first":
            continue
        first = rows.get((group, "z3_first", alpha)) if indicator == "z3_second" else None
        ours, paper = (_number(row, first, side) for side in ("ours", "paper"))
        ratio = MISSING if row["ratio"] is None else f"{row['ratio']:.2f}"
        written[group, indicator.removesuffix("_second"), alpha] = (ours, paper, ratio)
    return written


def _number(row: Mapping[str, Any], first: Mapping[str, Any] | None, side: str) -> str:
    """Round the number of one side, "ours" or "paper"; `first` is the other half of a z3 pair."""
    number = row[side]
    if number is None:
        return MISSING
    if row["table"] == 6:
        return f"{number:.1f}"
    match row["indicator"]:
        case "z3_second":
            return MISSING if first is None else f"{100 * first[side]:.0f}:{100 * number:.0f}"
        case "z4":
            return f"{number:.1f}".removesuffix(".0")
        case _:
            return f"{number:,.0f}"


def align(column: list[Texts], separator: str) -> list[str]:
    """Join the texts of a column so that their separators stand one below the other.

    Parameters
    ----------
    column : list of Texts
        The cells of the column from top to bottom.
    separator : str
        What stands between the three parts.

    Returns
    -------
    list of str
        One string a cell, all of the same length.
    """
    widths = [max(map(len, part)) for part in zip(*column, strict=True)]
    return [
        separator.join(text.rjust(width) for text, width in zip(cell, widths, strict=True))
        for cell in column
    ]
