"""Maintenance changes how rows are stored and nothing else, also while others write."""

from __future__ import annotations

import datetime
import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.commands.compact import main
from pipeline.config.errors import UserError
from pipeline.results import maintenance
from pipeline.results.data_file import damage
from pipeline.results.replacement import replace_rows
from pipeline.results.schema import COORDINATE, RESULTS
from pipeline.results.table import (
    create_table,
    data_files,
    open_table,
    read_results,
    results_folder,
)
from tests.pipeline.results.one_row_commits import (
    append_until,
    committer,
    fill,
    replications,
    row,
)
from tests.pipeline.run_columns import RUN

A_WEEK_AND_A_DAY_S = 8 * 24 * 3600


def n_files(run: Path) -> int:
    """Count the data files of a table."""
    return len(open_table(run).file_uris())


def n_files_on_disk(run: Path) -> int:
    """Count the data files in a table's folder, used or not."""
    return len(list(Path(results_folder(run)).glob("*.parquet")))


NUMBERS = st.none() | st.floats(allow_nan=False)
INDICES = st.none() | st.lists(st.integers(0, 99), max_size=4)
ROWS = st.fixed_dictionaries(
    {
        "alpha": st.floats(0.5, 40),
        "z1": NUMBERS,
        "z4": st.none() | st.integers(0, 9),
        "bound": NUMBERS,
        "open_sites": INDICES,
        "assignment": INDICES,
        "error": st.none() | st.text(max_size=9),
        "finished_at": st.none() | st.datetimes(timezones=st.just(datetime.UTC)),
    }
)


@settings(deadline=None, derandomize=True, max_examples=15)
@given(commits=st.lists(st.lists(ROWS, min_size=1, max_size=3), min_size=1, max_size=4))
def test_compaction_keeps_every_value_of_every_row(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[dict[str, object]]]
) -> None:
    """Random rows with nulls and empty lists are the same after compaction into one file."""
    run = tmp_path_factory.mktemp("run")
    create_table(run)
    writer = committer(run)
    for number, rows in enumerate(commits):
        complete = [
            {
                **RUN._asdict(),
                **{"allocation": "A1", "structure": f"C{i}", "replication": number, "scale": 1},
                **{"status": "error", **values},
            }
            for i, values in enumerate(rows)
        ]
        writer.add(pa.Table.from_pylist(complete, schema=RESULTS))
    before = read_results(run).sort(COORDINATE).collect(engine="in-memory")
    assert maintenance.compact(run) == (len(commits), 1)
    assert read_results(run).sort(COORDINATE).collect(engine="in-memory").equals(before)


def test_a_committer_opened_before_a_compaction_can_append_after_it(tmp_path: Path) -> None:
    """It does so even if a vacuum has deleted the replaced files."""
    fill(tmp_path, 3)
    writer = committer(tmp_path)
    maintenance.compact(tmp_path)
    maintenance.vacuum(tmp_path, 0)
    writer.add(row(3))
    assert replications(tmp_path) == [0, 1, 2, 3]


def test_rows_of_other_drivers_are_recognised_after_a_compaction(tmp_path: Path) -> None:
    """A second driver that writes the same coordinate stops, although the file was replaced."""
    fill(tmp_path, 2)
    first, second = committer(tmp_path), committer(tmp_path)
    first.add(row(2))
    maintenance.compact(tmp_path)
    with pytest.raises(UserError, match="began earlier"):
        second.add(row(2))
    assert replications(tmp_path) == [0, 1, 2]


def test_every_file_of_a_table_has_its_sha_256(tmp_path: Path) -> None:
    """Also those that a compaction and a replacement write."""
    fill(tmp_path, 3)
    maintenance.compact(tmp_path)
    assert replace_rows(tmp_path, row(1)) == 1
    assert replications(tmp_path) == [0, 1, 2]
    assert {damage(tmp_path, name) for name in data_files(open_table(tmp_path))} == {None}


