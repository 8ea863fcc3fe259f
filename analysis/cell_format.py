"""Formats the cells of a table: ours / paper / ratio, rounded as in the paper."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from analysis.number_format import (
    FORMATS,
    MISSING,
    Format,
    format_number,
    format_range,
    one_decimal,
    two_decimals,
)

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
    stands in its place. A number that a longer solve might change is a range (see
    `analysis.number_format.format_range`).

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
        parts = [row]
        if indicator == "z3_second":
            first = rows.get((group, "z3_first", alpha))
            parts = [row] if row["table"] == 6 else [first, row] if first else []
        paper = _join(format_number(part["paper"], _form(part)) for part in parts)
        if row["paper_kinds"] is not None and 0 < row["kinds"] < row["paper_kinds"]:
            paper = f"{row['kinds']} of {row['paper_kinds']}"
        ours = _join(
            format_range(part["ours_least"], part["ours_greatest"], _form(part)) for part in parts
        )
        formatted[group, indicator.removesuffix("_second"), alpha] = (ours, paper, _ratio(row))
    return formatted


def _form(row: Mapping[str, Any]) -> Format:
    """Return the format of the numbers of a row: Table 6 has one decimal throughout."""
    return one_decimal if row["table"] == 6 else FORMATS[row["indicator"]]


def _join(parts: Iterable[str]) -> str:
    """Join both stages of z3; a cell without numbers has one `MISSING`."""
    texts = list(parts)
    return MISSING if set(texts) <= {MISSING} else ":".join(texts)


def _ratio(row: Mapping[str, Any]) -> str:
    """Format the ratio ours / paper, a range where ours is one."""
    if row["ratio"] is None:
        return MISSING
    least, greatest = row["ours_least"] / row["paper"], row["ours_greatest"] / row["paper"]
    return format_range(least, greatest, two_decimals)


def describe_n(counts: pl.Series) -> str:
    """Say how many rows a number rests on: ``n = 77``, or the range if the numbers differ.

    Parameters
    ----------
    counts : polars.Series
        Numbers of rows; at least one.
    """
    low, high = min(counts), max(counts)
    return f"n = {low:,}" if low == high else f"n = {low:,}\N{EN DASH}{high:,}"


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
