"""Prints a summary: a row for each group and alpha, as many of them as a reader can take in."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.aggregate import quantile_name
from analysis.cell_format import ALPHA
from analysis.number_format import FORMATS, MISSING, RANGE_NOTE, Format, format_range, one_decimal
from analysis.printing import RULES
from analysis.structure_labels import MARKS_NOTE, marked
from analysis.summary import Summary

MAX_ROWS = 28
"""Rows printed of a table at most: four alphas of the paper's seven allocations."""

MIN_ALPHAS = 4
"""How many alphas of a group are printed at least, if there are so many."""

COLUMNS = {"z1": "z1, tkm", "z2": "z2, tkm", "z3_second": "z3 second, %", "z4": "z4"}
"""Printed indicator -> title of its column; the first stage's share of z3 is the rest to 100 %."""

LEGEND = (
    "z1: total cost, z2: second-stage transport per customer, z3: share of transport, "
    "z4: open sites"
)

GAP = 2
"""Characters between two columns."""


def print_summary(
    console: Console, summary: Summary, groups: tuple[str, ...], probabilities: Sequence[float]
) -> None:
    """Print the quantiles of the indicators, as values and in percent of the reference alpha.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    summary : Summary
        As `analysis.summary.build_summary` returns it; with at least one row.
    groups : tuple of str
        The columns of the groups, alpha last.
    probabilities : sequence of float
        Probabilities of the quantiles.
    """
    names = ", ".join(f"{100 * probability:g} %" for probability in probabilities)
    what = "Quantiles" if len(probabilities) > 1 else "The quantile"
    console.print(f"\n[bold]{what}[/] ({names}) of each group of n rows")
    console.print(LEGEND, style="dim")
    _print_part(console, summary.values, groups, probabilities, is_percent=False)
    if summary.percent is None:
        console.print(f"\nNothing relative to another {ALPHA}: there is only one.")
        return
    reference = f"{ALPHA} = {summary.reference_alpha:g}"
    console.print(f"\n[bold]The same in percent[/] of each network's value at {reference}")
    others = summary.percent.filter(pl.col("alpha") != summary.reference_alpha)
    _print_part(console, others, groups, probabilities, is_percent=True)


