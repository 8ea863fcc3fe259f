"""Compare the tables of two runs: which rows differ, by how much, and which sites moved.

usage: sitesweep compare FOLDER FOLDER [out=FILE.csv]

  outputs/a outputs/b   folders of the two runs
  out=FILE.csv          write every row that differs into this file

Prints a summary first, then the rows with the largest differences in cost. Two rows of the same
network agree within both gaps if no bound is above the cost of the other row; else one is wrong.
Exit codes: 0 no row contradicts another, 1 some do, 2 there are no results.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import polars as pl
from polars import selectors
from pydantic import AfterValidator
from rich.console import Console
from rich.table import Table

from analysis import printing
from analysis.comparison import COLUMNS, compare, summary_lines
from analysis.escape import without_formulas
from analysis.number_format import MISSING
from pipeline.config.command import FAILED, run_command
from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.folder import RunFolder, RunFolders, file_name
from pipeline.config.sections import Config, Section, check, validate
from pipeline.results import provenance
from pipeline.results.schema import COORDINATE, describe_coordinate
from pipeline.results.table import read_results
from pipeline.results.united import differing_keys, same_networks

MOST_PRINTED = 20
"""Rows that are printed; out= writes all."""


def _check_two(runs: tuple[RunFolder, ...]) -> tuple[RunFolder, ...]:
    if len(runs) != 2:
        raise ValueError(f"expected two folders, got {len(runs)}")
    return runs


class CompareConfig(Section):
    """Which runs to compare, and where to write."""

    run: Annotated[RunFolders, AfterValidator(_check_two)]
    out: Annotated[str, file_name(".csv")] | None


def main(words: list[str]) -> int:
    """Compare the two runs that the command line names."""
    config = check(CompareConfig, compose("compare", words, "run", 2))
    tables = [read_results(run).select(COLUMNS).collect(engine="in-memory") for run in config.run]
    first, second = (validate(provenance.read(run)["configuration"]) for run in config.run)
    keys = differing_keys(first, second)
    compared = compare(*tables, same_networks=same_networks(keys))
    if config.out is not None:
        _write(compared.filter("differs"), Path(config.out))
    console = printing.open_stdout()
    for line in (*_describe_runs(config.run, tables, first, second), *summary_lines(compared)):
        console.print(line, markup=False, soft_wrap=True)
    _print_largest(console, compared)
    contradict = compared.filter(~pl.col("within_gaps").fill_null(True)).height
    return FAILED if contradict else 0


def _describe_runs(
    runs: tuple[RunFolder, ...], tables: list[pl.DataFrame], first: Config, second: Config
) -> list[str]:
    """Name the runs, and the keys of their identities that differ."""
    lines = [
        f"{name:10} {run}: {table.height:,} rows"
        for name, run, table in zip(("first", "second"), runs, tables, strict=True)
    ]
    keys = differing_keys(first, second)
    for key, (one, other) in keys.items():
        lines.append(f"differ in  {key}: {one}, {other}")
    if not keys:
        lines.append("differ in  nothing that decides a row")
    if not same_networks(keys):
        lines.append("networks   differ: so do the problems, and rows cannot contradict each other")
    return lines


def _print_largest(console: Console, compared: pl.DataFrame) -> None:
    """Print the rows with the largest differences in cost, those that contradict first."""
    rows = compared.filter(pl.col("differs") & (pl.col("found_in") == "both"))
    if rows.is_empty():
        return
    largest = rows.sort(
        pl.col("within_gaps").fill_null(True),
        -pl.col("percent").abs().fill_null(0.0),
        *COORDINATE,
    ).head(MOST_PRINTED)
    table = Table(box=printing.RULES, padding=(0, 1, 0, 0), pad_edge=False)
    for header, side in (
        ("instance", "left"),
        ("z1, first", "right"),
        ("z1, second", "right"),
        ("%", "right"),
        ("within gaps", "left"),
        ("opened", "left"),
        ("closed", "left"),
    ):
        table.add_column(header, justify=side)  # type: ignore[arg-type]
    for row in largest.iter_rows(named=True):
        costs = [MISSING if row[n] is None else f"{row[n]:,.0f}" for n in _COSTS]
        percent = MISSING if row["percent"] is None else f"{row['percent']:+.3g}"
        proof = {None: MISSING, True: "yes", False: "NO"}[row["within_gaps"]]
        sites = [" ".join(map(str, row[name] or [])) for name in ("opened", "closed")]
        table.add_row(describe_coordinate(row), *costs, percent, proof, *sites)
    console.print()
    console.print(table)
    if rows.height > largest.height:
        more = rows.height - largest.height
        console.print(f"and {more:,} more rows that differ; out=FILE.csv writes all", style="dim")


_COSTS = ("z1_first", "z1_second")


def _write(rows: pl.DataFrame, path: Path) -> None:
    as_text = selectors.list().cast(pl.List(pl.String)).list.join(" ")
    try:
        without_formulas(rows.with_columns(as_text)).write_csv(path)
    except OSError as error:
        raise UserError(f"out: cannot write {path}: {error}") from None
    print(f"wrote {path}: {rows.height:,} rows", file=sys.stderr)


if __name__ == "__main__":
    run_command(main, __doc__)
