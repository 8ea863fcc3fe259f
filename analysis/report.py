"""The report on a run: reads its results table, prints and writes what the table answers."""

from pathlib import Path

import polars as pl
from rich.console import Console

from analysis import figures, printing, replication_report, summary, tables
from analysis.aggregate import INDICATORS, REFERENCE_ALPHA
from analysis.cell_format import ALPHA
from analysis.coverage import Coverage, count_coverage, describe_rows, select_study_rows
from analysis.print_replications import print_replications
from analysis.question import Question, with_clusters
from analysis.replication_report import ReplicationReport
from analysis.summary_printing import print_summary
from pipeline.config.errors import Failure
from pipeline.results import completeness, selections
from pipeline.results.completeness import Completeness
from pipeline.results.schema import COORDINATE
from pipeline.results.storage import staging_folder
from pipeline.results.table import read_results

COLUMNS = (*COORDINATE, *INDICATORS, "status", "bound")
"""The columns of the results table that the paper's tables need."""


def report_run(run: str, out: str, console: Console, question: Question) -> None:
    """Report on a run.

    Parameters
    ----------
    run : str
        Folder of the run, local or in an object store.
    out : str
        Folder to write to, local or in an object store.
    console : rich.console.Console
        Where to print.
    question : Question
        The reader's own question, or one that names nothing.

    Raises
    ------
    pipeline.config.errors.UserError
        If the folder holds no run, or the question does not fit its table.
    pipeline.config.errors.Failure
        If the folder cannot be written.
    """
    table = read_results(run)
    asked = completeness.of_union(table, selections.union(run))
    replicated = None if question.is_own else replication_report.build(run)
    try:
        with staging_folder(out) as folder:
            write_report(table, question, folder, console, asked, replicated)
    except OSError as error:
        raise Failure(f"cannot write to {out}: {error}") from error


def write_report(
    table: pl.LazyFrame,
    question: Question,
    folder: Path,
    console: Console,
    asked: Completeness | None = None,
    replicated: ReplicationReport | None = None,
) -> None:
    """Write and print the report on a results table.

    The summary of the groups is always written: ``tables/summary.csv`` and, in percent,
    ``tables/summary_relative.csv``. If the question names nothing and the table has
    instances of the paper's study, the paper's tables and its Figure 6 follow, and they are
    printed; else the summary is printed. With two replications or more, the claims follow, in
    ``claims/`` (see `analysis.replication_report`).

    Parameters
    ----------
    table : polars.LazyFrame
        Columns `pipeline.results.schema.RESULTS`, rows in any order.
    question : Question
        The reader's own question, or one that names nothing.
    folder : pathlib.Path
        Folder to write the files to.
    console : rich.console.Console
        Where to print.
    asked : Completeness, optional
        What was asked of the run, and how much of it the table holds.
    replicated : ReplicationReport, optional
        Claims and intervals, if the run has replications.
    """
    built = summary.build_summary(table, question)
    # A reader that closes the pipe early, such as head, ends the printing but loses no file.
    paths = summary.write(built, folder / "tables")
    coverage = None if question.is_own else _count_study(table)
    papers = {} if coverage is None else _build_paper(table)
    paths += tables.write(papers, folder / "tables")
    if 6 in papers:
        paths += figures.write(papers[6], folder / "figures")
    if replicated is not None:
        paths += replication_report.write(replicated, folder / "claims")
    if asked is not None:
        _print_asked(console, asked)
    if coverage is not None:
        printing.print_coverage(console, coverage)
        printing.print_tables(console, papers)
        if 6 not in papers:
            need = f"solved rows at {ALPHA} = {REFERENCE_ALPHA:g} and at another {ALPHA}"
            console.print(f"\nNo Table 6 and no Figure 6: they need {need}.")
    else:
        _print_summary(console, table, question, built)
    if replicated is not None:
        print_replications(console, replicated)
    console.print()
    if coverage is not None and replicated is None:
        console.print("No intervals and no claims: they need replications, as in sweep=replicated.")
    for place in dict.fromkeys(path.parent for path in paths):
        names = ", ".join(path.name for path in paths if path.parent == place)
        console.print(f"{place}: {names}", markup=False)


def _count_study(table: pl.LazyFrame) -> Coverage | None:
    """Count the instances of the paper's study; None if the table has none of them."""
    rows = table.select(*COORDINATE, "status").collect(engine="in-memory")
    coverage = count_coverage(rows)
    return coverage if coverage.instances else None


def _build_paper(table: pl.LazyFrame) -> dict[int, pl.DataFrame]:
    """Build the paper's tables; Table 6 only if the run has values relative to another alpha."""
    rows = table.select(COLUMNS).collect(engine="in-memory")
    papers = tables.build(select_study_rows(rows))
    relative = papers[6].drop_nulls("ours").filter(pl.col("alpha") != REFERENCE_ALPHA)
    if relative.is_empty():
        del papers[6]
    return papers


def _print_asked(console: Console, asked: Completeness) -> None:
    """Print how much of what was asked of the run its table holds."""
    console.print(f"asked of this run: {asked}", markup=False)
    if asked.missing:
        done = asked.instances - asked.missing
        console.print(
            f"[bold]UNFINISHED[/]: {done:,} of {asked.instances:,} instances "
            f"({done / asked.instances:.0%}) have a row; all numbers may still change."
        )


def _print_summary(
    console: Console, table: pl.LazyFrame, question: Question, built: summary.Summary
) -> None:
    """Print which rows the question is about, and their quantiles."""
    shown = question.select(with_clusters(table))
    if question.where is not None:
        console.print(f"where {question.where}", markup=False)
    console.print(describe_rows(shown), markup=False)
    if built.values.is_empty():
        console.print("There is nothing to summarise.")
        return
    print_summary(console, built, question.groups, question.probabilities)
