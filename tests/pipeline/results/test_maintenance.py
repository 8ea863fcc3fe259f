"""Compaction changes how rows are stored, and nothing else, whoever writes meanwhile."""

from __future__ import annotations

import datetime
import itertools
import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Event
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.commands.compact import main
from pipeline.config.errors import UserError
from pipeline.engine.chunk_table import error_table
from pipeline.results import maintenance
from pipeline.results.committer import Committer
from pipeline.results.schema import COORDINATE, RESULTS
from pipeline.results.table import create_table, open_table, read_results, results_folder
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job

A_WEEK_AND_A_DAY_S = 8 * 24 * 3600


def committer(run: Path) -> Committer:
    """Open a committer that commits whatever it gets at once."""
    return Committer(run, 1, 3600.0, {"made by": "a test"})


def row(replication: int) -> pa.Table:
    """Make one row, an error, at a coordinate of its own."""
    job = Job(NetworkCoordinate("A1", "C1", replication), (2.0,), 1.0)
    return error_table((job,), 1, "made by a test")


def filled(run: Path, commits: int) -> None:
    """Make a table of so many commits, a row each."""
    create_table(run)
    writer = committer(run)
    for replication in range(commits):
        writer.add(row(replication))


def files(run: Path) -> int:
    """Count the data files of a table."""
    return len(open_table(run).file_uris())


def on_disk(run: Path) -> int:
    """Count the data files in a table's folder, in use or not."""
    return len(list(Path(results_folder(run)).glob("*.parquet")))


def replications(run: Path) -> list[int]:
    """List the replications of a table, ascending."""
    return read_results(run).collect(engine="in-memory")["replication"].sort().to_list()


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
    """Whatever a table holds, nulls and empty lists too: it holds the same in one file."""
    run = tmp_path_factory.mktemp("run")
    create_table(run)
    writer = committer(run)
    for number, rows in enumerate(commits):
        known = [
            {
                **{"allocation": "A1", "structure": f"C{i}", "replication": number, "scale": 1},
                **{"status": "error", **values},
            }
            for i, values in enumerate(rows)
        ]
        writer.add(pa.Table.from_pylist(known, schema=RESULTS))
    before = read_results(run).sort(COORDINATE).collect(engine="in-memory")
    assert maintenance.compact(run) == (len(commits), 1)
    assert read_results(run).sort(COORDINATE).collect(engine="in-memory").equals(before)


def test_a_writer_goes_on_after_a_compaction_it_did_not_see(tmp_path: Path) -> None:
    """A committer that opened the table before appends to it after."""
    filled(tmp_path, 3)
    writer = committer(tmp_path)
    maintenance.compact(tmp_path)
    maintenance.vacuum(tmp_path, 0)
    writer.add(row(3))
    assert replications(tmp_path) == [0, 1, 2, 3]


def test_compaction_does_not_let_a_row_in_twice(tmp_path: Path) -> None:
    """A row is known as another driver's also from the file that it was rewritten into."""
    filled(tmp_path, 2)
    first, second = committer(tmp_path), committer(tmp_path)
    first.add(row(2))
    maintenance.compact(tmp_path)
    with pytest.raises(UserError, match="began earlier"):
        second.add(row(2))
    assert replications(tmp_path) == [0, 1, 2]


def of(rows: pa.Table) -> pl.DataFrame:
    """Name the coordinates of rows."""
    return pl.DataFrame(rows.select(COORDINATE))


def test_forgotten_are_the_error_rows_of_those_coordinates_only(tmp_path: Path) -> None:
    """Deleting for another try takes what was named, and leaves the rest; then there is room."""
    filled(tmp_path, 3)
    writer, solved = committer(tmp_path), row(3)
    place = solved.schema.get_field_index("status")
    writer.add(solved.set_column(place, solved.schema.field("status"), pa.array(["optimal"])))
    maintenance.delete_error_rows(tmp_path, of(pa.concat_tables([row(0), row(2), row(3)])))
    assert replications(tmp_path) == [1, 3]
    committer(tmp_path).add(row(0))
    assert replications(tmp_path) == [0, 1, 3]


def test_rows_appended_while_others_are_forgotten_are_all_there(tmp_path: Path) -> None:
    """Another process appends while rows are deleted again and again: no row of it is lost."""
    filled(tmp_path, 5)
    spawn = multiprocessing.get_context("spawn")
    enough = spawn.Event()
    other = spawn.Process(target=append_until, args=(tmp_path, enough))
    other.start()
    for replication in range(5):
        maintenance.delete_error_rows(tmp_path, of(row(replication)))
    while 5 not in replications(tmp_path):
        assert other.is_alive()
        time.sleep(0.1)
    enough.set()
    other.join()
    found = replications(tmp_path)
    assert found == list(range(5, 5 + len(found)))


def append(run: Path, first: int, count: int) -> None:
    """Append rows, one a commit: what a process of a sweep does."""
    writer = committer(run)
    for replication in range(first, first + count):
        writer.add(row(replication))


def append_until(run: Path, enough: Event) -> None:
    """Append rows, one a commit, until it is enough."""
    writer = committer(run)
    for replication in itertools.count(5):
        writer.add(row(replication))
        if enough.wait(0.05):
            return


