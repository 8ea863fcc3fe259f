"""The report on a run: reads its results table, prints the tables, writes tables and figures."""

from pathlib import Path

import polars as pl
from rich.console import Console

from analysis import figures, printing, replication_report, tables
from analysis.aggregate import INDICATORS, REFERENCE_ALPHA
from analysis.cell_format import ALPHA
from analysis.coverage import count_coverage, select_study_rows
from analysis.print_replications import print_replications
from analysis.replication_report import ReplicationReport
from pipeline.config.errors import Failure
from pipeline.results import completeness, selections
from pipeline.results.schema import COORDINATE
from pipeline.results.storage import staging_folder
from pipeline.results.table import read_results

COLUMNS = (*COORDINATE, *INDICATORS, "status", "bound")
"""The columns of the results table that the report needs."""


def report_run(run: str, out: str, console: Console) -> None:
    """Compare a run with the paper: Tables 2 to 6 and Figure 6.

    Writes ``tables/table2.csv`` to ``table6.csv``, ``figures/figure6.svg`` and ``.png``. Without
    values relative to alpha = 20, Table 6 and Figure 6 are left out, and the report says so. With
    two replications or more, the claims follow, in ``claims/`` (see
    `analysis.replication_report`).

    Parameters
    ----------
    run : str
        Folder of the run, local or in an object store.
    out : str
        Folder to write to, local or in an object store.
    console : rich.console.Console
        Where to print.

    Raises
    ------
    pipeline.config.errors.UserError
        If the folder holds no run.
    pipeline.config.errors.Failure
        If the folder cannot be written.
    """
    table = read_results(run)
    asked = completeness.of_union(table, selections.union(run))
    console.print(f"asked of this run: {asked}", markup=False)
    rows = table.select(COLUMNS).collect(engine="in-memory")
    replicated = replication_report.build(run)
    try:
        with staging_folder(out) as folder:
            write_report(rows, folder, console, replicated)
    except OSError as error:
        raise Failure(f"cannot write to {out}: {error}") from error


def write_report(
    rows: pl.DataFrame, run: Path, console: Console, replicated: ReplicationReport | None = None
) -> None:
    """Write and print the report on rows already read; see `report_run`.

    Parameters
    ----------
    rows : polars.DataFrame
        Rows of a results table, in any order.
    run : pathlib.Path
        Folder to write the files to.
    console : rich.console.Console
        Where to print.
    replicated : ReplicationReport, optional
        Claims and intervals, if the run has replications.
    """
    built = tables.build(select_study_rows(rows))
    has_reference = not built[6].drop_nulls("ours").is_empty()
    if not has_reference:
        del built[6]
    # A reader that closes the pipe early, such as head, ends the printing but loses no file.
    paths = tables.write(built, run / "tables")
    if has_reference:
        paths += figures.write(built[6], run / "figures")
    if replicated is not None:
        paths += replication_report.write(replicated, run / "claims")
    printing.print_coverage(console, count_coverage(rows))
    printing.print_tables(console, built)
    if replicated is not None:
        print_replications(console, replicated)
    console.print()
    if not has_reference:
        need = f"{ALPHA} = {REFERENCE_ALPHA:g}"
        console.print(f"No Table 6 and no Figure 6: they need solved rows at {need}.")
    if replicated is None:
        console.print("No intervals and no claims: they need replications, as in sweep=replicated.")
    for folder in dict.fromkeys(path.parent for path in paths):
        names = ", ".join(path.name for path in paths if path.parent == folder)
        console.print(f"{folder}: {names}", markup=False)
