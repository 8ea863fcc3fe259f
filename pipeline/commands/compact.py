"""Put the results of a run into few large files, and delete the files that they replace.

usage: python -m pipeline.commands.compact [run=FOLDER] [keep_hours=168]

  run=outputs/paper   folder of the run (the default); it may still be running
  keep_hours=168      how long replaced files stay for readers that have begun; 0 deletes them all

A sweep does so at its end by itself. Exit codes: 0 done, 2 no results there, or another process
is at it.
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
    """Which table to compact, and what to keep; a century is for ever."""

    run: RunFolder
    keep_hours: Annotated[int, Field(ge=0, le=1_000_000)]


def main(words: list[str]) -> int:
    """Compact and vacuum the table of the run that the words name."""
    wanted = check(CompactConfig, compose("compact", words))
    run = wanted.run
    before, after = maintenance.compact(run)
    print(f"data files: {before:,} before, {after:,} now")
    deleted = maintenance.vacuum(run, wanted.keep_hours)
    print(f"deleted: {deleted:,} files that were replaced more than {wanted.keep_hours} hours ago")
    return 0


if __name__ == "__main__":
    run_command(main, __doc__)
