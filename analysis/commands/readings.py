"""Compare readings of the generator with the paper, and infer the labels C1 to C25.

usage: sitesweep readings runs=[FOLDER,FOLDER,...] [out=FOLDER]

  runs=[...]      folders of runs, such as outputs/paper and one with network=fitted; each has all
                  allocations and structures. Runs of the same reading are united; labels and
                  demand are inferred at the first two readings, from 10 replications
  out=FOLDER      where to write; the default is outputs/readings

Prints, and writes as readings.md and as one CSV file each: how far structures differ from each
other, beside the paper; which structure each label most probably is; the total demand that the
paper's rows imply; Table 6. Each replication is a study with one draw, as the paper's.
Exit codes: 0 done, 1 the folder cannot be written, 2 a folder holds no run, or too little.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import BeforeValidator, Field

from analysis.readings import markdown
from analysis.readings.compare import MIN_DRAWS, compare, describe_rows
from analysis.readings.reading import load
from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.errors import Failure, UserError
from pipeline.config.folder import RunFolder
from pipeline.config.sections import Section, check
from pipeline.results.storage import staging_folder


def _one_or_more(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,)


class ReadingsConfig(Section):
    """Which runs to compare, and where to write."""

    runs: Annotated[tuple[RunFolder, ...], Field(min_length=1), BeforeValidator(_one_or_more)]
    out: RunFolder


def main(words: list[str]) -> int:
    """Compare the runs that the command line names."""
    config = check(ReadingsConfig, compose("readings", words))
    readings = load(config.runs)
    tables = compare(readings)
    if not tables:
        raise UserError(
            f"{', '.join(config.runs)}: expected at least {MIN_DRAWS} replications with a solution "
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
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        rounded = table.with_columns(pl.col(pl.Float64).round_sig_figs(6))
        rounded.write_csv(folder / f"{name}.csv")
    (folder / "readings.md").write_text(markdown.write(tables), encoding="utf-8")


if __name__ == "__main__":
    run_command(main, __doc__)
