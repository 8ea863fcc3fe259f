"""The results table holds what was committed and nothing else."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from pipeline.config.compose import compose
from pipeline.config.errors import Failure, UserError
from pipeline.config.sections import validate
from pipeline.engine.interface import error_table
from pipeline.results.committer import Committer
from pipeline.results.provenance import create_or_check_run_file, run_metadata
from pipeline.results.schema import RESULTS
from pipeline.results.table import (
    CREATION_S,
    check_results_folder,
    create_table,
    open_table,
    read_results,
    results_folder,
)
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job
from tests.pipeline.run_columns import RUN


def rows(*structures: str) -> pa.Table:
    """Make an error row for each structure."""
    jobs = tuple(Job(NetworkCoordinate("A1", label), (2.0,), 1.0) for label in structures)
    return error_table(RUN, jobs, 1, "made by a test")


def committer(run: Path) -> Committer:
    """Open a committer that commits immediately."""
    return Committer(run, 1, 3600.0, {"made by": "a test"})


def labels(run: Path) -> list[str]:
    """List the structures in a table."""
    return read_results(run).collect(engine="in-memory")["structure"].sort().to_list()


def test_committed_rows_are_read_with_the_types_of_the_schema(tmp_path: Path) -> None:
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
    """A Parquet file that no commit names, such as a killed writer leaves behind, is not read."""
    create_table(tmp_path)
    committer(tmp_path).add(rows("C1"))
    pq.write_table(rows("C2"), Path(results_folder(tmp_path)) / "part-left-behind.parquet")
    assert labels(tmp_path) == ["C1"]


def test_creating_twice_keeps_the_rows(tmp_path: Path) -> None:
    """The creation of a table that exists changes nothing."""
    create_table(tmp_path)
    committer(tmp_path).add(rows("C1"))
    create_table(tmp_path)
    assert labels(tmp_path) == ["C1"]


def one_line(caught: pytest.ExceptionInfo[UserError]) -> str:
    """Return the message of a user error, after a check that it is one line."""
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_without_a_table_is_a_user_error(tmp_path: Path) -> None:
    """The error is one line."""
    with pytest.raises(UserError) as caught:
        read_results(tmp_path / "nowhere")
    assert "no results table" in one_line(caught)


def test_a_foreign_table_is_refused(tmp_path: Path) -> None:
    """A Delta table of another program is neither read nor written to."""
    pl.DataFrame({"a": [1]}).write_delta(results_folder(tmp_path))
    for function in (read_results, committer):
        with pytest.raises(UserError) as caught:
            function(tmp_path)
        assert "not of this version of sitesweep (schema None, expected 2)" in one_line(caught)


def test_a_table_of_an_earlier_schema_is_refused(tmp_path: Path) -> None:
    """One line says that an earlier version made it, and what to do."""
    DeltaTable.create(
        results_folder(tmp_path),
        pa.schema([pa.field("allocation", pa.string())]),
        configuration={"sitesweep.schema_version": "1"},
        raise_if_key_not_exists=False,
    )
    with pytest.raises(UserError) as caught:
        read_results(tmp_path)
    assert "made by an earlier version (schema 1, here 2)" in one_line(caught)
    assert one_line(caught).endswith("the same command in another folder computes it again")


def test_the_table_says_what_each_column_holds(tmp_path: Path) -> None:
    """Every field of the Delta schema has a comment, and a unit where it has one."""
    create_table(tmp_path)
    fields = {field.name: field for field in open_table(tmp_path).schema().fields}
    assert list(fields) == RESULTS.names
    assert all(field.metadata["comment"] for field in fields.values())
    assert fields["z1"].metadata["unit"] == "tkm"
    assert fields["total_demand"].metadata["unit"] == "t"
    assert "others within the gap may differ" in fields["assignment"].metadata["comment"]


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    """No table is created in a folder with other files."""
    Path(results_folder(tmp_path)).mkdir()
    check_results_folder(tmp_path)
    (Path(results_folder(tmp_path)) / "thesis.txt").write_text("mine")
    with pytest.raises(UserError) as caught:
        check_results_folder(tmp_path)
    assert "not a results table" in one_line(caught)


def test_shards_that_start_at_the_same_time_create_one_table(tmp_path: Path) -> None:
    """Eight of them, twenty times: none refuses the half-made table of another."""
    config = validate(compose("config", ["sweep=smoke", f"out={tmp_path}"]))
    metadata = run_metadata(config, "native")

    def start(run: Path, barrier: Barrier) -> None:
        barrier.wait()
        create_or_check_run_file(run, metadata, config)
        create_table(run)
        check_results_folder(run)

    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            run, barrier = tmp_path / str(number), Barrier(8)
            run.mkdir()
            for started in [pool.submit(start, run, barrier) for _ in range(8)]:
                started.result()
            assert open_table(run).version() == 0


def test_a_table_that_another_shard_is_creating_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log without a commit may be half-made; if it stays so, the folder is refused."""
    log = Path(results_folder(tmp_path)) / "_delta_log"
    log.mkdir(parents=True)
    (log / "_commit_1.json.tmp").write_text("{}")
    with ThreadPoolExecutor(1) as pool:
        check = pool.submit(check_results_folder, tmp_path)
        time.sleep(0.3)
        assert not check.done()
        create_table(tmp_path)
        check.result(timeout=CREATION_S)
    shutil.rmtree(log)
    log.mkdir()
    (log / "_commit_1.json.tmp").write_text("{}")
    monkeypatch.setattr("pipeline.results.table.CREATION_S", 0.2)
    with pytest.raises(UserError, match="not a results table"):
        check_results_folder(tmp_path)


def test_a_truncated_log_entry_is_named(tmp_path: Path) -> None:
    """One line says which entry and what to do; after its deletion the other rows are there."""
    create_table(tmp_path)
    writer = committer(tmp_path)
    writer.add(rows("C1"))
    writer.add(rows("C2"))
    entry = Path(results_folder(tmp_path)) / "_delta_log" / f"{2:020}.json"
    entry.write_text(entry.read_text()[:40])
    for function in (read_results, check_results_folder):
        with pytest.raises(Failure) as failed:
            function(tmp_path)
        assert "\n" not in str(failed.value)
        assert f"{entry} is damaged" in str(failed.value)
    entry.unlink()
    assert labels(tmp_path) == ["C1"]


def test_a_table_without_a_readable_first_entry_is_a_user_error(tmp_path: Path) -> None:
    """Without the first log entry it is unknown whose table it is."""
    create_table(tmp_path)
    committer(tmp_path).add(rows("C1"))
    entry = Path(results_folder(tmp_path)) / "_delta_log" / f"{0:020}.json"
    entry.write_text(entry.read_text()[:40])
    for function in (read_results, check_results_folder):
        with pytest.raises(UserError) as caught:
            function(tmp_path)
        assert "cannot be read" in one_line(caught)
