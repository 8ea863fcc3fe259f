"""Writes a table as a CSV file that is the same on every machine."""

from pathlib import Path

import polars as pl

from analysis.escape import without_formulas


def write_csv(frame: pl.DataFrame, path: Path, digits: int = 10) -> Path:
    """Write a frame as CSV; null is an empty field, and the folder is created if need be.

    The last digits of a number, which may differ between machines, are left out. A text that a
    spreadsheet program would run as a formula gets an apostrophe before it.

    Parameters
    ----------
    frame : polars.DataFrame
        The table.
    path : pathlib.Path
        The file.
    digits : int
        Significant digits of numbers at most; ten are more than any solver's gap resolves.

    Returns
    -------
    pathlib.Path
        The file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    rounded = frame.with_columns(pl.col(pl.Float64).round_sig_figs(digits))
    without_formulas(rounded).write_csv(path)
    return path
