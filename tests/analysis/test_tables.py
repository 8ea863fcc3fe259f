"""Tables 2 to 6 of rows whose medians are known by hand, and their CSV files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_series_equal

from analysis import tables
from analysis.coverage import select_study_rows

Row = dict[str, Any]
MakeRow = Callable[..., Row]
ToFrame = Callable[..., pl.DataFrame]


def cell(table: pl.DataFrame, group: str, indicator: str, alpha: float) -> Row:
    """Select one cell of a table."""
    return table.row(
        by_predicate=(pl.col("group") == group)
        & (pl.col("indicator") == indicator)
        & (pl.col("alpha") == alpha),
        named=True,
    )


@pytest.mark.parametrize(
    ("table", "group", "indicator", "alpha", "ours", "rows"),
    [
        # z1 = alpha (1000 a + c): the middle allocation is A4; of C1..C11 the middle is C6.
        (2, "one", "z1", 2.0, 2 * 4006, 77),
        (3, "A1", "z1", 5.0, 5 * 1006, 11),
        (3, "C3", "z1", 10.0, 10 * 4003, 7),
        # Of C12..C25 the middle is between C18 and C19, and so is that of A4's 14 rows of 98.
        (4, "A7", "z1", 2.0, 2 * 7018.5, 14),
        (4, "C25", "z2", 2.0, 2504, 7),
        (5, "two", "z1", 20.0, 20 * 4018.5, 98),
        (5, "two", "z4", 2.0, 4, 98),
        (2, "one", "z3_first", 10.0, 0.5, 77),
        # Each network's z1 is proportional to alpha; its second-stage share is 10 / (alpha + 10).
        (6, "one", "z1", 5.0, 25, 77),
        (6, "two", "z3_second", 2.0, 250, 98),
        (6, "two", "z4", 10.0, 100, 98),
    ],
)
def test_medians_agree_with_those_by_hand(
    paper_rows: list[Row],
    to_frame: ToFrame,
    table: int,
    group: str,
    indicator: str,
    alpha: float,
    ours: float,
    rows: int,
) -> None:
    """Every table holds the medians of its own instances and how many there are."""
    found = cell(
        tables.build(select_study_rows(to_frame(paper_rows)))[table], group, indicator, alpha
    )
    assert found["ours"] == pytest.approx(ours)
    assert (found["rows"], found["not_certified"], found["no_value"]) == (rows, 0, 0)


def test_a_cell_has_our_number_the_papers_and_their_ratio(
    paper_rows: list[Row], to_frame: ToFrame
) -> None:
    """The ratio is ours / paper, and null where the paper's text has no number."""
    built = tables.build(select_study_rows(to_frame(paper_rows)))
    found = cell(built[2], "one", "z1", 2.0)
    assert found["paper"] == 49_408
    assert found["ratio"] == pytest.approx(2 * 4006 / 49_408)
    without_paper = cell(built[3], "A4", "z1", 2.0)
    assert without_paper["ours"] is not None
    assert (without_paper["paper"], without_paper["ratio"]) == (None, None)


def test_every_cell_of_the_paper_is_kept(to_frame: ToFrame) -> None:
    """The tables of an empty results table hold all cells of the paper, in its order."""
    built = tables.build(select_study_rows(to_frame([])))
    assert {number: table.height for number, table in built.items()} == {
        2: 20,
        3: 360,
        4: 420,
        5: 20,
        6: 32,
    }
    groups = built[3]["group"].unique(maintain_order=True).to_list()
    assert groups == [*(f"A{n}" for n in range(1, 8)), *(f"C{n}" for n in range(1, 12))]
    assert set(built[2]["rows"]) == {0}
    assert built[2]["ours"].is_null().all()


def test_an_alpha_outside_the_paper_has_only_our_number(
    make_row: MakeRow, to_frame: ToFrame
) -> None:
    """An alpha that the paper does not have is in the tables, with null for the paper."""
    built = tables.build(select_study_rows(to_frame([make_row("A1", "C1", 3.0, z1=7.0)])))
    found = cell(built[2], "one", "z1", 3.0)
    assert (found["ours"], found["paper"], found["ratio"]) == (7.0, None, None)


def test_medians_are_over_all_replications(make_row: MakeRow, to_frame: ToFrame) -> None:
    """All replications enter the medians of their groups."""
    rows = [make_row("A1", "C1", 2.0, n, z1=cost) for n, cost in enumerate((1.0, 5.0, 6.0))]
    found = cell(tables.build(select_study_rows(to_frame(rows)))[3], "C1", "z1", 2.0)
    assert (found["ours"], found["rows"]) == (5.0, 3)


def test_files_do_not_depend_on_the_order_of_rows(
    paper_rows: list[Row], to_frame: ToFrame, tmp_path: Path
) -> None:
    """Rows in any order give byte-identical files."""
    one = tables.write(tables.build(select_study_rows(to_frame(paper_rows))), tmp_path / "one")
    two = tables.write(
        tables.build(select_study_rows(to_frame(paper_rows[::-1]))), tmp_path / "two"
    )
    assert [path.name for path in one] == [f"table{n}.csv" for n in range(2, 7)]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_files_hold_ten_significant_digits(
    paper_rows: list[Row], to_frame: ToFrame, tmp_path: Path
) -> None:
    """A CSV holds the table's numbers to ten significant digits, and null as an empty field."""
    built = tables.build(select_study_rows(to_frame(paper_rows)))
    for path, table in zip(tables.write(built, tmp_path), built.values(), strict=True):
        back = pl.read_csv(path)
        assert back.columns == table.columns
        for column in ("ours", "paper", "ratio", "q10", "q90"):
            assert_series_equal(back[column], table[column], rel_tol=1e-9)
