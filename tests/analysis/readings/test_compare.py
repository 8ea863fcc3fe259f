"""All comparisons together, on studies whose answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analysis.commands import readings as command
from analysis.paper import ALLOCATIONS, ALPHAS, published
from analysis.readings import demand, markdown, medians, percent
from analysis.readings.compare import compare, describe_rows
from analysis.readings.reading import Reading, describe, load
from pipeline.config.compose import compose as compose_configuration
from pipeline.config.errors import UserError
from pipeline.config.sections import validate
from tests.analysis.readings.synthetic_studies import study

ROOT = Path(__file__).parents[3]


def test_medians_are_those_of_numpy() -> None:
    """A row of a structure is the median over seven allocations, in the order of the labels."""
    rows = study(2)
    replications, found = medians.of_structures(rows, "one")
    assert replications == [0, 1]
    assert found.shape == (2, 11, 3, 4)
    wanted = rows.filter(
        (pl.col("structure") == "C10") & (pl.col("replication") == 1) & (pl.col("alpha") == 5)
    )
    assert wanted.height == 7
    assert found[1, 9, 0, 1] == np.median(wanted["z1"])
    assert found[1, 9, 2, 1] == np.median(wanted["z3_first"])


def test_an_incomplete_replication_is_left_out() -> None:
    """A replication that lacks one row of a table is in none of its medians."""
    rows = study(3)
    lacking = rows.filter(
        ~(
            (pl.col("replication") == 1)
            & (pl.col("structure") == "C4")
            & (pl.col("alpha") == 2)
            & (pl.col("allocation") == "A3")
        )
    )
    assert medians.of_structures(lacking, "one")[0] == [0, 2]
    assert medians.of_structures(lacking, "two")[0] == [0, 1, 2]
    assert medians.of_allocation(lacking, "A3", "one")[0] == [0, 2]
    assert medians.of_allocation(lacking, "A5", "one")[0] == [0, 1, 2]


def test_the_order_of_rows_does_not_matter() -> None:
    """Shuffled rows give the same tables."""
    rows = study(11)
    shuffled = rows.sample(fraction=1, shuffle=True, seed=3)
    for name, table in compare([Reading("r", rows)]).items():
        assert_frame_equal(table, compare([Reading("r", shuffled)])[name])


def test_the_implied_demand_is_the_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the paper's rows are those of a study, its total demand is found within its error."""
    rows = study(20)
    paper = study(1, seed=77)

    def of_paper(clusters: str, labels: tuple[str, ...]) -> medians.Floats:
        return medians.of_allocation(paper, labels[0], clusters)[1][0]

    monkeypatch.setattr(demand.medians, "of_paper", of_paper)
    for allocation in ALLOCATIONS:
        found = demand.imply(rows, allocation)
        assert found is not None
        true = paper.filter(pl.col("allocation") == allocation)["total_demand"][0]
        assert abs(np.log(found.demand / true)) < 3 * found.error_percent / 100
        assert 0 < found.error_percent < 5
        assert found.replications == 20


def test_too_few_replications_imply_no_demand() -> None:
    """With fewer than ten replications there is no estimate."""
    assert demand.imply(study(9), "A1") is None
    assert demand.imply(study(10), "A1") is not None


def test_a_line_is_fitted_as_by_numpy() -> None:
    """Prediction and its error equal those of the general formula of least squares."""
    generator = np.random.default_rng(4)
    x = generator.normal(size=12)
    y = 3 - 2 * x + generator.normal(0, 0.1, 12)
    matrix = np.stack([np.ones(12), x], axis=1)
    coefficients, squares, *_ = np.linalg.lstsq(matrix, y)
    at = np.array([1, 1.7])
    error = np.sqrt(squares[0] / 10 * (1 + at @ np.linalg.inv(matrix.T @ matrix) @ at))
    assert demand.predict(x, y, 1.7) == pytest.approx((at @ coefficients, error))


