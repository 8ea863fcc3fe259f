"""The results table keeps what was committed, and only that."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.errors import Failure, UserError
from pipeline.engine.chunk_table import error_table
from pipeline.results.committer import Committer
from pipeline.results.schema import RESULTS
from pipeline.results.table import create_table, read_results, refuse_foreign, results_folder
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job


def rows(*structures: str) -> pa.Table:
    """Make an error row for each structure."""
    jobs = tuple(Job(NetworkCoordinate("A1", label), (2.0,), 1.0) for label in structures)
    return error_table(jobs, 1, "made by a test")


def committer(run: Path) -> Committer:
    """Open a committer that commits every row at once."""
    return Committer(run, 1, 3600.0, {"made by": "a test"})


def labels(run: Path) -> list[str]:
    """List the structures in a table."""
    return read_results(run).collect(engine="in-memory")["structure"].sort().to_list()


def test_what_is_committed_is_read_with_the_schemas_types(tmp_path: Path) -> None:
    """A table reads back with the columns and types of the schema."""
    create_table(tmp_path)
    with committer(tmp_path) as open_committer:
        open_committer.add(rows("C1", "C2"))
    found = read_results(tmp_path).collect(engine="in-memory")
    expected = pl.from_arrow(RESULTS.empty_table())
    assert isinstance(expected, pl.DataFrame)
    assert found.schema == expected.schema
    assert labels(tmp_path) == ["C1", "C2"]


def test_files_outside_the_log_are_not_in_the_table(tmp_path: Path) -> None:
    """A Parquet file that no commit names, as a killed writer leaves it, is not read."""
    create_table(tmp_path)
    committer(tmp_path).add(rows("C1"))
    pq.write_table(rows("C2"), Path(results_folder(tmp_path)) / "part-left-behind.parquet")
    assert labels(tmp_path) == ["C1"]


def test_creating_twice_keeps_the_rows(tmp_path: Path) -> None:
    """Making a table where there is one changes nothing."""
    create_table(tmp_path)
    committer(tmp_path).add(rows("C1"))
    create_table(tmp_path)
    assert labels(tmp_path) == ["C1"]


def one_line(caught: pytest.ExceptionInfo[UserError]) -> str:
    """Give the message of a user's mistake, making sure that it is one line."""
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_without_a_table_is_a_users_mistake(tmp_path: Path) -> None:
    """Reading where nothing is says so in one line."""
    with pytest.raises(UserError) as caught:
        read_results(tmp_path / "nowhere")
    assert "no results table" in one_line(caught)


def test_a_foreign_table_is_refused(tmp_path: Path) -> None:
    """A Delta table of another program is neither read nor written."""
    pl.DataFrame({"a": [1]}).write_delta(results_folder(tmp_path))
    for attempt in (read_results, committer):
        with pytest.raises(UserError) as caught:
            attempt(tmp_path)
        assert "schema version None and 1 columns" in one_line(caught)


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    """A folder with other files in it is not made into a table."""
    Path(results_folder(tmp_path)).mkdir()
    refuse_foreign(tmp_path)
    (Path(results_folder(tmp_path)) / "thesis.txt").write_text("mine")
    with pytest.raises(UserError) as caught:
        refuse_foreign(tmp_path)
    assert "not a results table" in one_line(caught)


def test_a_log_entry_that_is_cut_off_is_named(tmp_path: Path) -> None:
    """One line says which, and how to go on; without it the rest of the table is as it was."""
    create_table(tmp_path)
    writer = committer(tmp_path)
    writer.add(rows("C1"))
    writer.add(rows("C2"))
    entry = Path(results_folder(tmp_path)) / "_delta_log" / f"{2:020}.json"
    entry.write_text(entry.read_text()[:40])
    for attempt in (read_results, refuse_foreign):
        with pytest.raises(Failure) as failed:
            attempt(tmp_path)
        assert "\n" not in str(failed.value)
        assert f"{entry} is damaged" in str(failed.value)
    entry.unlink()
    assert labels(tmp_path) == ["C1"]


def test_a_corrupt_table_is_a_users_mistake(tmp_path: Path) -> None:
    """A log of which not even the beginning can be read is no table of ours."""
    create_table(tmp_path)
    committer(tmp_path).add(rows("C1"))
    entry = Path(results_folder(tmp_path)) / "_delta_log" / f"{0:020}.json"
    entry.write_text(entry.read_text()[:40])
    for attempt in (read_results, refuse_foreign):
        with pytest.raises(UserError) as caught:
            attempt(tmp_path)
        assert "cannot be read" in one_line(caught)
