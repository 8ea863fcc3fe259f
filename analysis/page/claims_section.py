"""The section on the paper's claims, and on the place of its numbers among single draws."""

from __future__ import annotations

import polars as pl

from analysis.claims.claim import UNDECIDED
from analysis.claims_table import HEADER, NOTE, cell_texts
from analysis.figures.of_run import Captioned
from analysis.figures.replications import draw_replications
from analysis.page.render import CLAIMS
from analysis.page.section import PageTable, Section
from analysis.print_replications import claim_footnotes, count_lines
from analysis.replication_report import ReplicationReport
from pipeline.plotting.style import NothingToDraw

TEXTS = ("claim", "case", "true if", "verdict")
"""Columns of text; the others are numbers."""


def claims_section(report: ReplicationReport) -> Section:
    """Show every claim with its number, its interval and its verdict.

    Parameters
    ----------
    report : analysis.replication_report.ReplicationReport
        Of a run with replications.
    """
    decided = report.claims.filter(pl.col("verdict") != UNDECIDED)
    numbers = ", ".join(f"{label} {n}" for label, n in report.replications.items())
    table = PageTable(
        name="claims",
        caption=f"Claims of the paper. Complete replications: {numbers}.",
        columns=HEADER,
        rows=tuple(cell_texts(row) for row in decided.iter_rows(named=True)),
        text_columns=frozenset(HEADER.index(name) for name in TEXTS[1:]),
        notes=(NOTE, *claim_footnotes(report.claims)),
    )
    question = "Would a study with one draw have printed the paper's numbers?"
    caption = (
        "Medians of studies with a single draw (range and quartiles) with the paper's; and the "
        "percentiles of the paper's numbers among single draws, which would be spread evenly."
    )
    try:
        drawn = Captioned("replications", caption, draw_replications(report.cells), place=CLAIMS)
    except NothingToDraw as reason:
        drawn = Captioned("replications", caption, None, str(reason), CLAIMS)
    return Section("claims", "Claims", [question, *count_lines(report.counts)], [table], [drawn])
