"""Cells are rounded as in the paper and aligned."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from analysis import tables
from analysis.cell_format import align, format_cells
from analysis.coverage import select_study_rows
from analysis.number_format import FORMATS, MISSING, format_range
from analysis.paper import ALLOCATIONS, CLUSTERS

Row = dict[str, Any]
MakeRow = Callable[..., Row]
ToFrame = Callable[..., pl.DataFrame]


def test_cells_are_rounded_as_in_the_paper(make_row: MakeRow, to_frame: ToFrame) -> None:
    """z1 has thousands separators, z3 is a pair of percents, z4 has a decimal if not whole."""
    shares = {"z3_first": 0.304, "z3_second": 0.696}
    rows = [
        make_row(allocation, structure, 2.0, replication, z1=z1, z4=z4, **shares)
        for allocation in ALLOCATIONS
        for structure, clusters in CLUSTERS.items()
        if clusters == "one"
        for replication, (z1, z4) in enumerate([(49_000.0, 1), (50_002.0, 2)])
    ]
    cells = format_cells(tables.build(select_study_rows(to_frame(rows)))[2])
    assert cells["one", "z1", 2.0] == ("49,501", "49,408", "1.00")
    assert cells["one", "z3", 2.0] == ("30:70", "30:70", "0.99")
    assert cells["one", "z4", 2.0] == ("1.5", "3", "0.50")


def test_some_of_the_networks_behind_a_number_are_not_compared_with_it(
    make_row: MakeRow, to_frame: ToFrame
) -> None:
    """Two allocations are no sample of seven: in place of the paper's number stands how many."""
    rows = [make_row(a, c, 2.0) for a in ("A4", "A6") for c in ("C1", "C2")]
    built = tables.build(select_study_rows(to_frame(rows)))
    assert format_cells(built[2])["one", "z1", 2.0][1:] == ("4 of 77", "\N{EN DASH}")
    cells = format_cells(built[3])
    assert cells["A6", "z1", 2.0][1:] == ("2 of 11", "\N{EN DASH}")
    assert cells["C1", "z1", 2.0][1:] == ("2 of 7", "\N{EN DASH}")
    assert built[2].filter(pl.col("kinds") > 0)["paper"].null_count() == 5


def test_a_group_with_all_its_networks_is_compared(make_row: MakeRow, to_frame: ToFrame) -> None:
    """All eleven structures of an allocation make the paper's cell, whatever else is missing."""
    rows = [make_row("A5", c, 2.0) for c, clusters in CLUSTERS.items() if clusters == "one"]
    cells = format_cells(tables.build(select_study_rows(to_frame(rows)))[3])
    ours, paper, ratio = cells["A5", "z1", 2.0]
    assert paper == "82,612"
    assert ratio == f"{float(ours.replace(',', '')) / 82_612:.2f}"


def test_table_6_has_one_decimal(paper_rows: list[Row], to_frame: ToFrame) -> None:
    """Percentages of Table 6 have one decimal, and its z3 is the second stage alone."""
    cells = format_cells(tables.build(select_study_rows(to_frame(paper_rows)))[6])
    assert cells["two", "z3", 2.0] == ("250.0", "212.7", "1.18")
    assert cells["two", "z4", 2.0] == ("100.0", "100.0", "1.00")


def test_a_median_that_may_change_is_a_range(
    make_row: MakeRow, without_solution: MakeRow, to_frame: ToFrame
) -> None:
    """An uncertified row at the median makes ours and the ratio ranges; z2 to z4 are unknown."""
    structures = [c for c, clusters in CLUSTERS.items() if clusters == "one"]
    changed = {"status": "time_limit", "z1": 82_612.0, "bound": 41_306.0}
    rows = [make_row("A5", c, 2.0, **changed) for c in structures]
    cells = format_cells(tables.build(select_study_rows(to_frame(rows)))[3])
    assert cells["A5", "z1", 2.0] == ("41,306-82,612", "82,612", "0.50-1.00")
    assert cells["A5", "z2", 2.0][0] == "?"
    assert cells["A5", "z3", 2.0][0] == "0-100:0-100"
    unsolved = [without_solution(row) for row in rows]
    cells = format_cells(tables.build(select_study_rows(to_frame(unsolved)))[3])
    assert cells["A5", "z1", 2.0] == ("≥41,306", "82,612", MISSING)


@pytest.mark.parametrize(
    ("least", "greatest", "text"),
    [
        (1.0, 1.04, "1"),
        (1.0, 1.06, "1-1.1"),
        (2.5, float("inf"), "≥2.5"),
        (0.0, float("inf"), "?"),
        (None, None, MISSING),
    ],
)
def test_a_range_is_one_number_if_its_ends_are_rounded_to_one(
    least: float | None, greatest: float | None, text: str
) -> None:
    """Only ends that differ after rounding are printed as a range."""
    assert format_range(least, greatest, FORMATS["z4"]) == text


def test_separators_of_a_column_are_aligned() -> None:
    """The parts of a column's cells are padded to the same width."""
    assert align([("1,000", "9", "1.00"), ("2", "10", "-")], " / ") == [
        "1,000 /  9 / 1.00",
        "    2 / 10 /    -",
    ]
