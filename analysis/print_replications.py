"""Prints the claims, and how many of the paper's numbers lie outside those of single draws."""

from __future__ import annotations

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.claims.claim import UNDECIDED
from analysis.claims_table import HEADER, NOTE, cell_texts
from analysis.printing import RULES
from analysis.replication_report import ReplicationReport


def print_replications(console: Console, report: ReplicationReport) -> None:
    """Print the claims and the counts of numbers outside.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    report : ReplicationReport
        Of a run.
    """
    numbers = ", ".join(f"{label} {n}" for label, n in report.replications.items())
    console.print(f"\n[bold]Claims of the paper[/]  complete replications: {numbers}")
    decided = report.claims.filter(pl.col("verdict") != UNDECIDED)
    _print_claims(console, [cell_texts(row) for row in decided.iter_rows(named=True)])
    console.print(NOTE, style="dim", markup=False)
    for line in claim_footnotes(report.claims):
        console.print(line, style="dim", markup=False)
    console.print("\n[bold]Would a study with one draw have printed the paper's numbers?[/]")
    for line in count_lines(report.counts):
        console.print(line, markup=False)


def _print_claims(console: Console, rows: list[tuple[str, ...]]) -> None:
    """Print a line for each case; the name of a claim stands in its first line only."""
    table = Table(box=RULES, padding=(0, 0, 0, 1), pad_edge=False)
    for title in HEADER:
        right = title in ("paper", "ours", "draws")
        table.add_column(title, no_wrap=True, justify="right" if right else "left")
    last = ""
    for row in rows:
        name = "" if row[0] == last else row[0]
        cells: list[str] = [escape(cell) for cell in row[1:]]
        table.add_row(name, *cells)
        last = row[0]
    console.print(table)


def claim_footnotes(claims: pl.DataFrame) -> list[str]:
    """Write the notes below the claims that apply."""
    lines = ["claims.csv has the paper's sentence and the definition of each number."]
    undecided = claims.filter(pl.col("verdict") == UNDECIDED).height
    if undecided:
        lines.append(
            f"Not decided and not printed: {undecided} of {claims.height}, because no two "
            "replications have all their networks."
        )
    unproven = int(claims.select(pl.col("uncertified").max().fill_null(0)).item())
    if unproven:
        lines.append(f"Rows not proven optimal enter with their objective: up to {unproven}.")
    return lines


def count_lines(counts: pl.DataFrame) -> list[str]:
    """Say how many of the paper's numbers are outside, and how many were to be expected."""
    lines = [
        f"{row['tables']}, {row['cells']} numbers over {row['replications']} replications: "
        f"{row['outside']} outside the central {row['central_percent']:.0f} %, "
        f"{row['expected']:.1f} expected; {100 * row['p_value']:.0f} % of such studies have as many"
        for row in counts.iter_rows(named=True)
    ]
    return lines or ["The run has too few complete replications to say."]
