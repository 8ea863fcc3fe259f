"""Prints the comparison: the coverage of the study, and Tables 2 to 6 in the paper's layout."""

import sys
from collections.abc import Iterator

import polars as pl
from rich.box import Box
from rich.console import Console
from rich.table import Table

from analysis.aggregate import REFERENCE_ALPHA
from analysis.cell_format import (
    ALPHA,
    EMPTY_CELL,
    PRINTED_INDICATORS,
    CellKey,
    CellText,
    align,
    format_cells,
)
from analysis.coverage import Coverage, list_values
from analysis.footnotes import footnotes
from analysis.paper import ALLOCATIONS, ALPHAS, INSTANCES
from analysis.structure_labels import marked

WIDTH = 116
"""Width of the output in characters if it is not a terminal: that of the widest table."""

MAX_ALPHAS_PER_BLOCK = 4
"""Columns printed side by side at most, as in the paper; the others follow below."""

MAX_ALPHAS = 8
"""If a run has more, only those of the paper are printed; the CSV files have all."""

LABEL_WIDTH = len("(inferred)")
"""Width of the first column in characters."""

RULES = Box("────\n    \n────\n    \n────\n────\n    \n────\n")
"""Only horizontal rules: at the top, below the header, between sections, and at the bottom."""

LEGEND = (
    "Each cell is a median: ours / paper / ratio of ours to the paper's. z3 is the share of "
    "transport on the first : second stage; its ratio is that of the second-stage shares."
)

TITLES = {
    2: "one production cluster",
    3: "one production cluster, by allocation and by structure",
    4: "two production clusters, by allocation and by structure",
    5: "two production clusters",
    6: f"relative to {ALPHA} = {REFERENCE_ALPHA:g}, in percent",
}
"""Table -> its caption in the paper."""

UNITS = {
    "z1": "z1, total cost (tkm)",
    "z2": "z2, second-stage transport per customer (tkm)",
    "z3": "z3, transport on the first : second stage (%)",
    "z4": "z4, open production sites",
}

CLUSTERS = {"one": "one production cluster", "two": "two production clusters"}

Row = tuple[str, str, str]
"""A printed row: its label, and the group and the indicator of its cells."""

Section = tuple[str, list[Row]]
"""A header and the rows below it."""


def open_stdout() -> Console:
    """Open standard output: as wide as the terminal, or `WIDTH` if it is not a terminal."""
    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)


def print_coverage(console: Console, coverage: Coverage) -> None:
    """Print how much of the paper's study the run holds, and what is in no table of the paper.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    coverage : Coverage
        As `analysis.coverage.count_coverage` returns it.
    """
    replications = f", {coverage.replications} replications" if coverage.replications > 1 else ""
    lines = [f"{coverage.instances} of the paper's {INSTANCES} instances{replications}"]
    if coverage.statuses:
        lines.append(
            "status: " + ", ".join(f"{n:,} {name}" for name, n in coverage.statuses.items())
        )
    if coverage.other_alphas:
        alphas = list_values(coverage.other_alphas)
        lines.append(f"{ALPHA} not in the paper, shown without its numbers: {alphas}")
    if coverage.left_out:
        rows = f"{sum(coverage.left_out.values()):,} rows"
        reasons = ", ".join(f"{reason} ({n:,})" for reason, n in coverage.left_out.items())
        lines.append(f"left out, since in no table of the paper: {rows}, {reasons}")
    for line in lines:
        console.print(line, markup=False)


