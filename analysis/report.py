"""The report on a run: reads its results table, writes tables and figures, prints them."""

from pathlib import Path

import polars as pl
from rich.console import Console

from analysis import figures, scope, tables, terminal
from analysis.aggregate import INDICATORS, REFERENCE_ALPHA
from analysis.cells import ALPHA
from pipeline.config.errors import Failure
from pipeline.results.schema import COORDINATE
from pipeline.results.storage import staged
from pipeline.results.table import read_results

COLUMNS = (*COORDINATE, *INDICATORS, "status")
"""The columns of the results table that the report needs."""


def report(run: str, console: Console) -> None:
    """Lay a run beside the paper: Tables 2 to 6 and Figure 6.

    Written are ``tables/table2.csv`` to ``table6.csv``, ``figures/figure6.svg`` and ``.png`` in
    the folder of the run. Without values relative to alpha = 20, Table 6 and Figure 6 are left
    out, and the report says so.

    Parameters
    ----------
    run : str
        Folder of the run, local or in an object store.
    console : rich.console.Console
        Where to print.

    Raises
    ------
    pipeline.config.errors.UserError
        If the folder holds no results table.
    pipeline.config.errors.Failure
        If the folder cannot be written.
    """
    rows = read_results(run).select(COLUMNS).collect(engine="in-memory")
    try:
        with staged(run) as folder:
            compose(rows, folder, console)
    except OSError as error:
        raise Failure(f"cannot write to {run}: {error}") from error


def compose(rows: pl.DataFrame, run: Path, console: Console) -> None:
    """Write and print the report on rows already read; see `report`.

    Parameters
    ----------
    rows : polars.DataFrame
        Rows of a results table, in any order.
    run : pathlib.Path
        Folder that the files are written to.
    console : rich.console.Console
        Where to print.
    """
    built = tables.build(scope.study(rows))
    comparable = not built[6].drop_nulls("ours").is_empty()
    if not comparable:
        del built[6]
    terminal.print_coverage(console, scope.coverage(rows))
    terminal.print_tables(console, built)
    console.print()
    if not comparable:
        need = f"{ALPHA} = {REFERENCE_ALPHA:g}"
        console.print(f"No Table 6 and no Figure 6: they need solved rows at {need}.")
    written = tables.write(built, run / "tables")
    if comparable:
        written += figures.write(built[6], run / "figures")
    for folder in dict.fromkeys(path.parent for path in written):
        names = ", ".join(path.name for path in written if path.parent == folder)
        console.print(f"{folder}: {names}", markup=False)
