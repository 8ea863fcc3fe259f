"""A committed row stays, and the table never holds a coordinate twice."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from pipeline.config.errors import Failure, UserError
from pipeline.engine.interface import error_table
from pipeline.results.committer import Committer
from pipeline.results.table import create_table, read_results, results_folder
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job
from tests.pipeline.run_columns import RUN


def rows(*structures: str, alpha: float = 2.0) -> pa.Table:
    """Make an error row for each structure."""
    jobs = tuple(Job(NetworkCoordinate("A1", label), (alpha,), 1.0) for label in structures)
    return error_table(RUN, jobs, 1, "made by a test")


def committer(run: Path, commit_rows: int = 1) -> Committer:
    """Create the table, and open a committer that commits after so many rows."""
    create_table(run)
    return Committer(run, commit_rows, 3600.0, {"made by": "a test"})


def labels(run: Path) -> list[str]:
    """List the structures in a table."""
    return read_results(run).collect(engine="in-memory")["structure"].sort().to_list()


def test_rows_are_committed_at_the_end_even_after_an_error(tmp_path: Path) -> None:
    """The end of the context commits the rows that are left, also after an interrupt."""

    def interrupted() -> None:
        with committer(tmp_path, commit_rows=100) as open_committer:
            open_committer.add(rows("C1"))
            assert labels(tmp_path) == []
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert labels(tmp_path) == ["C1"]


def test_every_commit_records_the_run_metadata(tmp_path: Path) -> None:
    """The metadata of a commit in the log hold it as JSON."""
    committer(tmp_path).add(rows("C1"))
    newest = DeltaTable(results_folder(tmp_path)).history(1)[0]
    assert newest["sitesweep"] == '{"made by": "a test"}'


def test_writers_of_different_rows_append_side_by_side(tmp_path: Path) -> None:
    """Shards that opened the same empty table can all commit."""
    first, second = committer(tmp_path), committer(tmp_path)
    for label, writer in (("C1", first), ("C2", second), ("C3", first), ("C4", second)):
        writer.add(rows(label))
    assert labels(tmp_path) == ["C1", "C2", "C3", "C4"]


def test_of_two_drivers_of_the_same_rows_the_later_stops(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It stops when it finds rows of the earlier one; its own other rows are committed."""
    earlier, later = committer(tmp_path), committer(tmp_path)
    earlier.add(rows("C1"))
    with pytest.raises(UserError, match="another driver, which began earlier") as caught:
        later.add(rows("C1", "C2"))
    assert "\n" not in str(caught.value)
    assert labels(tmp_path) == ["C1", "C2"]
    assert "1 rows are left out" in capsys.readouterr().err


def test_of_two_drivers_of_the_same_rows_the_earlier_continues(tmp_path: Path) -> None:
    """It drops its rows of coordinates that the later one has committed: one always finishes."""
    earlier, later = committer(tmp_path), committer(tmp_path)
    later.add(rows("C1"))
    earlier.add(rows("C1", "C2"))
    earlier.add(rows("C3"))
    assert labels(tmp_path) == ["C1", "C2", "C3"]


def test_writers_continue_after_a_compaction(tmp_path: Path) -> None:
    """Compaction puts known rows into new files; writers do not take them for another driver's."""
    first, second = committer(tmp_path), committer(tmp_path)
    first.add(rows("C1"))
    first.add(rows("C2"))
    DeltaTable(results_folder(tmp_path)).optimize.compact()
    second.add(rows("C3"))
    first.add(rows("C4"))
    assert labels(tmp_path) == ["C1", "C2", "C3", "C4"]


def test_an_interrupt_right_after_a_commit_duplicates_nothing(tmp_path: Path) -> None:
    """Rows that were committed but are still pending in memory are not committed again."""

    class Interrupted(Committer):
        """A committer that is interrupted between the commit and the removal of its rows."""

        def _append(self, rows: pa.Table) -> None:
            super()._append(rows)
            raise KeyboardInterrupt

    create_table(tmp_path)

    def run() -> None:
        with Interrupted(tmp_path, 1, 3600.0, {}) as open_committer:
            open_committer.add(rows("C1"))

    with pytest.raises(KeyboardInterrupt):
        run()
    assert labels(tmp_path) == ["C1"]


@pytest.mark.parametrize("name", ["with space", "mit Umlaut ü", "#1", "a=b,c"])
def test_rows_of_other_writers_are_found_in_folders_of_any_name(tmp_path: Path, name: str) -> None:
    """Spaces, umlauts and signs in the folder's name do not matter."""
    earlier, later = committer(tmp_path / name), committer(tmp_path / name)
    later.add(rows("C1"))
    earlier.add(rows("C1", "C2"))
    assert labels(tmp_path / name) == ["C1", "C2"]


@contextmanager
def full_disk() -> Iterator[None]:
    """Let every write of this process fail, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_gives_a_one_line_error_and_costs_no_row(tmp_path: Path) -> None:
    """The table stays readable; the pending rows are committed once there is space again."""
    writer = committer(tmp_path)
    writer.add(rows("C1"))
    with full_disk(), pytest.raises(Failure) as caught:
        writer.add(rows("C2"))
    assert "\n" not in str(caught.value)
    assert "cannot commit" in str(caught.value)
    assert labels(tmp_path) == ["C1"]
    writer.commit()
    assert labels(tmp_path) == ["C1", "C2"]


def write_all(run: Path, number: int, start: float) -> None:
    """Commit the missing rows one by one; each driver number begins at another row."""
    writer = committer(run)
    done = set(writer.rows().collect(engine="in-memory")["structure"])
    time.sleep(max(0.0, start - time.time()))
    try:
        for i in range(25):
            label = f"C{(i + 6 * number) % 25 + 1}"
            if label not in done:
                writer.add(rows(label))
    except UserError:
        return


@pytest.mark.slow
def test_four_simultaneous_drivers_leave_every_row_once(tmp_path: Path) -> None:
    """In whatever order they commit, at least one driver finishes and no row is there twice."""
    create_table(tmp_path)
    context = multiprocessing.get_context("spawn")
    start = time.time() + 8
    drivers = [
        context.Process(target=write_all, args=(tmp_path, number, start)) for number in range(4)
    ]
    for driver in drivers:
        driver.start()
    for driver in drivers:
        driver.join()
        assert driver.exitcode == 0
    assert labels(tmp_path) == sorted(f"C{n}" for n in range(1, 26))