def print_tables(console: Console, tables: dict[int, pl.DataFrame]) -> None:
    """Print every table for which the run has rows; the others are named only.

    Groups and alphas without a row in the run are left out here; the CSV files have them.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    tables : dict of int to polars.DataFrame
        As `analysis.tables.build` returns them.
    """
    console.print(f"\n{LEGEND}", style="dim")
    for table, cells in tables.items():
        console.print(f"\n[bold]Table {table}[/]  Medians of the indicators, {TITLES[table]}")
        present = cells.filter(pl.col("rows") + pl.col("no_value") > 0)
        if present.is_empty():
            console.print("no rows in this run", style="dim")
            continue
        alphas = sorted(present.get_column("alpha").unique())
        if len(alphas) > MAX_ALPHAS:
            alphas = [alpha for alpha in alphas if alpha in ALPHAS]
        printed = cells.join(present.select("group").unique(), on="group", how="semi").filter(
            pl.col("alpha").is_in(alphas)
        )
        _print_blocks(console, table, format_cells(printed), alphas)
        for footnote in footnotes(table, printed, cells):
            console.print(footnote, style="dim")


def _print_blocks(
    console: Console, table: int, formatted: dict[CellKey, CellText], alphas: list[float]
) -> None:
    """Print a table in blocks of as many columns as fit side by side on the console."""
    for separator in (" / ", "/"):
        width = max(
            len(text)
            for _, sections in _layout(table, formatted)
            for alpha in alphas
            for text in _column(sections, alpha, formatted, separator)
        )
        # Two characters between columns, and one on either side of the block.
        columns = max(1, (console.width - LABEL_WIDTH - 2) // (width + 2))
        if columns >= min(MAX_ALPHAS_PER_BLOCK, len(alphas)):
            break
    step = min(columns, MAX_ALPHAS_PER_BLOCK)
    for start in range(0, len(alphas), step):
        for title, sections in _layout(table, formatted):
            if title or start > 0:
                console.print(f"\n[italic]{title}[/]" if title else "")
            console.print(
                _build_block(sections, alphas[start : start + step], formatted, separator, width)
            )


def _layout(table: int, formatted: dict[CellKey, CellText]) -> Iterator[tuple[str, list[Section]]]:
    """Arrange the rows of a table in blocks as the paper does; yield the title and the sections."""
    groups = list(dict.fromkeys(group for group, _, _ in formatted))
    if table in (2, 5):
        yield "", [("", [(z, groups[0], z) for z in PRINTED_INDICATORS])]
    elif table == 6:
        for group in groups:
            labels = ["z3 second" if z == "z3" else z for z in PRINTED_INDICATORS]
            rows = [(label, group, z) for label, z in zip(labels, PRINTED_INDICATORS, strict=True)]
            yield CLUSTERS[group], [("", rows)]
    else:
        allocations = [group for group in groups if group in ALLOCATIONS]
        structures = [group for group in groups if group not in ALLOCATIONS]
        for z in PRINTED_INDICATORS:
            yield (
                UNITS[z],
                [
                    ("allocation", [(group, group, z) for group in allocations]),
                    ("structure\n(inferred)", [(marked(group), group, z) for group in structures]),
                ],
            )


def _column(
    sections: list[Section],
    alpha: float,
    formatted: dict[CellKey, CellText],
    separator: str,
) -> list[str]:
    """Return the cells of an alpha, their parts one below the other."""
    rows = [row for _, section in sections for row in section]
    return align([formatted.get((group, z, alpha), EMPTY_CELL) for _, group, z in rows], separator)


def _build_block(
    sections: list[Section],
    alphas: list[float],
    formatted: dict[CellKey, CellText],
    separator: str,
    width: int,
) -> Table:
    """Build one block; every column of cells is `width` characters wide."""
    block = Table(box=RULES, padding=(0, 0, 0, 1), pad_edge=False)
    block.add_column(sections[0][0], no_wrap=True, min_width=LABEL_WIDTH)
    cells = []
    for alpha in alphas:
        block.add_column(f"{ALPHA} = {alpha:g}", justify="right", no_wrap=True, min_width=width)
        cells.append(_column(sections, alpha, formatted, separator))
    lines = iter(zip(*cells, strict=True))
    for number, (header, section) in enumerate(sections):
        if number > 0:
            block.add_section()
            block.add_row(header, style="bold")
            block.add_section()
        for label, _, _ in section:
            block.add_row(label, *next(lines))
    return block
