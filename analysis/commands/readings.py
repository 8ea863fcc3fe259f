"""Compare readings of the generator with the paper, and infer the labels C1 to C25.

usage: sitesweep readings FOLDER [FOLDER ...] [out=FOLDER]

  FOLDER ...   folders of runs, such as outputs/replicated and one with network=fitted; each has
               all allocations and structures. Runs of the same reading are united; labels and
               demand are inferred at the first two readings, from 10 replications
  out=FOLDER   where to write; the default is outputs/readings

Prints, and writes as readings.md and as one CSV file each: how far structures differ from each
other, beside the paper; which structure each label most probably is; the total demand that the
paper's rows imply; Table 6. Each replication is a study with one draw, as the paper's.
Exit codes: 0 done, 1 the folder cannot be written, 2 a folder holds no run, or too little.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from analysis.csv_files import write_csv
from analysis.readings import markdown
from analysis.readings.compare import MIN_DRAWS, compare, describe_rows
from analysis.readings.reading import load
from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.errors import Failure, UserError
from pipeline.config.folder import RunFolder, RunFolders
from pipeline.config.sections import Section, check
from pipeline.results.storage import staging_folder

DIGITS = 6
"""Significant digits of the numbers in files."""

MOST_RUNS = 100
"""Runs that one comparison takes at most."""


class ReadingsConfig(Section):
    """Which runs to compare, and where to write."""

    run: RunFolders
    out: RunFolder


def main(words: list[str]) -> int:
    """Compare the runs that the command line names."""
    config = check(ReadingsConfig, compose("readings", words, "run", MOST_RUNS))
    readings = load(config.run)
    tables = compare(readings)
    if not tables:
        raise UserError(
            f"{', '.join(config.run)}: expected at least {MIN_DRAWS} replications with a solution "
            "of every allocation, structure and alpha of the paper"
        )
    try:
        with staging_folder(config.out) as folder:
            write(tables, folder)
    except OSError as error:
        raise Failure(f"cannot write to {config.out}: {error}") from error
    print("\n".join(describe_rows(readings)), markdown.write(tables), sep="\n\n")
    print(f"{config.out}: readings.md, {', '.join(f'{name}.csv' for name in tables)}")
    return 0


def write(tables: dict[str, pl.DataFrame], folder: Path) -> None:
    """Write the tables as CSV, and all together as Markdown."""
    for name, table in tables.items():
        write_csv(table, folder / f"{name}.csv", DIGITS)
    (folder / "readings.md").write_text(markdown.write(tables), encoding="utf-8")


if __name__ == "__main__":
    run_command(main, __doc__)
