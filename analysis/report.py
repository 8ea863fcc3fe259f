"""The report on runs: writes tables, figures and a page, then prints what the tables answer."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from analysis import printing, replication_report, summary, tables
from analysis.aggregate import REFERENCE_ALPHA
from analysis.cell_format import ALPHA
from analysis.coverage import describe_rows
from analysis.findings import Findings, find
from analysis.page.of_findings import write_findings
from analysis.page.render import CLAIMS, FIGURES
from analysis.print_replications import print_replications
from analysis.question import Question
from analysis.summary_printing import print_summary
from pipeline.config.errors import Failure
from pipeline.plotting import style
from pipeline.results.completeness import Completeness
from pipeline.results.storage import staging_folder
from pipeline.results.united import United, unite


def report_runs(runs: Sequence[str], out: str, console: Console, question: Question) -> None:
    """Report on runs, as one table.

    Parameters
    ----------
    runs : sequence of str
        Folders of the runs, local or in an object store.
    out : str
        Folder to write to, local or in an object store.
    console : rich.console.Console
        Where to print.
    question : Question
        The reader's own question, or one that names nothing.

    Raises
    ------
    pipeline.config.errors.UserError
        A folder holds no run, the runs cannot be united, or the question does not fit the table.
    pipeline.config.errors.Failure
        If the folder cannot be written.
    """
    united = unite(runs)
    try:
        with staging_folder(out) as folder:
            write_report(united, question, folder, console)
    except OSError as error:
        raise Failure(f"cannot write to {out}: {error}") from error


def write_report(united: United, question: Question, folder: Path, console: Console) -> None:
    """Write and print the report on a results table.

    The summary of the groups is always written: ``tables/summary.csv`` and, in percent,
    ``tables/summary_relative.csv``. If the question names nothing and the table has
    instances of the paper's study, the paper's tables follow, and they are printed; else the
    summary is printed. With two replications or more, the claims follow, in ``claims/`` (see
    `analysis.replication_report`). The figures and the page ``report.html`` are always written.

    Parameters
    ----------
    united : United
        The runs.
    question : Question
        The reader's own question, or one that names nothing.
    folder : pathlib.Path
        Folder to write the files to.
    console : rich.console.Console
        Where to print.
    """
    found = find(united, question)
    # A reader that closes the pipe early, such as head, ends the printing but loses no file.
    paths = _write(found, folder)
    for note in united.notes:
        console.print(note, markup=False)
    _print_asked(console, united.completeness)
    if found.coverage is not None:
        printing.print_coverage(console, found.coverage)
        printing.print_tables(console, found.papers)
        if 6 not in found.papers:
            need = f"solved rows at {ALPHA} = {REFERENCE_ALPHA:g} and at another {ALPHA}"
            console.print(f"\nNo Table 6 and no Figure 6: they need {need}.")
    else:
        _print_summary(console, found)
    if found.replicated is not None:
        print_replications(console, found.replicated)
    console.print()
    if found.coverage is not None and found.replicated is None:
        console.print("No intervals and no claims: they need replications, as in sweep=replicated.")
    for drawn in found.figures:
        if drawn.figure is None and drawn.name != "figure6":
            console.print(f"No figure {drawn.name}: {drawn.reason}.", markup=False)
    for line in _list_files(paths):
        console.print(line, markup=False, soft_wrap=True)


def _write(found: Findings, folder: Path) -> list[Path]:
    """Write all files."""
    paths = summary.write(found.summary, folder / "tables")
    paths += tables.write(found.papers, folder / "tables")
    for drawn in found.figures:
        if drawn.figure is not None:
            paths += style.write(drawn.figure, folder / FIGURES, drawn.name)
    if found.replicated is not None:
        paths += replication_report.write(found.replicated, folder / CLAIMS)
    return paths + write_findings(found, folder)


def _print_asked(console: Console, asked: Completeness) -> None:
    """Print how much of what was asked of the run its table holds."""
    console.print(f"asked of this run: {asked}", markup=False)
    if asked.missing:
        done = asked.instances - asked.missing
        console.print(
            f"[bold]UNFINISHED[/]: {done:,} of {asked.instances:,} instances "
            f"({done / asked.instances:.0%}) have a row; all numbers may still change."
        )


def _print_summary(console: Console, found: Findings) -> None:
    """Print which rows the question is about, and their quantiles."""
    question = found.question
    if question.where is not None:
        console.print(f"where {question.where}", markup=False)
    console.print(describe_rows(found.rows.lazy()), markup=False)
    if found.summary.values.is_empty():
        console.print("There is nothing to summarise.")
        return
    print_summary(console, found.summary, question.groups, question.probabilities)


def _list_files(paths: Sequence[Path]) -> list[str]:
    """Say in one line for each folder which files were written; formats of one file together."""
    lines = []
    for place in dict.fromkeys(path.parent for path in paths):
        endings: dict[str, list[str]] = {}
        for path in paths:
            if path.parent == place:
                endings.setdefault(path.stem, []).append(path.suffix)
        names = ", ".join(stem + "|".join(found) for stem, found in endings.items())
        lines.append(f"{place}: {names}")
    return lines
