"""The deletion of error rows deletes only what was named, also while others write."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pyarrow as pa

from pipeline.results import maintenance
from tests.pipeline.results.one_row_commits import (
    append_until,
    committer,
    coordinates,
    fill,
    replications,
    row,
)


def test_only_error_rows_of_the_named_coordinates_are_deleted(tmp_path: Path) -> None:
    """Other error rows and rows with a result stay; deleted instances can be committed again."""
    fill(tmp_path, 3)
    writer, solved = committer(tmp_path), row(3)
    column = solved.schema.get_field_index("status")
    writer.add(solved.set_column(column, solved.schema.field("status"), pa.array(["optimal"])))
    maintenance.delete_error_rows(tmp_path, coordinates(pa.concat_tables([row(0), row(2), row(3)])))
    assert replications(tmp_path) == [1, 3]
    committer(tmp_path).add(row(0))
    assert replications(tmp_path) == [0, 1, 3]


def test_rows_appended_during_deletions_are_all_there(tmp_path: Path) -> None:
    """Another process appends while this one deletes repeatedly: none of its rows is lost."""
    fill(tmp_path, 5)
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    other = spawn.Process(target=append_until, args=(tmp_path, stop), daemon=True)
    other.start()
    for replication in range(5):
        maintenance.delete_error_rows(tmp_path, coordinates(row(replication)))
    while 5 not in replications(tmp_path):
        assert other.is_alive()
        time.sleep(0.1)
    stop.set()
    other.join()
    found = replications(tmp_path)
    assert found == list(range(5, 5 + len(found)))
