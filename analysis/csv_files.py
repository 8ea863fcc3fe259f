"""Writes a table as a CSV file that is the same on every machine."""

from pathlib import Path

import polars as pl

from analysis.escape import without_formulas


def write_csv(frame: pl.DataFrame, path: Path) -> Path:
    """Write a frame as CSV; null is an empty field, and the folder is created if need be.

    Numbers have at most ten significant digits. That is more than any solver's gap resolves, and
    it leaves out the last digits, which may differ between machines. A text that a spreadsheet
    program would run as a formula gets an apostrophe before it.

    Parameters
    ----------
    frame : polars.DataFrame
        The table.
    path : pathlib.Path
        The file.

    Returns
    -------
    pathlib.Path
        The file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    rounded = frame.with_columns(pl.col(pl.Float64).round_sig_figs(10))
    without_formulas(rounded).write_csv(path)
    return path
