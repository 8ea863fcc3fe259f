"""What replications show: the claims, an interval for each number, and the place of the paper's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from analysis import claims, replications
from analysis.aggregate import INDICATORS
from analysis.claims_table import markdown
from analysis.csv_files import write_csv
from analysis.figures.replications import draw_replications
from analysis.replicated import OF_THE_PAPER, Study
from analysis.site_positions import Positions
from pipeline.plotting import style
from pipeline.results.schema import COORDINATE
from pipeline.results.stored_solution import draw_networks

COLUMNS = (*COORDINATE, *INDICATORS, "status", *claims.COLUMNS)
"""Columns of the results table that are read."""

DIGITS = 6
"""Significant digits of the numbers in files: more than an interval resolves."""

COUNTS_SCHEMA = {
    "tables": pl.String,
    "replications": pl.Int64,
    "central_percent": pl.Float64,
    "cells": pl.Int64,
    "outside": pl.Int64,
    "expected": pl.Float64,
    "p_value": pl.Float64,
}
"""Columns of `ReplicationReport.counts`."""


@dataclass(frozen=True)
class ReplicationReport:
    """Everything that is computed from the replications of a run.

    Attributes
    ----------
    claims : polars.DataFrame
        See `analysis.claims.to_frame`.
    cells : polars.DataFrame
        See `analysis.replications.compare`.
    counts : polars.DataFrame
        How many of the paper's numbers lie outside: ``tables``, then the attributes of
        `analysis.single_draws.Count`.
    replications : dict of str to int
        Allocation -> number of replications in which it has every structure and alpha.
    """

    claims: pl.DataFrame
    cells: pl.DataFrame
    counts: pl.DataFrame
    replications: dict[str, int]


def build(table: pl.LazyFrame, run: str) -> ReplicationReport | None:
    """Compute the report on replications; None if no allocation has two complete ones.

    Rows that are not proven optimal enter with their objective, and the claims count them.

    Parameters
    ----------
    table : polars.LazyFrame
        Columns `pipeline.results.schema.RESULTS`.
    run : str
        Folder of a run with the same networks, which are drawn again for distances.
    """
    rows = table.filter(OF_THE_PAPER).select(COLUMNS).collect(engine="in-memory")
    complete = Study.of_rows(rows).complete_replications()
    if max(complete.values()) < 2:
        return None

    def draw(coordinates: Iterable[tuple[str, str, int, int]]) -> Iterator[Positions]:
        return draw_networks(run, coordinates)

    study = claims.build_study(rows, draw)
    return ReplicationReport(
        claims=claims.to_frame(claims.decide(study)),
        cells=replications.compare(study),
        counts=pl.DataFrame(
            [{"tables": title} | asdict(count) for title, count in replications.count(study)],
            schema=COUNTS_SCHEMA,
        ),
        replications=complete,
    )


def write(report: ReplicationReport, folder: Path) -> list[Path]:
    """Write ``claims.csv``, ``replications.csv``, ``outside.csv``, ``claims.md`` and the figure.

    Returns
    -------
    list of pathlib.Path
        The files.
    """
    frames = {
        "claims": report.claims,
        "replications": report.cells,
        "outside": report.counts,
    }
    paths = [write_csv(frame, folder / f"{name}.csv", DIGITS) for name, frame in frames.items()]
    text = folder / "claims.md"
    text.write_text(markdown(report.claims), encoding="utf-8")
    paths.append(text)
    try:
        figure = draw_replications(report.cells)
    except style.NothingToDraw:
        return paths
    return [*paths, *style.write(figure, folder, "replications")]
