"""Cells are rounded as in the paper and aligned."""

from collections.abc import Callable
from typing import Any

import polars as pl

from analysis import tables
from analysis.cell_format import align, format_cells
from analysis.coverage import select_study_rows

Row = dict[str, Any]
MakeRow = Callable[..., Row]
ToFrame = Callable[..., pl.DataFrame]


def test_cells_are_rounded_as_in_the_paper(make_row: MakeRow, to_frame: ToFrame) -> None:
    """z1 has thousands separators, z3 is a pair of percents, z4 has a decimal if not whole."""
    rows = [
        make_row("A1", "C1", 2.0, z1=49_000.0, z3_first=0.304, z3_second=0.696, z4=1),
        make_row("A2", "C1", 2.0, z1=50_002.0, z3_first=0.304, z3_second=0.696, z4=2),
    ]
    cells = format_cells(tables.build(select_study_rows(to_frame(rows)))[2])
    assert cells["one", "z1", 2.0] == ("49,501", "49,408", "1.00")
    assert cells["one", "z3", 2.0] == ("30:70", "30:70", "0.99")
    assert cells["one", "z4", 2.0] == ("1.5", "3", "0.50")


def test_table_6_has_one_decimal(paper_rows: list[Row], to_frame: ToFrame) -> None:
    """Percentages of Table 6 have one decimal, and its z3 is the second stage alone."""
    cells = format_cells(tables.build(select_study_rows(to_frame(paper_rows)))[6])
    assert cells["two", "z3", 2.0] == ("250.0", "212.7", "1.18")
    assert cells["two", "z4", 2.0] == ("100.0", "100.0", "1.00")


def test_separators_of_a_column_are_aligned() -> None:
    """The parts of a column's cells are padded to the same width."""
    assert align([("1,000", "9", "1.00"), ("2", "10", "-")], " / ") == [
        "1,000 /  9 / 1.00",
        "    2 / 10 /    -",
    ]