def test_rows_appended_during_compactions_are_all_there(tmp_path: Path) -> None:
    """Another process appends while this one compacts again and again: each row is there once."""
    filled(tmp_path, 5)
    spawn = multiprocessing.get_context("spawn")
    enough = spawn.Event()
    other = spawn.Process(target=append_until, args=(tmp_path, enough))
    other.start()
    compactions = 0
    while compactions < 3 and other.is_alive():
        before, after = maintenance.compact(tmp_path)
        compactions += after < before
        time.sleep(0.1)  # the other one needs the core too
    enough.set()
    other.join()
    assert other.exitcode == 0
    assert compactions == 3
    found = replications(tmp_path)
    assert found == list(range(len(found)))
    assert len(found) > 5


def test_of_compactions_at_once_no_row_is_lost_or_doubled(tmp_path: Path) -> None:
    """Three processes that end together all tidy up; whoever is second finds it done."""
    filled(tmp_path, 30)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(maintenance.compact_if_fragmented, [tmp_path] * 3)) == [None] * 3
    assert replications(tmp_path) == list(range(30))
    assert files(tmp_path) == 1


def test_a_compaction_that_another_process_has_claimed_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is compacted while a claim is young; a claim that was never given back ends."""
    filled(tmp_path, 2)
    monkeypatch.setattr(maintenance, "_PAUSE_S", 0)
    maintenance._set_claim(open_table(tmp_path), int(time.time()) - 3600)
    assert "another process rewrites" in str(maintenance.compact_if_fragmented(tmp_path))
    assert files(tmp_path) == 2
    maintenance._set_claim(open_table(tmp_path), int(time.time()) - A_WEEK_AND_A_DAY_S)
    assert maintenance.compact_if_fragmented(tmp_path) is None
    assert files(tmp_path) == 1


def test_a_table_is_tidied_where_it_has_many_files_for_its_rows(tmp_path: Path) -> None:
    """One file is left alone, to the last commit; more than 500 a million rows are not."""
    filled(tmp_path, 1)
    version = open_table(tmp_path).version()
    assert maintenance.compact_if_fragmented(tmp_path) is None
    assert open_table(tmp_path).version() == version
    append(tmp_path, 1, 3)
    assert maintenance.compact_if_fragmented(tmp_path) is None
    assert files(tmp_path) == 1
    assert replications(tmp_path) == [0, 1, 2, 3]


def test_two_files_are_few_where_there_are_rows_enough(tmp_path: Path) -> None:
    """2,000 rows for every file after the first are allowed to stand as they are."""
    create_table(tmp_path)
    writer = committer(tmp_path)
    for half in (0, 1):
        writer.add(pa.concat_tables([row(i) for i in range(half * 1001, half * 1001 + 1001)]))
    assert maintenance.compact_if_fragmented(tmp_path) is None
    assert files(tmp_path) == 2


def test_replaced_files_stay_for_a_week(tmp_path: Path) -> None:
    """A reader that began before the compaction finds its files, however old they are."""
    filled(tmp_path, 3)
    begun = read_results(tmp_path)
    for path in Path(results_folder(tmp_path)).glob("*.parquet"):
        os.utime(path, (time.time() - A_WEEK_AND_A_DAY_S,) * 2)
    maintenance.compact_if_fragmented(tmp_path)
    assert files(tmp_path) == 1
    assert begun.select(pl.len()).collect(engine="in-memory").item() == 3


def test_files_of_no_commit_go_once_nobody_can_be_about_to_commit_them(tmp_path: Path) -> None:
    """A killed writer's file is deleted after a week; a young one may yet be committed."""
    filled(tmp_path, 1)
    left, young = (Path(results_folder(tmp_path)) / f"{name}.parquet" for name in ("old", "new"))
    for path in (left, young):
        path.write_bytes(b"half a file")
    os.utime(left, (time.time() - A_WEEK_AND_A_DAY_S,) * 2)
    assert maintenance.vacuum(tmp_path, 0) == 0
    assert maintenance.compact_if_fragmented(tmp_path) is None
    assert (left.exists(), young.exists()) == (False, True)


def test_the_command_says_how_many_files_there_were_and_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files before and after, and how many were deleted, go to standard output."""
    filled(tmp_path, 6)
    assert main([f"run={tmp_path}", "keep_hours=0"]) == 0
    assert capsys.readouterr().out == (
        "data files: 6 before, 1 now\ndeleted: 6 files that were replaced more than 0 hours ago\n"
    )
    assert on_disk(tmp_path) == 1
    assert main([f"run={tmp_path}"]) == 0
    assert "data files: 1 before, 1 now\ndeleted: 0 files" in capsys.readouterr().out


@pytest.mark.parametrize("make", [lambda run: None, lambda run: (run / "results").mkdir()])
def test_without_a_table_there_is_nothing_to_tidy(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    """A folder that is no run is a user's mistake to the command; a sweep is told why."""
    make(tmp_path)
    with pytest.raises(UserError, match="no results table"):
        main([f"run={tmp_path}"])
    assert "no results table" in str(maintenance.compact_if_fragmented(tmp_path))
