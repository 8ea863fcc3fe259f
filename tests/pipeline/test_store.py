"""The results table keeps what was committed, and only that."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from conf.errors import UserError
from pipeline import store
from pipeline.chunks import Job
from pipeline.coordinate import NetworkCoordinate
from pipeline.schema import RESULTS
from pipeline.worker import lost_chunk


def rows(*structures: str) -> pa.Table:
    """Make an error row for each structure."""
    jobs = tuple(Job(NetworkCoordinate("A1", label), (2.0,), 1.0) for label in structures)
    return lost_chunk(jobs, 1, "made by a test")


def committer(run: Path, shard: str = "1/1", commit_rows: int = 1) -> store.Committer:
    """Open a committer that commits after so many rows."""
    return store.Committer(run, shard, commit_rows, 3600.0, {"made by": "a test"})


def labels(run: Path) -> list[str]:
    """List the structures in a table."""
    return store.read(run).collect(engine="in-memory")["structure"].sort().to_list()


def test_what_is_committed_is_read_with_the_schemas_types(tmp_path: Path) -> None:
    """A table reads back with the columns and types of the schema."""
    store.create(tmp_path)
    with committer(tmp_path) as open_committer:
        open_committer.add(rows("C1", "C2"))
    found = store.read(tmp_path).collect(engine="in-memory")
    expected = pl.from_arrow(RESULTS.empty_table())
    assert isinstance(expected, pl.DataFrame)
    assert found.schema == expected.schema
    assert labels(tmp_path) == ["C1", "C2"]


def test_rows_are_committed_at_the_end_even_after_an_error(tmp_path: Path) -> None:
    """Leaving the committer commits what it holds, whatever ended the run."""
    store.create(tmp_path)

    def interrupted() -> None:
        with committer(tmp_path, commit_rows=100) as open_committer:
            open_committer.add(rows("C1"))
            assert labels(tmp_path) == []
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert labels(tmp_path) == ["C1"]


def test_of_two_writers_of_one_shard_the_second_is_refused(tmp_path: Path) -> None:
    """Two drivers that start from one state cannot both commit: no row can come twice."""
    store.create(tmp_path)
    first, second = committer(tmp_path), committer(tmp_path)
    first.add(rows("C1"))
    with pytest.raises(UserError, match="another process writes"):
        second.add(rows("C1"))
    assert labels(tmp_path) == ["C1"]


def test_writers_of_different_shards_append_side_by_side(tmp_path: Path) -> None:
    """Shards do not wait for each other, though both started from the empty table."""
    store.create(tmp_path)
    first, second = committer(tmp_path, "1/2"), committer(tmp_path, "2/2")
    for label, writer in (("C1", first), ("C2", second), ("C3", first), ("C4", second)):
        writer.add(rows(label))
    assert labels(tmp_path) == ["C1", "C2", "C3", "C4"]


def test_files_outside_the_log_are_not_in_the_table(tmp_path: Path) -> None:
    """A Parquet file that no commit names, as a killed writer leaves it, is not read."""
    store.create(tmp_path)
    committer(tmp_path).add(rows("C1"))
    pq.write_table(rows("C2"), store.results_folder(tmp_path) / "part-left-behind.parquet")
    assert labels(tmp_path) == ["C1"]


def test_every_commit_carries_its_provenance(tmp_path: Path) -> None:
    """The log says under which circumstances each row was made."""
    store.create(tmp_path)
    committer(tmp_path).add(rows("C1"))
    newest = DeltaTable(str(store.results_folder(tmp_path))).history(1)[0]
    assert newest["sitesweep"] == '{"made by": "a test"}'


def test_creating_twice_keeps_the_rows(tmp_path: Path) -> None:
    """Making a table where there is one changes nothing."""
    store.create(tmp_path)
    committer(tmp_path).add(rows("C1"))
    store.create(tmp_path)
    assert labels(tmp_path) == ["C1"]


def one_line(caught: pytest.ExceptionInfo[UserError]) -> str:
    """Give the message of a user's mistake, making sure that it is one line."""
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_without_a_table_is_a_users_mistake(tmp_path: Path) -> None:
    """Reading where nothing is says so in one line."""
    with pytest.raises(UserError) as caught:
        store.read(tmp_path / "nowhere")
    assert "no results table" in one_line(caught)


def test_a_foreign_table_is_refused(tmp_path: Path) -> None:
    """A Delta table of another program is neither read nor written."""
    pl.DataFrame({"a": [1]}).write_delta(str(store.results_folder(tmp_path)))
    for attempt in (store.read, committer):
        with pytest.raises(UserError) as caught:
            attempt(tmp_path)
        assert "schema version None and 1 columns" in one_line(caught)


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    """A folder with other files in it is not made into a table."""
    store.results_folder(tmp_path).mkdir()
    store.refuse_foreign(tmp_path)
    (store.results_folder(tmp_path) / "thesis.txt").write_text("mine")
    with pytest.raises(UserError) as caught:
        store.refuse_foreign(tmp_path)
    assert "not a results table" in one_line(caught)


def test_a_corrupt_log_is_a_users_mistake(tmp_path: Path) -> None:
    """A log entry that is cut off is reported in one line, not as a traceback."""
    store.create(tmp_path)
    committer(tmp_path).add(rows("C1"))
    entry = store.results_folder(tmp_path) / "_delta_log" / f"{1:020}.json"
    entry.write_text(entry.read_text()[:40])
    for attempt in (store.read, store.refuse_foreign):
        with pytest.raises(UserError) as caught:
            attempt(tmp_path)
        assert "cannot be read" in one_line(caught)
