"""The summary of any results table: quantiles of the indicators by the groups of a question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars import selectors

from analysis.aggregate import (
    INDICATORS,
    NETWORK,
    REFERENCE_ALPHA,
    indicator_values,
    relative,
    summarise,
)
from analysis.coverage import with_clusters
from analysis.csv_files import write_csv
from analysis.natural_order import natural_order
from analysis.question import Question
from pipeline.config.errors import UserError, one_line

ROWS_AT_A_TIME = 5_000_000
"""Rows that are summarised together take up to a gigabyte of memory."""


@dataclass(frozen=True)
class Summary:
    """Quantiles of all indicators in every group.

    Attributes
    ----------
    values : polars.DataFrame
        A row for every group and indicator: the columns of the groups, ``indicator``, and the
        columns of `analysis.aggregate.summarise`, in the units of the results table. Sorted;
        labels that end in numbers by their numbers.
    percent : polars.DataFrame or None
        The same in percent of the reference alpha; None if there is no other alpha.
    reference_alpha : float
        The alpha that counts as 100 percent.
    """

    values: pl.DataFrame
    percent: pl.DataFrame | None
    reference_alpha: float


def build_summary(table: pl.LazyFrame, question: Question) -> Summary:
    """Summarise a results table.

    One indicator at a time is read, and at most about `ROWS_AT_A_TIME` rows, with the columns that
    their groups need: so a table may be larger than the memory.

    Parameters
    ----------
    table : polars.LazyFrame
        Columns `pipeline.results.schema.RESULTS`.
    question : Question
        Which rows, groups and quantiles. Rows at the reference alpha need not satisfy its
        condition. Without a reference alpha it is 20, or the largest alpha if there is no 20.

    Returns
    -------
    Summary
        The quantiles.

    Raises
    ------
    pipeline.config.errors.UserError
        No row has the reference alpha, or the condition cannot be evaluated for some row.
    """
    table = with_clusters(table)
    try:
        rows = question.select(table)
        reference_alpha = _reference_alpha(sorted(_count_rows(table)), question)
        values = summarise_values(rows, question)
        percent = None
        if set(values.get_column("alpha")) - {reference_alpha}:
            percent = summarise_percent(rows, question, table, reference_alpha)
    except pl.exceptions.PolarsError as error:
        if question.where is None:
            raise
        raise UserError(f"where: {one_line(str(error).partition(chr(10))[0])}") from None
    return Summary(values, percent, reference_alpha)


def summarise_values(rows: pl.LazyFrame, question: Question) -> pl.DataFrame:
    """Compute the quantiles of all indicators in every group.

    Parameters
    ----------
    rows : polars.LazyFrame
        Rows of a results table, with the column ``clusters`` if it makes the groups.
    question : Question
        Which groups and quantiles.

    Returns
    -------
    polars.DataFrame
        As `Summary.values`.
    """

    def select(part: pl.LazyFrame, indicator: str) -> pl.LazyFrame:
        return _compact(indicator_values(part, indicator, question.groups))

    return _summarise(rows, question, select)


def summarise_percent(
    rows: pl.LazyFrame, question: Question, table: pl.LazyFrame, reference_alpha: float
) -> pl.DataFrame:
    """Compute the quantiles of all indicators in percent of each network's reference.

    Parameters
    ----------
    rows : polars.LazyFrame
        As for `summarise_values`.
    question : Question
        Which groups and quantiles.
    table : polars.LazyFrame
        Where the rows at the reference alpha are.
    reference_alpha : float
        The alpha that counts as 100 percent.

    Returns
    -------
    polars.DataFrame
        As `Summary.percent`.
    """
    kept = tuple(dict.fromkeys((*question.groups, *NETWORK)))
    references = table.filter(pl.col("alpha") == reference_alpha)

    def select(part: pl.LazyFrame, indicator: str) -> pl.LazyFrame:
        among = _compact(indicator_values(references, indicator, (*NETWORK, "alpha")))
        return relative(_compact(indicator_values(part, indicator, kept)), reference_alpha, among)

    return _summarise(rows, question, select)


def _count_rows(rows: pl.LazyFrame) -> dict[float, int]:
    """Count the rows at every alpha."""
    counts = rows.group_by("alpha").agg(pl.len()).collect(engine="in-memory")
    return dict(counts.sort("alpha").iter_rows())


def _reference_alpha(alphas: list[float], question: Question) -> float:
    """Choose the alpha that counts as 100 percent."""
    chosen = question.reference_alpha
    if chosen is None:
        return (
            REFERENCE_ALPHA if REFERENCE_ALPHA in alphas else max(alphas, default=REFERENCE_ALPHA)
        )
    if alphas and chosen not in alphas:
        ends = f"{alphas[0]:g}" if len(alphas) == 1 else f"{alphas[0]:g} to {alphas[-1]:g}"
        raise UserError(f"reference_alpha: no row has alpha {chosen:g}; the table has {ends}")
    return chosen


def _summarise(
    rows: pl.LazyFrame,
    question: Question,
    select: Callable[[pl.LazyFrame, str], pl.LazyFrame],
) -> pl.DataFrame:
    """Summarise the values that `select` makes of some rows and an indicator; sort the groups."""
    groups = question.groups
    batches = _batches(_count_rows(rows))
    parts = []
    for indicator in INDICATORS:
        summaries = [
            summarise(
                select(rows.filter(pl.col("alpha").is_in(alphas)), indicator),
                groups,
                question.probabilities,
            ).collect(engine="in-memory")
            for alphas in batches
        ]
        labels = selectors.categorical().cast(pl.String)
        whole = pl.concat(summaries).with_columns(labels, indicator=pl.lit(indicator))
        parts.append(natural_order(whole, *groups))
    return pl.concat(parts).select(*groups, "indicator", pl.exclude(*groups, "indicator"))


def _batches(counts: dict[float, int]) -> list[list[float]]:
    """Divide the alphas so that each part has few rows: no group extends over two alphas."""
    n_batches = min(len(counts), -(-sum(counts.values()) // ROWS_AT_A_TIME))
    return [list(counts)[number::n_batches] for number in range(n_batches)] or [[]]


def _compact(values: pl.LazyFrame) -> pl.LazyFrame:
    """Store labels as numbers: they take a quarter of the memory."""
    return values.with_columns(selectors.string().cast(pl.Categorical))


def write(summary: Summary, folder: Path) -> list[Path]:
    """Write ``summary.csv`` and ``summary_relative.csv``; without percentages its header alone.

    Parameters
    ----------
    summary : Summary
        As `build_summary` returns it.
    folder : pathlib.Path
        Folder to write to; created if it does not exist.

    Returns
    -------
    list of pathlib.Path
        The files written.
    """
    relative_to = pl.lit(summary.reference_alpha)
    percent = summary.values.clear() if summary.percent is None else summary.percent
    return [
        write_csv(summary.values, folder / "summary.csv"),
        write_csv(
            percent.with_columns(reference_alpha=relative_to), folder / "summary_relative.csv"
        ),
    ]
