"""A log entry that lost its content is never read as a commit without rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.config.errors import Failure
from pipeline.engine.interface import error_table
from pipeline.results import commit
from pipeline.results.committer import Committer
from pipeline.results.maintenance import compact
from pipeline.results.table import (
    check_results_folder,
    create_table,
    open_table,
    read_results,
    results_folder,
    table_exists,
)
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job
from tests.pipeline.run_columns import RUN


def row(structure: str) -> pa.Table:
    """Make an error row."""
    return error_table(RUN, (Job(NetworkCoordinate("A1", structure), (2.0,), 1.0),), 1, "by a test")


def committer(run: Path) -> Committer:
    """Open a committer that commits every row immediately."""
    return Committer(run, 1, 3600.0, {"made by": "a test"})


def structures(run: Path) -> list[str]:
    """List the structures of the rows."""
    return sorted(read_results(run).collect(engine="in-memory")["structure"])


def entry(run: Path, version: int) -> Path:
    """Return the path of a log entry."""
    return Path(results_folder(run)) / "_delta_log" / f"{version:020}.json"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Give a run of three commits with one row each, at versions 1 to 3."""
    create_table(tmp_path)
    writer = committer(tmp_path)
    for structure in ("C1", "C2", "C3"):
        writer.add(row(structure))
    assert structures(tmp_path) == ["C1", "C2", "C3"]
    return tmp_path


def test_an_empty_last_entry_counts_as_not_committed(run: Path) -> None:
    """Readers see the version before it, and do not change the log."""
    entry(run, 3).write_bytes(b"")
    assert structures(run) == ["C1", "C2"]
    assert open_table(run).version() == 2
    assert entry(run, 3).exists()


def test_the_next_commit_replaces_an_empty_last_entry(run: Path) -> None:
    """The row of the lost commit is missing, so it is solved again and committed."""
    entry(run, 3).write_bytes(b"")
    writer = committer(run)
    assert sorted(writer.rows().collect()["structure"]) == ["C1", "C2"]
    writer.add(row("C3"))
    writer.add(row("C4"))
    assert structures(run) == ["C1", "C2", "C3", "C4"]
    assert entry(run, 3).stat().st_size > 0


def test_a_compaction_replaces_an_empty_last_entry(run: Path) -> None:
    """No entry of the compaction comes after the empty one, which would then be damage."""
    entry(run, 3).write_bytes(b"")
    compact(run)
    assert structures(run) == ["C1", "C2"]


@pytest.mark.parametrize("lose", [lambda path: path.write_bytes(b""), lambda path: path.unlink()])
def test_an_empty_or_missing_entry_before_the_last_one_is_an_error(run: Path, lose: object) -> None:
    """One line names the entry; nothing is read or written."""
    lose(entry(run, 2))  # type: ignore[operator]
    for function in (read_results, committer, compact):
        with pytest.raises(Failure) as failed:
            function(run)
        assert "\n" not in str(failed.value)
        assert f"{entry(run, 2)} is empty or missing" in str(failed.value)


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the checkpoint of a run of three commits, in the folder of the test."""
    monkeypatch.setattr(commit, "_CHECKPOINT_VERSIONS", 2)
    create_table(tmp_path)
    writer = committer(tmp_path)
    for structure in ("C1", "C2", "C3"):
        writer.add(row(structure))
    return entry(tmp_path, 2).with_suffix(".checkpoint.parquet")


@pytest.mark.parametrize(
    "lose",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:1000]),
        lambda path: path.unlink(),
    ],
    ids=["empty", "truncated", "missing"],
)
def test_a_damaged_checkpoint_is_named_and_the_next_writer_deletes_it(
    checkpoint: Path, tmp_path: Path, lose: Callable[[Path], None]
) -> None:
    """Readers change nothing and say what to delete in one line; no row is lost."""
    lose(checkpoint)
    with pytest.raises(Failure) as failed:
        read_results(tmp_path)
    assert "\n" not in str(failed.value)
    assert "_last_checkpoint" in str(failed.value)
    assert (checkpoint.name in str(failed.value)) == checkpoint.exists()
    committer(tmp_path).add(row("C4"))
    assert structures(tmp_path) == ["C1", "C2", "C3", "C4"]


def test_a_damaged_name_of_the_newest_checkpoint_does_not_matter(
    checkpoint: Path, tmp_path: Path
) -> None:
    """Without it, the checkpoints are found by their names."""
    for content in (b"", b"{"):
        checkpoint.with_name("_last_checkpoint").write_bytes(content)
        assert structures(tmp_path) == ["C1", "C2", "C3"]


def test_a_creation_that_was_lost_is_made_again(tmp_path: Path) -> None:
    """An empty first entry is a table that was never created, not a folder of another program."""
    create_table(tmp_path)
    entry(tmp_path, 0).write_bytes(b"")
    assert not table_exists(tmp_path)
    check_results_folder(tmp_path)
    create_table(tmp_path)
    committer(tmp_path).add(row("C1"))
    assert structures(tmp_path) == ["C1"]
