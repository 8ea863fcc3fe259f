"""A program that writes to a run and reports what is committed, for the simulated power cut.

usage: python -m tests.pipeline.results.commits_and_reports RUN REPORTS [maintenance|kills]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.results import commit, log, maintenance, storage
from pipeline.results.data_file import read_data_file, write_data_file
from pipeline.results.replacement import replace_rows
from pipeline.results.table import create_table, data_files, open_table
from tests.pipeline.results.one_row_commits import committer, row


class Reports:
    """A file to which each report is written at once."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)

    def write(self, report: str) -> None:
        """Write ``+N`` when row N is committed."""
        self._file.write(report.encode())


def commit_rows(run: Path, reports: Reports) -> None:
    """Create a run and commit three rows."""
    storage.create(run, "run.json", b"{}")
    reports.write("run.json")
    create_table(run)
    for replication in range(3):
        committer(run).add(row(replication))
        reports.write(f"+{replication}")


def maintain(run: Path, reports: Reports) -> None:
    """Compact, vacuum and replace a row, with a checkpoint every third version."""
    commit._CHECKPOINT_VERSIONS = 3
    maintenance.compact(run)
    maintenance.vacuum(run, 0)
    committer(run).add(row(3))
    reports.write("+3")
    assert replace_rows(run, row(0)) == 1
    maintenance.vacuum(run, 0)


def kill_writers(run: Path, reports: Reports) -> None:
    """Go on after a writer that was killed between a log entry and its flush."""
    writer = committer(run)
    with without_flushes_of_entries():
        committer(run).add(row(3))
    writer.add(row(4))
    reports.write("+4")
    files = data_files(open_table(run))
    joined = (rows for name in files for rows in read_data_file(run, name))
    added = write_data_file(run, joined, new_rows=False)
    with without_flushes_of_entries():
        maintenance.replace_files(run, list(files), [added], new_rows=False)
    maintenance.vacuum(run, 0)


@contextmanager
def without_flushes_of_entries() -> Iterator[None]:
    """Leave out the flushes of log entries."""
    flush_entry = log.flush_entry
    log.flush_entry = lambda table, version: None
    yield
    log.flush_entry = flush_entry


if __name__ == "__main__":
    out, report_file = Path(sys.argv[1]), Reports(Path(sys.argv[2]))
    commit_rows(out, report_file)
    for word in sys.argv[3:]:
        {"maintenance": maintain, "kills": kill_writers}[word](out, report_file)
