"""The exported file has the rows of the table, in the order of their coordinates."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipeline.commands.export import main
from pipeline.commands.run import main as run_sweep
from pipeline.config.errors import UserError
from pipeline.results.schema import COORDINATE
from pipeline.results.table import read_results


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a run of six instances."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    words = ["sweep=smoke", "sweep.allocation=[A6]", "solver=native", "engine=serial"]
    assert run_sweep([*words, "engine.in_process=true", f"out={folder}"]) == 0
    return folder


def rows(run: Path) -> pl.DataFrame:
    """Read the rows of a run."""
    return read_results(run).sort(COORDINATE).collect(engine="in-memory")


def test_a_parquet_file_has_all_columns_with_their_types(run: Path, tmp_path: Path) -> None:
    """Reading it gives the same frame as reading the table."""
    assert main([f"run={run}", f"out={tmp_path / 'a.parquet'}"]) == 0
    assert pl.read_parquet(tmp_path / "a.parquet").equals(rows(run))
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_a_csv_file_has_the_numbers_to_the_last_digit(run: Path, tmp_path: Path) -> None:
    """Lists are numbers with spaces between, so that every program can read them."""
    assert main([str(run), f"out={tmp_path / 'a.csv'}"]) == 0
    found, expected = pl.read_csv(tmp_path / "a.csv"), rows(run)
    assert found.columns == expected.columns
    for name in ("z1", "bound", "z4", "status", "total_demand"):
        assert found[name].to_list() == expected[name].to_list()
    sites = [[int(site) for site in str(text).split()] for text in found["open_sites"]]
    assert sites == expected["open_sites"].to_list()


@pytest.mark.parametrize("out", ["a.xlsx", "a", "nowhere/a.csv"])
def test_a_file_that_cannot_be_written_is_a_mistake(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    """One line; nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as caught:
        main([f"run={run}", f"out={out}"])
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
