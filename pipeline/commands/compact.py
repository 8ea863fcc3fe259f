"""Write the results of a run into few large files, and delete the small files.

usage: sitesweep compact [FOLDER] [keep_hours=168]

  outputs/paper    folder of the run (the default), or run=FOLDER; it may still be running
  keep_hours=168   how long replaced files stay for readers that opened the table before; 0
                   deletes all of them

A sweep compacts its own table when it ends. Exit codes: 0 done, 2 no results in that folder, or
another process is rewriting them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.folder import RunFolder
from pipeline.config.sections import Section, check
from pipeline.results import maintenance


class CompactConfig(Section):
    """Which table to compact, and how long to keep replaced files; at most about a century."""

    run: RunFolder
    keep_hours: Annotated[int, Field(ge=0, le=1_000_000)]


def main(words: list[str]) -> int:
    """Compact and vacuum the table of the run that the command line names."""
    config = check(CompactConfig, compose("compact", words, "run"))
    run = config.run
    before, after = maintenance.compact(run)
    print(f"data files: {before:,} before, {after:,} now")
    deleted = maintenance.vacuum(run, config.keep_hours)
    print(f"deleted: {deleted:,} files that were replaced more than {config.keep_hours} hours ago")
    return 0


if __name__ == "__main__":
    run_command(main, __doc__)