def test_full_files_are_not_rewritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only small files are joined, into files that are full; a single small one is left."""
    monkeypatch.setattr(maintenance, "_FULL_FILE_ROWS", 2)
    fill(tmp_path, 5)
    assert maintenance.compact(tmp_path) == (5, 3)
    files = data_files(open_table(tmp_path))
    assert maintenance.compact(tmp_path) == (3, 3)
    assert data_files(open_table(tmp_path)) == files
    committer(tmp_path).add(row(5))
    assert maintenance.compact(tmp_path) == (4, 3)
    assert len(files & data_files(open_table(tmp_path))) == 2
    assert replications(tmp_path) == list(range(6))


def append(run: Path, first: int, count: int) -> None:
    """Append rows, one per commit, as a driver does."""
    writer = committer(run)
    for replication in range(first, first + count):
        writer.add(row(replication))


def test_rows_appended_during_compactions_are_all_there(tmp_path: Path) -> None:
    """Another process appends while this one compacts repeatedly: each row is there once."""
    fill(tmp_path, 5)
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    other = spawn.Process(target=append_until, args=(tmp_path, stop), daemon=True)
    other.start()
    compactions = 0
    while compactions < 3 and other.is_alive():
        before, after = maintenance.compact(tmp_path)
        compactions += after < before
        time.sleep(0.1)  # leave time to the other process
    stop.set()
    other.join()
    assert other.exitcode == 0
    assert compactions == 3
    found = replications(tmp_path)
    assert found == list(range(len(found)))
    assert len(found) > 5


@pytest.mark.slow
def test_simultaneous_compactions_lose_and_duplicate_no_row(tmp_path: Path) -> None:
    """Three sweeps that end together all succeed; the later ones find the table compacted."""
    fill(tmp_path, 30)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(maintenance.maintain, [tmp_path] * 3)) == [None] * 3
    assert replications(tmp_path) == list(range(30))
    assert n_files(tmp_path) == 1


def test_a_table_is_not_rewritten_while_another_process_holds_the_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recent lease prevents a compaction; a lease of a killed process expires."""
    fill(tmp_path, 2)
    monkeypatch.setattr(maintenance, "_PAUSE_S", 0)
    maintenance._commit(tmp_path, lease=int(time.time()) - 3600)
    assert "another process rewrites" in str(maintenance.maintain(tmp_path))
    assert n_files(tmp_path) == 2
    maintenance._commit(tmp_path, lease=int(time.time()) - A_WEEK_AND_A_DAY_S)
    assert maintenance.maintain(tmp_path) is None
    assert n_files(tmp_path) == 1


def test_a_table_with_many_files_for_its_rows_is_compacted(tmp_path: Path) -> None:
    """Above 500 files per million rows; a table of one file gets no commit."""
    fill(tmp_path, 1)
    version = open_table(tmp_path).version()
    assert maintenance.maintain(tmp_path) is None
    assert open_table(tmp_path).version() == version
    append(tmp_path, 1, 3)
    assert maintenance.maintain(tmp_path) is None
    assert n_files(tmp_path) == 1
    assert replications(tmp_path) == [0, 1, 2, 3]


def test_a_table_with_few_files_for_its_rows_is_not_compacted(tmp_path: Path) -> None:
    """Every file after the first is allowed for 2,000 rows."""
    create_table(tmp_path)
    writer = committer(tmp_path)
    for half in (0, 1):
        writer.add(pa.concat_tables([row(i) for i in range(half * 1001, half * 1001 + 1001)]))
    assert maintenance.maintain(tmp_path) is None
    assert n_files(tmp_path) == 2


def test_replaced_files_stay_for_a_week(tmp_path: Path) -> None:
    """A reader that began before the compaction still finds its files, even old ones."""
    fill(tmp_path, 3)
    reader = read_results(tmp_path)
    for path in Path(results_folder(tmp_path)).glob("*.parquet"):
        os.utime(path, (time.time() - A_WEEK_AND_A_DAY_S,) * 2)
    maintenance.maintain(tmp_path)
    assert n_files(tmp_path) == 1
    assert reader.select(pl.len()).collect(engine="in-memory").item() == 3


def test_files_that_no_commit_names_are_deleted_after_a_week(tmp_path: Path) -> None:
    """They belong to killed writers; a recent file may still be committed."""
    fill(tmp_path, 1)
    old, new = (Path(results_folder(tmp_path)) / f"{name}.parquet" for name in ("old", "new"))
    for path in (old, new):
        path.write_bytes(b"half a file")
    os.utime(old, (time.time() - A_WEEK_AND_A_DAY_S,) * 2)
    assert maintenance.vacuum(tmp_path, 0) == 0
    assert maintenance.maintain(tmp_path) is None
    assert (old.exists(), new.exists()) == (False, True)


def test_the_command_prints_the_numbers_of_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files before, files after and deleted files are printed to standard output."""
    fill(tmp_path, 6)
    assert main([f"run={tmp_path}", "keep_hours=0"]) == 0
    assert capsys.readouterr().out == (
        "data files: 6 before, 1 now\ndeleted: 6 files that were replaced more than 0 hours ago\n"
    )
    assert n_files_on_disk(tmp_path) == 1
    assert main([f"run={tmp_path}"]) == 0
    assert "data files: 1 before, 1 now\ndeleted: 0 files" in capsys.readouterr().out


@pytest.mark.parametrize("make", [lambda run: None, lambda run: (run / "results").mkdir()])
def test_a_folder_without_a_table_is_reported(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """The command raises a user error; `maintain` returns the reason."""
    make(tmp_path)
    with pytest.raises(UserError, match="no results table"):
        main([f"run={tmp_path}"])
    assert "no results table" in str(maintenance.maintain(tmp_path))