def select_rows(table: pl.DataFrame, groups: tuple[str, ...]) -> pl.DataFrame:
    """Select the rows to print: the first groups, and alphas spread evenly from least to greatest.

    Parameters
    ----------
    table : polars.DataFrame
        Values or percentages of a `Summary`.
    groups : tuple of str
        The columns of the groups, alpha last.

    Returns
    -------
    polars.DataFrame
        The rows of at most `MAX_ROWS` groups and alphas, in the same order.
    """
    alphas = sorted(table.get_column("alpha").unique())
    keys = table.select(groups[:-1]).unique(maintain_order=True) if groups[:-1] else None
    n_groups = 1 if keys is None else keys.height
    n_alphas = min(len(alphas), max(MIN_ALPHAS, MAX_ROWS // n_groups))
    last = len(alphas) - 1
    chosen = {alphas[round(i * last / max(1, n_alphas - 1))] for i in range(n_alphas)}
    table = table.filter(pl.col("alpha").is_in(chosen))
    if keys is None:
        return table
    kept = keys.head(max(1, MAX_ROWS // n_alphas))
    return table.join(kept, on=groups[:-1], how="semi", nulls_equal=True, maintain_order="left")


def _print_part(
    console: Console,
    table: pl.DataFrame,
    groups: tuple[str, ...],
    probabilities: Sequence[float],
    *,
    is_percent: bool,
) -> None:
    """Print the indicators side by side, those that do not fit below, and then the notes."""
    shown = select_rows(table, groups)
    by_indicator = {name: shown.filter(pl.col("indicator") == name) for name in COLUMNS}
    labels = row_labels(by_indicator["z1"], groups)
    width = console.width - sum(_width(header, texts) for header, texts in labels.items())
    for separator in (" / ", "\n"):
        columns = {
            title.partition(",")[0] if is_percent else title: [
                cell(row, probabilities, one_decimal if is_percent else FORMATS[name], separator)
                for row in rows.iter_rows(named=True)
            ]
            for (name, title), rows in zip(COLUMNS.items(), by_indicator.values(), strict=True)
        }
        if max(_width(header, texts) for header, texts in columns.items()) <= width:
            break
    for number, block in enumerate(_blocks(columns, width)):
        if number > 0:
            console.print()
        console.print(_build(labels, block))
    for note in notes(table, shown, groups):
        console.print(note, style="dim", markup=False)


def row_labels(rows: pl.DataFrame, groups: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the columns that name the rows: a group is named in its first row only.

    Parameters
    ----------
    rows : polars.DataFrame
        The rows of one indicator.
    groups : tuple of str
        The columns of the groups, alpha last.

    Returns
    -------
    dict of str to list of str
        Header -> text of every row: the groups, alpha, and ``n``, the number of rows.
    """
    headers = [*groups[:-1], ALPHA]
    columns: dict[str, list[str]] = {header: [] for header in headers}
    previous: tuple[object, ...] = ()
    for row in rows.select(groups).iter_rows():
        is_new = row[:-1] != previous
        for header, value in zip(headers[:-1], row[:-1], strict=True):
            columns[header].append(_text(value) if is_new else "")
        columns[ALPHA].append(_text(row[-1]))
        previous = row[:-1]
    counts = rows.select(pl.col("rows") + pl.col("no_value")).to_series()
    return columns | {"n": [f"{n:,}" for n in counts]}


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else marked(str(value))


def cell(
    row: dict[str, float | None], probabilities: Sequence[float], form: Format, separator: str
) -> str:
    """Format the quantiles of one group and indicator.

    Parameters
    ----------
    row : dict
        A row of a summary.
    probabilities : sequence of float
        Probabilities of the quantiles.
    form : callable
        Formats each number.
    separator : str
        Printed between the quantiles.
    """
    names = [quantile_name(probability) for probability in probabilities]
    texts = [format_range(row[f"{name}_least"], row[f"{name}_greatest"], form) for name in names]
    return MISSING if set(texts) == {MISSING} else separator.join(texts)


def _width(header: str, texts: list[str]) -> int:
    """Return the width of a column in characters, with the gap to the next one."""
    lines = [line for text in (header, *texts) for line in text.split("\n")]
    return max(map(len, lines)) + GAP


def _blocks(columns: dict[str, list[str]], width: int) -> Iterator[dict[str, list[str]]]:
    """Divide columns into blocks that are at most so wide; a block has at least one column."""
    block: dict[str, list[str]] = {}
    used = 0
    for header, texts in columns.items():
        needed = _width(header, texts)
        if block and used + needed > width:
            yield block
            block, used = {}, 0
        block[header] = texts
        used += needed
    yield block


def _build(labels: dict[str, list[str]], columns: dict[str, list[str]]) -> Table:
    """Build one block, with the labels on the left."""
    table = Table(box=RULES, padding=(0, 0, 0, 1), pad_edge=False)
    for header in labels:
        table.add_column(
            Text(header), no_wrap=True, justify="right" if header in (ALPHA, "n") else "left"
        )
    for header in columns:
        table.add_column(Text(header), no_wrap=True, justify="right")
    for cells in zip(*labels.values(), *columns.values(), strict=True):
        table.add_row(*map(Text, cells))
    return table


def notes(table: pl.DataFrame, shown: pl.DataFrame, groups: tuple[str, ...]) -> list[str]:
    """Say what is not printed, what is uncertain, and where quantiles rest on one row.

    Parameters
    ----------
    table, shown : polars.DataFrame
        All rows of a part of a summary, and those that are printed.
    groups : tuple of str
        The columns of the groups, alpha last.
    """
    notes = []
    one = shown.filter(pl.col("indicator") == "z1")
    for column, what in (
        ("no_value", "without a value"),
        ("not_certified", "not certified optimal"),
    ):
        most = max(one.get_column(column))
        if most:
            notes.append(f"Rows {what}: up to {most:,} of a group.")
    lower_ends = [name for name in shown.columns if name.endswith("_least")]
    is_range = pl.any_horizontal(
        pl.col(name) < pl.col(name.replace("_least", "_greatest")) for name in lower_ends
    )
    if not shown.filter(is_range).is_empty():
        notes.append(RANGE_NOTE)
    if not one.filter(pl.col("rows") + pl.col("no_value") == 1).is_empty():
        notes.append("n = 1: the quantiles of one row are its value.")
    if "structure" in groups:
        notes.append(f"Labels of structures are inferred: {MARKS_NOTE}")
    n_all = table.select(groups).unique().height
    n_shown = shown.select(groups).unique().height
    if n_shown < n_all:
        notes.append(
            f"Printed: {n_shown:,} of {n_all:,} combinations of {', '.join(groups)}; the CSV files "
            "hold all."
        )
    return notes