def test_table_6_is_the_median_of_ratios_of_single_draws() -> None:
    """Each replication has the median, over its networks, of the ratio to alpha = 20."""
    rows = study(2)
    beside = percent.beside_paper(rows)
    wanted = []
    for replication in (0, 1):
        one = rows.filter((pl.col("clusters") == "one") & (pl.col("replication") == replication))
        ratio = one.filter(alpha=2).join(
            one.filter(alpha=20), on=["allocation", "structure"], suffix="_20"
        )
        wanted.append(100 * np.median(ratio["z1"] / ratio["z1_20"]))
    found = beside.row(
        by_predicate=pl.col("group").eq("one")
        & pl.col("alpha").eq(2)
        & pl.col("indicator").eq("z1"),
        named=True,
    )
    assert (found["least"], found["greatest"]) == pytest.approx((min(wanted), max(wanted)))
    assert found["replications"] == 2
    cells = published(6).filter(pl.col("alpha") != 20)
    assert beside.height == cells.height == 2 * 4 * (len(ALPHAS) - 1)
    assert beside["paper"].null_count() == 0


def test_a_reading_is_described_by_what_is_not_literal() -> None:
    """The name has the spread, and means and rule where they are not the paper's."""
    words = {
        (): "20 km",
        ("network=fitted",): "25 km",
        ("network.cluster_means_km=[30,70]",): "20 km, means at 30 and 70 km",
        ("network.outside_grid=wrapped",): "20 km, outside wrapped",
    }
    for chosen, name in words.items():
        config = validate(compose_configuration("config", list(chosen)))
        assert describe(config.network) == name


def test_the_tables_are_written_with_the_paper_beside(tmp_path: Path) -> None:
    """Two readings give all tables, as CSV and as Markdown with the paper's line."""
    tables = compare([Reading("20 km", study(11)), Reading("25 km", study(4, spread=0.2))])
    assert set(tables) == set(markdown.TABLES)
    command.write(tables, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "readings.md",
        *(f"{name}.csv" for name in tables),
    }
    text = (tmp_path / "readings.md").read_text(encoding="utf-8")
    assert "| the paper | 1 | -1.239 |" in text
    assert "| 25 km | 4 |" in text
    assert tables["labels"]["reading"].unique().to_list() == ["20 km"]
    assert tables["labels"].height == 25
    assert tables["recovery"]["labels"].to_list() == [99, 154]


def test_the_likelihood_is_that_of_readings_with_enough_replications() -> None:
    """With few replications, the error of their mean would count as misfit: there is none."""
    readings = [Reading("many", study(10)), Reading("few", study(4, spread=0.2))]
    found = compare(readings)["readings"]["log_likelihood"]
    assert found[0] is not None
    assert found[1] is None


def test_together_is_the_assignment_of_all_readings_with_enough_replications() -> None:
    """It is listed beside two such readings, and not beside one."""
    readings = [Reading("a", study(10)), Reading("b", study(10, spread=0.2))]
    listed = compare(readings)["assignments"]["reading"].unique(maintain_order=True)
    assert listed.to_list() == ["a", "b", "together"]
    assert compare(readings[:1])["assignments"]["reading"].unique().to_list() == ["a"]


def test_without_complete_replications_there_is_no_table() -> None:
    """A study that lacks an allocation is in no comparison of structures."""
    tables = compare([Reading("20 km", study(10, allocations=("A2", "A4")))])
    assert set(tables) == {"demand"}
    assert compare([Reading("20 km", study(1).clear())]) == {}


def test_what_is_complete_is_said() -> None:
    """A reading with too few replications says which comparisons need more."""
    rows = study(2).with_columns(
        status=pl.when(pl.col("structure") == "C1").then(pl.lit("time_limit")).otherwise("status")
    )
    enough, few = describe_rows([Reading("20 km", study(10)), Reading("25 km", rows)])
    assert enough == "20 km: complete replications: 10; rows not certified: 0"
    assert few == (
        "25 km: complete replications: 2; rows not certified: 56; labels and demand need 10, "
        "comparisons of structures 3"
    )


def test_a_folder_without_a_run_is_one_line(tmp_path: Path) -> None:
    """The message names the folder."""
    with pytest.raises(UserError, match="no run in .*nothing"):
        load([str(tmp_path / "nothing")])
