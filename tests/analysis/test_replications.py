"""Tables 2 to 6 over replications: the same medians as the tables, and what each study prints."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from analysis import tables
from analysis.coverage import select_study_rows
from analysis.paper import ALLOCATIONS, ALPHAS, CLUSTERS
from analysis.replicated import ONE, Group, Study
from analysis.replications import cells, compare, count

REPLICATIONS = 12


def random_rows(replications: dict[str, int]) -> pl.DataFrame:
    """Draw rows with so many replications of each allocation."""
    generator = np.random.default_rng(11)
    coordinates = [
        (a, c, r, 1, alpha)
        for a, n in replications.items()
        for c in CLUSTERS
        for r in range(n)
        for alpha in ALPHAS
    ]
    rows = pl.DataFrame(
        coordinates,
        schema=["allocation", "structure", "replication", "scale", "alpha"],
        orient="row",
    )
    share = generator.uniform(0.1, 0.9, rows.height)
    return rows.with_columns(
        z1=pl.Series(generator.lognormal(11, 1, rows.height)),
        z2=pl.Series(generator.lognormal(7, 1, rows.height)),
        z3_first=pl.Series(1 - share),
        z3_second=pl.Series(share),
        z4=pl.Series(generator.integers(1, 9, rows.height)),
        status=pl.lit("optimal"),
        bound=pl.lit(0.0),
    )


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Twelve replications of everything."""
    return random_rows(dict.fromkeys(ALLOCATIONS, REPLICATIONS))


@pytest.mark.slow
def test_medians_are_those_of_the_tables(rows: pl.DataFrame) -> None:
    """The estimate of a cell is the pooled median that Tables 2 to 6 print."""
    key = ["table", "group", "alpha", "indicator"]
    expected = pl.concat(tables.build(select_study_rows(rows)).values()).select(
        "table",
        pl.col("group").cast(pl.String),
        "alpha",
        pl.col("indicator").cast(pl.String),
        expected="ours",
    )
    joined = compare(Study.of_rows(rows)).join(expected, on=key, how="left")
    assert joined.height == (18 + 21 + 2) * 16 + 24
    assert joined["ours"].to_list() == pytest.approx(joined["expected"].to_list(), rel=1e-12)


@pytest.mark.slow
def test_single_draws_are_the_tables_of_each_replication(rows: pl.DataFrame) -> None:
    """The number of a replication is the median that a study of this replication prints."""
    chosen = {(3, "A5", 2.0, "z1"), (4, "C20", 10.0, "z2"), (6, "two", 5.0, "z3_second")}
    for cell in cells(Study.of_rows(rows)):
        name = (cell.table, cell.group, cell.alpha, cell.indicator)
        if name not in chosen:
            continue
        chosen.remove(name)
        for replication in range(REPLICATIONS):
            own = select_study_rows(rows.filter(pl.col("replication") == replication))
            table = tables.build(own)[cell.table].cast({"group": pl.String})
            row = table.row(
                by_predicate=(pl.col("group") == cell.group)
                & (pl.col("alpha") == cell.alpha)
                & (pl.col("indicator") == cell.indicator),
                named=True,
            )
            assert cell.singles[replication] == pytest.approx(row["ours"], rel=1e-12)
    assert not chosen


@pytest.mark.slow
def test_groups_use_the_replications_that_all_their_networks_have() -> None:
    """With fewer replications of A1 and A3, only the cells that contain them have fewer."""
    ragged = random_rows(dict.fromkeys(ALLOCATIONS, REPLICATIONS) | {"A1": 10, "A3": 11})
    found = compare(Study.of_rows(ragged))
    numbers = dict(found.select("group", "replications").unique().iter_rows())
    assert {group: n for group, n in numbers.items() if group in ALLOCATIONS} == dict.fromkeys(
        ALLOCATIONS, REPLICATIONS
    ) | {"A1": 10, "A3": 11}
    assert {n for group, n in numbers.items() if group not in ALLOCATIONS} == {10}
    parts = [(title, each.replications) for title, each in count(Study.of_rows(ragged))]
    assert parts == [
        ("Tables 2 and 5", 10),
        ("Tables 3 and 4", 10),
        ("Tables 3 and 4", 11),
        ("Tables 3 and 4", 12),
        ("Table 6", 10),
    ]


def test_every_printed_number_is_counted_once(rows: pl.DataFrame) -> None:
    """32 numbers of Tables 2 and 5, the 621 of Tables 3 and 4, and 24 of Table 6."""
    counted = [(title, each.cells) for title, each in count(Study.of_rows(rows))]
    assert counted == [("Tables 2 and 5", 32), ("Tables 3 and 4", 621), ("Table 6", 24)]


def test_cells_without_a_complete_replication_are_left_out() -> None:
    """A run with A4 alone has the rows of A4 only."""
    found = compare(Study.of_rows(random_rows({"A4": 3})))
    assert found["group"].unique().to_list() == ["A4"]
    assert count(Study.of_rows(random_rows({"A4": 3}))) == []


def test_rows_without_a_value_are_left_out_of_the_median(rows: pl.DataFrame) -> None:
    """A row without a solution is there, so that its replication counts, but has no value."""
    study = Study.of_rows(rows)
    study.columns["z1"][:, 1:] = np.nan
    (cell,) = (
        each for each in cells(study) if (each.table, each.alpha, each.indicator) == (2, 2.0, "z1")
    )
    only = dataclasses.replace(study).values("z1", Group(("A1",), ONE.structures), 2.0)
    assert cell.singles == pytest.approx(np.median(only, axis=1))


def test_an_empty_table_has_no_cell() -> None:
    """Without rows there is nothing, and no error."""
    study = Study.of_rows(random_rows({"A4": 1}).clear())
    assert study.n == 0
    assert compare(study).is_empty()
    assert count(study) == []
