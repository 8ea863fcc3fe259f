"""Write the results table of a run into one file, to send or to open elsewhere.

usage: sitesweep export [FOLDER] out=FILE

  outputs/paper      folder of the run (the default), or run=FOLDER; it may still be running
  out=mine.parquet   the file: .parquet, or .csv, whose lists are numbers with spaces between

The rows are in the order of their coordinates. Exit codes: 0 done, 2 no results in that folder, or
the file cannot be written.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import polars as pl
from polars import selectors

from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.folder import RunFolder, file_name
from pipeline.config.sections import Section, check
from pipeline.results.schema import COORDINATE
from pipeline.results.table import read_results


class ExportConfig(Section):
    """Which table to write, and to which file."""

    run: RunFolder
    out: Annotated[str, file_name(".parquet", ".csv")]


def main(words: list[str]) -> int:
    """Write the table of the run that the command line names."""
    config = check(ExportConfig, compose("export", words, "run"))
    rows = read_results(config.run).sort(COORDINATE)
    path = Path(config.out)
    # No reader ever sees part of the file.
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        if path.suffix == ".csv":
            as_text = selectors.list().cast(pl.List(pl.String)).list.join(" ")
            rows.with_columns(as_text).sink_csv(unfinished)
        else:
            rows.sink_parquet(unfinished, compression="zstd")
        unfinished.replace(path)
    except OSError as error:
        raise UserError(f"out: cannot write {path}: {error}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    n_rows = pl.scan_parquet(path) if path.suffix == ".parquet" else pl.scan_csv(path)
    written = n_rows.select(pl.len()).collect(engine="streaming").item()
    print(f"wrote {path}: {written:,} rows", file=sys.stderr)
    return 0


if __name__ == "__main__":
    run_command(main, __doc__)
