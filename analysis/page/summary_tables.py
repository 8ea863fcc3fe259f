"""The summary of the groups as tables of a page: in the units of the table, and in percent."""

import polars as pl

from analysis.cell_format import ALPHA
from analysis.number_format import FORMATS, one_decimal
from analysis.page.section import PageTable
from analysis.question import Question
from analysis.summary import Summary
from analysis.summary_printing import COLUMNS, LEGEND, cell, notes, row_labels, select_rows


def summary_tables(summary: Summary, question: Question) -> list[PageTable]:
    """Arrange a summary; as many rows as are printed in a terminal.

    Parameters
    ----------
    summary : analysis.summary.Summary
        As `analysis.summary.build_summary` returns it.
    question : analysis.question.Question
        What it answers.
    """
    if summary.values.is_empty():
        return []
    names = ", ".join(f"{100 * probability:g} %" for probability in question.probabilities)
    tables = [_arrange(summary.values, question, "summary", f"Quantiles ({names}). {LEGEND}.")]
    if summary.percent is not None:
        reference = f"{ALPHA} = {summary.reference_alpha:g}"
        caption = f"Quantiles ({names}) in percent of each network's value at {reference}."
        others = summary.percent.filter(pl.col("alpha") != summary.reference_alpha)
        tables.append(_arrange(others, question, "summary_relative", caption))
    return tables


def _arrange(table: pl.DataFrame, question: Question, name: str, caption: str) -> PageTable:
    is_percent = name != "summary"
    shown = select_rows(table, question.groups)
    labels = row_labels(shown.filter(pl.col("indicator") == "z1"), question.groups)
    columns = {
        title.partition(",")[0] if is_percent else title: [
            cell(row, question.probabilities, one_decimal if is_percent else FORMATS[z], " / ")
            for row in shown.filter(pl.col("indicator") == z).iter_rows(named=True)
        ]
        for z, title in COLUMNS.items()
    }
    return PageTable(
        name=name,
        caption=caption,
        columns=(*labels, *columns),
        rows=tuple(zip(*labels.values(), *columns.values(), strict=True)),
        # The labels after the first, up to alpha and n, are texts.
        text_columns=frozenset(range(1, len(labels) - 2)),
        notes=tuple(notes(table, shown, question.groups)),
    )
