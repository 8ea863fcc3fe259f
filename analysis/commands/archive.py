"""Write a run into one ZIP file for a journal: table, report, versions, checksums.

usage: sitesweep archive [FOLDER] out=FILE.zip

  outputs/paper   folder of the run (the default), or run=FOLDER
  out=mine.zip    the file

It holds the table as Parquet, the meaning of its columns, run.json, the lock file of the packages,
the report with its tables and figures, and SHA-256 checksums. The same run gives the same bytes.
Exit codes: 0 done, 2 no results in that folder, or the file cannot be written.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

from rich.console import Console

from analysis.archive import write_archive
from analysis.question import Question
from analysis.report import report_runs
from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.folder import RunFolder, file_name
from pipeline.config.sections import Section, check
from pipeline.results.united import unite


class ArchiveConfig(Section):
    """Which run to archive, and in which file."""

    run: RunFolder
    out: Annotated[str, file_name(".zip")]


def main(words: list[str]) -> int:
    """Archive the run that the command line names."""
    config = check(ArchiveConfig, compose("archive", words, "run"))
    path = Path(config.out)
    if not path.parent.is_dir():
        raise UserError(f"out: no folder {path.parent}")
    completeness = unite([config.run]).completeness
    # No reader ever sees part of the file.
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with tempfile.TemporaryDirectory() as folder:
            report_runs([config.run], folder, Console(quiet=True), Question())
            names = write_archive(config.run, Path(folder), str(completeness), unfinished)
        unfinished.replace(path)
    except OSError as error:
        raise UserError(f"out: cannot write {path}: {error}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    size_mb = path.stat().st_size / 1e6
    print(f"wrote {path}: {len(names)} files, {size_mb:,.1f} MB; {completeness}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    run_command(main, __doc__)
