"""A commit is based on the version that its writer has seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake.exceptions import CommitFailedError

from pipeline.results import commit as module
from pipeline.results.commit import commit
from pipeline.results.data_file import write_data_file
from pipeline.results.table import create_table, open_table
from tests.pipeline.results.one_row_commits import committer, replications, row


def test_a_commit_to_an_old_version_is_rejected(tmp_path: Path) -> None:
    """Nothing is added; the same commit succeeds after the table was loaded again."""
    create_table(tmp_path)
    table = open_table(tmp_path)
    committer(tmp_path).add(row(0))
    file = write_data_file(tmp_path, [row(1)])
    with pytest.raises(CommitFailedError):
        commit(tmp_path, table, [file])
    assert replications(tmp_path) == [0]
    table.update_incremental()
    commit(tmp_path, table, [file])
    assert replications(tmp_path) == [0, 1]


def test_a_commit_returns_the_table_in_its_new_version(tmp_path: Path) -> None:
    """So the next commit can follow without a look at the log."""
    create_table(tmp_path)
    table = open_table(tmp_path)
    for number in range(3):
        table = commit(tmp_path, table, [write_data_file(tmp_path, [row(number)])])
        assert table.version() == number + 1
    assert replications(tmp_path) == [0, 1, 2]


def test_a_commit_with_a_checkpoint_returns_a_table_that_was_loaded_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others return the table that they were given, which keeps all entries since its load."""
    monkeypatch.setattr(module, "_CHECKPOINT_VERSIONS", 2)
    create_table(tmp_path)
    table = open_table(tmp_path)
    tables = [table]
    for number in range(4):
        table = commit(tmp_path, table, [write_data_file(tmp_path, [row(number)])])
        tables.append(table)
    assert [tables[i + 1] is tables[i] for i in range(4)] == [True, False, True, False]
    assert replications(tmp_path) == [0, 1, 2, 3]


def test_a_checkpoint_is_made_at_every_hundredth_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here at every second one; the rows can be read with and without the entries before it."""
    monkeypatch.setattr(module, "_CHECKPOINT_VERSIONS", 2)
    create_table(tmp_path)
    writer = committer(tmp_path)
    for number in range(5):
        writer.add(row(number))
    log = tmp_path / "results" / "_delta_log"
    assert sorted(int(path.name[:20]) for path in log.glob("*.parquet")) == [2, 4]
    for version in range(4):
        (log / f"{version:020}.json").unlink()
    assert replications(tmp_path) == [0, 1, 2, 3, 4]
