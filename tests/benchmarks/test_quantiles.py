"""The table of made-up rows is reproducible and valid, and the arms are told apart."""

from pathlib import Path

import polars as pl
import pytest

from analysis.paper import ALLOCATIONS, CLUSTERS
from benchmarks.gap_zero import changes
from benchmarks.quantile_arms import with_sitesweep
from benchmarks.quantiles import agree
from benchmarks.synthetic_table import SCALES, write_synthetic_table
from pipeline.results.schema import COORDINATE
from pipeline.results.table import data_files, open_table, read_results

ALPHAS = (2.0, 20.0)
GROUPS = len(ALLOCATIONS) * len(CLUSTERS) * len(SCALES) * len(ALPHAS)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a small table in two files."""
    folder = tmp_path_factory.mktemp("synthetic")
    write_synthetic_table(folder, 3 * GROUPS, 2, ALPHAS, 0)
    return folder


def test_the_table_has_the_rows_asked_for(run: Path, tmp_path: Path) -> None:
    """Every coordinate occurs once, in as many files as asked for; the seed decides the numbers."""
    rows = read_results(run).collect(engine="in-memory")
    assert rows.height == rows.select(COORDINATE).n_unique() == 4 * GROUPS  # rounded up
    assert len(data_files(open_table(run))) == 2
    assert set(rows["status"]) == {"optimal", "time_limit", "no_solution"}
    unsolved = rows.filter(pl.col("status") == "no_solution")
    assert unsolved["z1"].null_count() == unsolved.height
    assert (rows["bound"] <= rows["z1"]).all()
    write_synthetic_table(tmp_path, 3 * GROUPS, 2, ALPHAS, 0)
    again = read_results(tmp_path).collect(engine="in-memory")
    assert rows.sort(COORDINATE).equals(again.sort(COORDINATE))


def test_other_quantiles_are_noticed(run: Path) -> None:
    """Two arms agree if they found the same groups and the same numbers."""
    found = with_sitesweep(run, 1)
    assert len(found) == GROUPS
    one = {"quantiles": sorted([list(group), numbers] for group, numbers in found.items())}
    assert agree(one, one)
    first, *rest = one["quantiles"]
    assert not agree(one, {"quantiles": rest})
    other = [first[0], [1.000001 * number for number in first[1]]]
    assert not agree(one, {"quantiles": [other, *rest]})


def test_a_change_is_a_fraction_of_the_value_at_gap_0() -> None:
    """From 100 to 90 it is a tenth; instances without a value are left out."""
    frame = pl.DataFrame({"z1 0.0001": [110.0, 5.0, None], "z1 0": [100.0, 5.0, None]})
    assert changes(frame, "z1").to_list() == pytest.approx([0.1, 0.0])
