"""What a report is made of: sections with text, tables and figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
from polars import selectors

from analysis.figures.of_run import Captioned
from analysis.number_format import MISSING


@dataclass(frozen=True)
class PageTable:
    """A table as it is printed: all cells are text.

    Parameters
    ----------
    name : str
        Name of its LaTeX file, without the ending, and its anchor in the page.
    caption : str
        What it shows.
    columns : tuple of str
        Headers; the first column holds the labels of the rows.
    rows : tuple of tuple of str
        One cell for each column; or the label alone, as a header of the rows below it.
    spans : tuple of (str, int)
        Headers above the columns after the first, each with the number of columns below it.
    text_columns : frozenset of int
        Positions of the columns that hold text, so are aligned to the left.
    notes : tuple of str
        Footnotes.
    """

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    spans: tuple[tuple[str, int], ...] = ()
    text_columns: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Parameters
    ----------
    anchor : str
        Its name in the address of the page; of letters, digits and hyphens.
    title : str
        Its heading, also in the list of contents.
    text : sequence of str
        Paragraphs above the tables.
    tables : sequence of PageTable
        Tables, in their order.
    figures : sequence of Captioned
        Figures, below the tables.
    warning : str
        A sentence that must not be overlooked.
    """

    anchor: str
    title: str
    text: Sequence[str] = ()
    tables: Sequence[PageTable] = ()
    figures: Sequence[Captioned] = field(default=())
    warning: str = ""


def table_of(frame: pl.DataFrame, name: str, caption: str, notes: Sequence[str] = ()) -> PageTable:
    """Print a frame: whole numbers with thousands separators, others with four digits.

    Parameters
    ----------
    frame : polars.DataFrame
        The names of its columns are the headers; the first column holds the labels.
    name, caption, notes
        See `PageTable`.
    """
    text = frame.select(_TEXT).columns
    return PageTable(
        name=name,
        caption=caption,
        columns=tuple(frame.columns),
        rows=tuple(tuple(map(_print_value, row)) for row in frame.iter_rows()),
        text_columns=frozenset(
            number for number, column in enumerate(frame.columns) if column in text
        ),
        notes=tuple(notes),
    )


_TEXT = selectors.string(include_categorical=True) | selectors.by_dtype(pl.Enum)


def _print_value(value: object) -> str:
    match value:
        case None:
            return MISSING
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"
        case _:
            return str(value)
