"""What a report says: computed from the tables of runs, before anything is written or printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analysis import replication_report, summary, tables
from analysis.aggregate import INDICATORS, REFERENCE_ALPHA
from analysis.coverage import Coverage, count_coverage, select_study_rows, with_clusters
from analysis.figures.of_run import NEEDED, Captioned, draw_figures
from analysis.question import Question
from analysis.replication_report import ReplicationReport
from analysis.summary import Summary
from pipeline.results.schema import COORDINATE
from pipeline.results.united import United

COLUMNS = (*COORDINATE, *INDICATORS, "status", "bound", *NEEDED)
"""The columns of the results table that the paper's tables and the figures need."""


@dataclass(frozen=True)
class Findings:
    """What a report says.

    Parameters
    ----------
    united : United
        The runs.
    question : Question
        The reader's own question, or one that names nothing.
    rows : DataFrame
        The rows that the question is about, columns `COLUMNS`.
    summary : Summary
        Quantiles of the groups.
    coverage : Coverage or None
        Of the paper's study; None if the question is the reader's own, or no row is of the study.
    papers : dict of int to DataFrame
        The paper's tables beside ours; empty without coverage. Table 6 is missing without values
        relative to alpha = 20 at another alpha.
    replicated : ReplicationReport or None
        Claims and intervals; None if the question is the reader's own, or without replications.
    figures : sequence of Captioned
        All figures, some with a reason why there is none.
    """

    united: United
    question: Question
    rows: pl.DataFrame
    summary: Summary
    coverage: Coverage | None
    papers: dict[int, pl.DataFrame]
    replicated: ReplicationReport | None
    figures: Sequence[Captioned]


def find(united: United, question: Question) -> Findings:
    """Compute what a report says.

    Raises
    ------
    pipeline.config.errors.UserError
        The question does not fit the table.
    """
    built = summary.build_summary(united.table, question)
    selected = question.select(with_clusters(united.table))
    rows = selected.select(COLUMNS).collect(engine="in-memory")
    coverage = None if question.is_own else count_coverage(rows)
    if coverage is not None and not coverage.instances:
        coverage = None
    papers = {} if coverage is None else _build_papers(rows)
    replicated = None
    if coverage is not None:
        replicated = replication_report.build(united.table, united.runs[0])
    network = united.configurations[0].network
    figures = list(draw_figures(rows, papers.get(6), network))
    return Findings(united, question, rows, built, coverage, papers, replicated, figures)


def _build_papers(rows: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """Build the paper's tables; Table 6 only if the run has values relative to another alpha."""
    papers = tables.build(select_study_rows(rows))
    relative = papers[6].drop_nulls("ours").filter(pl.col("alpha") != REFERENCE_ALPHA)
    if relative.is_empty():
        del papers[6]
    return papers
