"""The rows of a run, as two runs of one sweep are compared."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipeline.commands.run import main
from pipeline.results.schema import COORDINATE, NON_DETERMINISTIC
from pipeline.results.table import read_results, table_exists


def rows(run: Path) -> pl.DataFrame:
    """Read the columns in which two runs must agree, in a fixed order of rows."""
    table = read_results(run).drop(NON_DETERMINISTIC).sort(COORDINATE)
    return table.collect(engine="in-memory")


def rows_of_serial_run(words: list[str], run: Path) -> pl.DataFrame:
    """Run a sweep serially in a new folder; return its rows."""
    assert main([*words, "engine=serial", f"out={run}"]) == 0
    return rows(run)


def count_rows(run: Path) -> int:
    """Return the number of rows, 0 before there is a table."""
    if not table_exists(str(run)):
        return 0
    return read_results(run).select(pl.len()).collect(engine="in-memory").item()
