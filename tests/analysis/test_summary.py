"""The summary of any table: its groups, its condition, its reference, and its order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis import summary
from analysis.question import Question
from analysis.summary import build_summary
from pipeline.config.sections import check

Row = dict[str, Any]
MakeRow = Callable[..., Row]
ToFrame = Callable[..., pl.DataFrame]


def build(rows: pl.DataFrame, **question: Any) -> summary.Summary:
    """Summarise rows by the groups of a question."""
    return build_summary(rows.lazy(), check(Question, question))


@pytest.fixture
def random_rows(make_row: MakeRow) -> list[Row]:
    """Rows of two scales and three alphas with random costs, in a random order."""
    generator = np.random.default_rng(3)
    rows = [
        make_row(
            f"A{a}", f"C{c}", alpha, replication, scale=scale, z1=float(generator.lognormal(9, 1))
        )
        for a in (1, 2)
        for c in (2, 10, 12)
        for replication in range(4)
        for scale in (1, 2)
        for alpha in (2.0, 5.0, 10.0)
    ]
    return [rows[i] for i in generator.permutation(len(rows))]


def test_quantiles_are_those_of_numpy_in_every_group(
    random_rows: list[Row], to_frame: ToFrame
) -> None:
    """Each quantile of each group equals numpy.quantile of the group's values."""
    rows = to_frame(random_rows)
    table = build(rows, by=["allocation", "scale"], quantiles=[0.05, 0.5, 0.75]).values
    assert table.height == 2 * 2 * 3 * 5
    for row in table.filter(pl.col("indicator") == "z1").iter_rows(named=True):
        group = [(pl.col(name) == row[name]) for name in ("allocation", "scale", "alpha")]
        values = rows.filter(*group).get_column("z1").to_numpy()
        expected = np.quantile(values, [0.05, 0.5, 0.75], method="linear")
        assert [row[f"q{p}"] for p in ("0.05", "0.5", "0.75")] == pytest.approx(expected.tolist())
        assert row["rows"] == len(values)


def test_percentages_are_those_of_each_network(random_rows: list[Row], to_frame: ToFrame) -> None:
    """Each network is divided by its own value at the reference alpha, before any quantile."""
    rows = to_frame(random_rows)
    found = build(rows, by=["structure"], quantiles=[0.3], reference_alpha=5).percent
    assert found is not None
    costs = {
        (r["allocation"], r["structure"], r["replication"], r["scale"], r["alpha"]): r["z1"]
        for r in random_rows
    }
    for row in found.filter(pl.col("indicator") == "z1").iter_rows(named=True):
        shares = [
            100 * z1 / costs[*key[:4], 5.0]
            for key, z1 in costs.items()
            if (key[1], key[4]) == (row["structure"], row["alpha"])
        ]
        assert row["q0.3"] == pytest.approx(np.quantile(shares, 0.3))


def test_the_reference_need_not_satisfy_the_condition(
    random_rows: list[Row], to_frame: ToFrame
) -> None:
    """``where="alpha <= 5" reference_alpha=10``: the same percentages as without the condition."""
    rows = to_frame(random_rows)
    some = build(rows, where="alpha <= 5", reference_alpha=10)
    every = build(rows, reference_alpha=10)
    assert some.percent is not None
    assert every.percent is not None
    assert some.values["alpha"].unique().sort().to_list() == [2, 5]
    assert some.percent.equals(every.percent.filter(pl.col("alpha") <= 5))
    assert some.values.equals(every.values.filter(pl.col("alpha") <= 5))


@pytest.mark.parametrize(
    ("alphas", "reference"), [((2.0, 20.0, 40.0), 20), ((2.0, 5.0), 5), ((3.0,), 3)]
)
def test_without_alpha_20_the_largest_is_the_reference(
    make_row: MakeRow, to_frame: ToFrame, alphas: tuple[float, ...], reference: float
) -> None:
    """The paper's reference is taken where the table has it."""
    found = build(to_frame([make_row("A1", "C1", alpha) for alpha in alphas]))
    assert found.reference_alpha == reference
    assert (found.percent is None) == (len(alphas) == 1)


def test_groups_are_in_the_order_of_their_numbers(
    random_rows: list[Row], to_frame: ToFrame
) -> None:
    """C2 is before C10, whatever the order of the rows."""
    one = build(to_frame(random_rows), by=["structure"]).values
    assert one["structure"].unique(maintain_order=True).to_list() == ["C2", "C10", "C12"]
    assert one.equals(build(to_frame(random_rows[::-1]), by=["structure"]).values)


def test_any_column_can_make_the_groups(random_rows: list[Row], to_frame: ToFrame) -> None:
    """Replication, seed, status, clusters or open sites; alpha is always one of them."""
    rows = to_frame(random_rows)
    for by, groups in (
        (["replication"], 4),
        (["seed", "status"], 1),
        (["clusters"], 2),
        (["z4"], 2),
        (["alpha"], 1),
    ):
        table = build(rows, by=by).values
        assert table.columns[: len({*by, "alpha"}) + 1] == [
            *dict.fromkeys([*by, "alpha"]),
            "indicator",
        ]
        assert table.height == groups * 3 * 5


def test_a_large_table_is_summarised_in_parts(
    random_rows: list[Row], to_frame: ToFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many alphas are summarised together, the numbers and their order are the same."""
    whole = build(to_frame(random_rows), by=["structure"], reference_alpha=2)
    for n_rows in (1, 100):
        monkeypatch.setattr(summary, "ROWS_AT_A_TIME", n_rows)
        parts = build(to_frame(random_rows), by=["structure"], reference_alpha=2)
        assert parts.values.equals(whole.values)
        assert parts.percent is not None
        assert whole.percent is not None
        assert parts.percent.equals(whole.percent)


def test_groups_of_one_row_have_its_value(random_rows: list[Row], to_frame: ToFrame) -> None:
    """All quantiles of a group of one row are the value of this row."""
    by = ["allocation", "structure", "replication", "scale"]
    table = build(to_frame(random_rows), by=by, quantiles=[0, 0.1, 1]).values
    assert table.height == len(random_rows) * 5
    assert set(table["rows"]) == {1}
    assert table["q0"].equals(table["q1"])
    assert table["q0"].equals(table["q0.1"])


def test_a_condition_sees_every_column(random_rows: list[Row], to_frame: ToFrame) -> None:
    """Texts, numbers, lists and the number of clusters can be in a condition."""
    condition = "structure in ('C2', 'C12') and not (z4 > 1 or clusters = 'one') and alpha <> 5"
    table = build(to_frame(random_rows), by=["structure", "allocation"], where=condition).values
    keys = table.select("structure", "allocation", "alpha").unique(maintain_order=True)
    assert keys.rows() == [("C12", "A1", 2.0), ("C12", "A1", 10.0)]


def test_files_hold_the_summary(random_rows: list[Row], to_frame: ToFrame, tmp_path: Path) -> None:
    """The CSV files hold all groups, and percentages name their reference."""
    found = build(to_frame(random_rows), by=["scale"])
    paths = summary.write(found, tmp_path)
    assert [path.name for path in paths] == ["summary.csv", "summary_relative.csv"]
    values, percent = map(pl.read_csv, paths)
    assert values.columns == found.values.columns
    assert values.height == percent.height == 2 * 3 * 5
    assert set(percent["reference_alpha"]) == {10.0}
