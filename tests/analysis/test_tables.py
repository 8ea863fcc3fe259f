"""Tables 2 to 6 of a sweep whose medians can be told by hand, and what stays outside them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_series_equal

from analysis import scope, tables

Row = dict[str, Any]
Make = Callable[..., Row]
Frame = Callable[..., pl.DataFrame]


def cell(frame: pl.DataFrame, group: str, indicator: str, alpha: float) -> Row:
    """Take one cell of a table."""
    return frame.row(
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
def test_medians_by_hand(
    sweep: list[Row],
    frame: Frame,
    table: int,
    group: str,
    indicator: str,
    alpha: float,
    ours: float,
    rows: int,
) -> None:
    """Every table takes the median of its own instances, and says how many there are."""
    found = cell(tables.build(scope.study(frame(sweep)))[table], group, indicator, alpha)
    assert found["ours"] == pytest.approx(ours)
    assert (found["rows"], found["not_certified"], found["no_value"]) == (rows, 0, 0)


def test_a_cell_has_ours_the_papers_and_their_ratio(sweep: list[Row], frame: Frame) -> None:
    """The ratio is ours / paper, and null where the paper's text has no number."""
    built = tables.build(scope.study(frame(sweep)))
    found = cell(built[2], "one", "z1", 2.0)
    assert found["paper"] == 49_408
    assert found["ratio"] == pytest.approx(2 * 4006 / 49_408)
    lacking = cell(built[3], "A4", "z1", 2.0)
    assert lacking["ours"] is not None
    assert (lacking["paper"], lacking["ratio"]) == (None, None)


def test_every_cell_of_the_paper_stays(frame: Frame) -> None:
    """Even with an empty results table, the tables hold all the paper's cells, in its order."""
    built = tables.build(scope.study(frame([])))
    assert {n: t.height for n, t in built.items()} == {2: 20, 3: 360, 4: 420, 5: 20, 6: 32}
    groups = built[3]["group"].unique(maintain_order=True).to_list()
    assert groups == [*(f"A{n}" for n in range(1, 8)), *(f"C{n}" for n in range(1, 12))]
    assert set(built[2]["rows"]) == {0}
    assert built[2]["ours"].is_null().all()


def test_an_alpha_of_our_own_has_no_number_of_the_paper(make: Make, frame: Frame) -> None:
    """An alpha outside the paper is shown; the paper's cell is missing."""
    built = tables.build(scope.study(frame([make("A1", "C1", 3.0, z1=7.0)])))
    found = cell(built[2], "one", "z1", 3.0)
    assert (found["ours"], found["paper"], found["ratio"]) == (7.0, None, None)


def test_medians_are_over_all_replications(make: Make, frame: Frame) -> None:
    """Replications are further instances of the same groups."""
    rows = [make("A1", "C1", 2.0, n, z1=cost) for n, cost in enumerate((1.0, 5.0, 6.0))]
    found = cell(tables.build(scope.study(frame(rows)))[3], "C1", "z1", 2.0)
    assert (found["ours"], found["rows"]) == (5.0, 3)


def test_rows_outside_the_study_are_reported(make: Make, frame: Frame) -> None:
    """Other scales, allocations and structures enter no table, and are counted by reason."""
    rows = [
        make("A1", "C1", 2.0),
        make("A1", "C1", 2.0, scale=2),
        make("A1", "C1", 5.0, scale=2),
        make("A8", "C1", 2.0),
        make("A1", "C26", 2.0),
    ]
    found = scope.coverage(frame(rows))
    assert found.left_out == {"scale 2": 2, "allocation A8": 1, "structure C26": 1}
    assert scope.study(frame(rows)).height == 1
    assert found.instances == 1


def test_coverage_counts_instances_once(make: Make, fail: Make, frame: Frame) -> None:
    """Replications and alphas outside the paper are not further instances of the paper."""
    rows = [
        make("A1", "C1", 2.0),
        make("A1", "C1", 2.0, 1),
        make("A1", "C1", 3.0),
        fail(make("A1", "C1", 5.0)),
    ]
    found = scope.coverage(frame(rows))
    assert (found.rows, found.instances, found.replications) == (4, 2, 2)
    assert found.statuses == {"optimal": 3, "no_solution": 1}
    assert found.other_alphas == (3.0,)


def test_the_full_sweep_is_700_instances(sweep: list[Row], frame: Frame) -> None:
    """The paper's sweep is covered without remainder."""
    found = scope.coverage(frame(sweep))
    assert (found.instances, found.left_out, found.other_alphas) == (700, {}, ())


def test_files_do_not_depend_on_the_order_of_rows(
    sweep: list[Row], frame: Frame, tmp_path: Path
) -> None:
    """Any order of the rows gives the same bytes."""
    one = tables.write(tables.build(scope.study(frame(sweep))), tmp_path / "one")
    two = tables.write(tables.build(scope.study(frame(sweep[::-1]))), tmp_path / "two")
    assert [path.name for path in one] == [f"table{n}.csv" for n in range(2, 7)]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_files_read_back_to_ten_digits(sweep: list[Row], frame: Frame, tmp_path: Path) -> None:
    """A CSV holds the table's numbers to ten significant digits, and null as an empty field."""
    built = tables.build(scope.study(frame(sweep)))
    for path, table in zip(tables.write(built, tmp_path), built.values(), strict=True):
        back = pl.read_csv(path)
        assert back.columns == table.columns
        for column in ("ours", "paper", "ratio", "q10", "q90"):
            assert_series_equal(back[column], table[column], rel_tol=1e-9)
