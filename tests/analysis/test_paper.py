"""The paper's numbers are complete; cells that are missing in its text are nulls."""

import polars as pl
import pytest

from analysis import paper


@pytest.mark.parametrize(("table", "cells"), [(2, 20), (3, 360), (4, 420), (5, 20), (6, 32)])
def test_every_cell_has_one_row(table: int, cells: int) -> None:
    """Tables 2 and 5 have 5 x 4 cells, 3 has 18 x 4 x 5, 4 has 21 x 4 x 5, 6 has 2 x 4 x 4."""
    published = paper.published(table)
    assert published.height == cells
    assert published.select("group", "alpha", "indicator").n_unique() == cells
    assert set(published["alpha"]) == set(paper.ALPHAS)


def test_exactly_three_cells_are_missing() -> None:
    """Three z1 at alpha = 2 are missing: Table 3 A4, Table 4 A3 and A4; they remain rows."""
    missing = {
        (table, *row[:3])
        for table in paper.TABLES
        for row in paper.published(table).filter(pl.col("paper").is_null()).iter_rows()
    }
    assert missing == {(3, "A4", 2.0, "z1"), (4, "A3", 2.0, "z1"), (4, "A4", 2.0, "z1")}


@pytest.mark.parametrize(
    ("table", "group", "alpha", "indicator", "printed"),
    [
        (2, "one", 20.0, "z1", 125_940),
        (2, "one", 2.0, "z3_first", 0.30),
        (2, "one", 2.0, "z3_second", 0.70),
        (3, "A3", 20.0, "z1", 936_130),
        (4, "A6", 20.0, "z4", 1.5),
        (5, "two", 10.0, "z2", 1_503),
        (6, "two", 2.0, "z3_second", 212.7),
    ],
)
def test_a_cell_is_the_printed_number(
    table: int, group: str, alpha: float, indicator: str, printed: float
) -> None:
    """Numbers are as printed, but shares are fractions; Table 6 is in percent."""
    cell = paper.published(table).row(
        by_predicate=(pl.col("group") == group)
        & (pl.col("alpha") == alpha)
        & (pl.col("indicator") == indicator)
    )
    assert cell[3] == pytest.approx(printed)


@pytest.mark.parametrize("table", [2, 3, 4, 5])
def test_shares_sum_to_one(table: int) -> None:
    """The shares of the two stages sum to 1."""
    shares = paper.published(table).filter(pl.col("indicator").str.starts_with("z3"))
    sums = shares.group_by("group", "alpha").agg(pl.col("paper").sum(), pl.len())
    assert sums["len"].to_list() == [2] * sums.height
    assert sums["paper"].to_list() == pytest.approx([1.0] * sums.height)


@pytest.mark.parametrize("table", [3, 4])
def test_total_cost_rises_with_alpha(table: int) -> None:
    """In every row of Tables 3 and 4, z1 rises strictly with alpha."""
    costs = paper.published(table).filter(pl.col("indicator") == "z1").drop_nulls()
    for (_,), row in costs.sort("alpha").group_by("group"):
        assert row["paper"].is_sorted()
        assert row["paper"].n_unique() == row.height


def test_the_study_has_700_instances() -> None:
    """7 allocations, 11 structures with one and 14 with two production clusters, 4 alphas."""
    counts = list(paper.CLUSTERS.values())
    assert (counts.count("one"), counts.count("two")) == (11, 14)
    assert paper.INSTANCES == 700


def test_other_tables_are_refused() -> None:
    """The paper's results are in Tables 2 to 6 only."""
    with pytest.raises(ValueError, match="Table 1"):
        paper.published(1)
