"""Prints the comparison: what the run holds, and Tables 2 to 6 laid out like the paper's."""

import sys
from collections.abc import Iterator

import polars as pl
from rich.box import Box
from rich.console import Console
from rich.table import Table

from analysis.aggregate import REFERENCE_ALPHA
from analysis.cells import ALPHA, NOTHING, SHOWN, Key, Texts, align, texts
from analysis.notes import notes
from analysis.paper import ALLOCATIONS, INSTANCES
from analysis.scope import Coverage

WIDTH = 116
"""Columns of the output where there is no terminal to ask: those of the widest table."""

ALPHAS_A_BLOCK = 4
"""At most so many columns side by side, as in the paper; further ones follow below."""

LABEL = len("(inferred)")
"""Width of the first column."""

RULES = Box("────\n    \n────\n    \n────\n────\n    \n────\n")
"""Horizontal rules only: above, below the head, between sections, below."""

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
"""What the paper's captions say of each table."""

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
"""Rows under a head."""


def stdout() -> Console:
    """Open standard output: as wide as the terminal, or of a fixed width if there is none."""
    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)


def print_coverage(console: Console, found: Coverage) -> None:
    """Say what the table holds of the paper's study, and what belongs to no table of the paper.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    found : Coverage
        As `analysis.scope.coverage` counts it.
    """
    replications = f", {found.replications} replications" if found.replications > 1 else ""
    lines = [f"{found.instances} of the paper's {INSTANCES} instances{replications}"]
    if found.statuses:
        lines.append("status: " + ", ".join(f"{n:,} {name}" for name, n in found.statuses.items()))
    if found.other_alphas:
        alphas = ", ".join(f"{alpha:g}" for alpha in found.other_alphas)
        lines.append(f"{ALPHA} not in the paper, shown without its numbers: {alphas}")
    if found.left_out:
        rows = f"{sum(found.left_out.values()):,} rows"
        reasons = ", ".join(f"{reason} ({n:,})" for reason, n in found.left_out.items())
        lines.append(f"left out, since in no table of the paper: {rows}, {reasons}")
    for line in lines:
        console.print(line, markup=False)


def print_tables(console: Console, tables: dict[int, pl.DataFrame]) -> None:
    """Print every table of which the run has rows, and name the others.

    Groups and alphas without a row in the run are not printed; the CSV files have them.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    tables : dict of int to polars.DataFrame
        As `analysis.tables.build` gives them.
    """
    console.print(f"\n{LEGEND}", style="dim")
    for table, cells in tables.items():
        console.print(f"\n[bold]Table {table}[/]  Medians of the indicators, {TITLES[table]}")
        present = cells.filter(pl.col("rows") + pl.col("no_value") > 0)
        if present.is_empty():
            console.print("no rows in this run", style="dim")
            continue
        shown = cells.join(present.select("group").unique(), on="group", how="semi").join(
            present.select("alpha").unique(), on="alpha", how="semi"
        )
        _print_blocks(console, table, texts(shown), sorted(present.get_column("alpha").unique()))
        for note in notes(table, shown, cells):
            console.print(note, style="dim")


def _print_blocks(
    console: Console, table: int, written: dict[Key, Texts], alphas: list[float]
) -> None:
    """Print the blocks of a table, with as many columns side by side as the console has room."""
    for separator in (" / ", "/"):
        column = max(len(text) for cell in written.values() for text in align([cell], separator))
        # Two characters between columns, and one on either side of the block.
        room = max(1, (console.width - LABEL - 2) // (column + 2))
        if room >= min(ALPHAS_A_BLOCK, len(alphas)):
            break
    step = min(room, ALPHAS_A_BLOCK)
    for start in range(0, len(alphas), step):
        for title, sections in _layout(table, written):
            if title or start > 0:
                console.print(f"\n[italic]{title}[/]" if title else "")
            console.print(
                _block(sections, alphas[start : start + step], written, separator, column)
            )


def _layout(table: int, written: dict[Key, Texts]) -> Iterator[tuple[str, list[Section]]]:
    """Arrange the rows of a table into blocks as the paper does: a title and sections each."""
    groups = list(dict.fromkeys(group for group, _, _ in written))
    if table in (2, 5):
        yield "", [("", [(z, groups[0], z) for z in SHOWN])]
    elif table == 6:
        for group in groups:
            labels = ["z3 second" if z == "z3" else z for z in SHOWN]
            rows = [(label, group, z) for label, z in zip(labels, SHOWN, strict=True)]
            yield CLUSTERS[group], [("", rows)]
    else:
        allocations = [group for group in groups if group in ALLOCATIONS]
        structures = [group for group in groups if group not in ALLOCATIONS]
        for z in SHOWN:
            yield (
                UNITS[z],
                [
                    ("allocation", [(group, group, z) for group in allocations]),
                    ("structure\n(inferred)", [(group, group, z) for group in structures]),
                ],
            )


def _block(
    sections: list[Section],
    alphas: list[float],
    written: dict[Key, Texts],
    separator: str,
    column: int,
) -> Table:
    """Draw one block; every cell column is `column` characters wide."""
    block = Table(box=RULES, padding=(0, 0, 0, 1), pad_edge=False)
    block.add_column(sections[0][0], no_wrap=True, min_width=LABEL)
    rows = [row for _, section in sections for row in section]
    cells = []
    for alpha in alphas:
        block.add_column(f"{ALPHA} = {alpha:g}", justify="right", no_wrap=True, min_width=column)
        cells.append(
            align([written.get((group, z, alpha), NOTHING) for _, group, z in rows], separator)
        )
    lines = iter(zip(*cells, strict=True))
    for number, (head, section) in enumerate(sections):
        if number > 0:
            block.add_section()
            block.add_row(head, style="bold")
            block.add_section()
        for label, _, _ in section:
            block.add_row(label, *next(lines))
    return block
