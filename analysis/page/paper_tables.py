"""Tables 2 to 6 as tables of a page: ours, the paper's number and their ratio side by side."""

from collections.abc import Iterator, Sequence

import polars as pl

from analysis.cell_format import (
    ALPHA,
    EMPTY_CELL,
    PRINTED_INDICATORS,
    CellKey,
    CellText,
    format_cells,
)
from analysis.footnotes import footnotes
from analysis.page.section import PageTable
from analysis.paper import ALLOCATIONS, ALPHAS
from analysis.printing import CLUSTERS, TITLES, UNITS
from analysis.structure_labels import marked

MOST_ALPHAS = 8
"""Values of alpha in the page at most; the CSV files hold all."""

ALPHAS_PER_TABLE = 4
"""Values of alpha side by side, as in the paper."""

PARTS = ("ours", "paper", "ratio")
"""Columns for each alpha."""

Row = tuple[str, str, str]
"""Label, group, indicator."""


def page_tables(built: dict[int, pl.DataFrame]) -> list[PageTable]:
    """Arrange the tables that have rows of the run.

    Parameters
    ----------
    built : dict of int to polars.DataFrame
        As `analysis.tables.build` returns them.
    """
    return [found for table, cells in built.items() for found in _arrange(table, cells)]


def choose_alphas(alphas: Sequence[float]) -> list[float]:
    """Choose the values of alpha that the page shows, in ascending order.

    All of them if they are few. Else those of the paper, and of the others such that they spread
    evenly.
    """
    ordered = sorted(alphas)
    if len(ordered) <= MOST_ALPHAS:
        return ordered
    chosen = [alpha for alpha in ordered if alpha in ALPHAS]
    others = [alpha for alpha in ordered if alpha not in ALPHAS]
    wanted = min(MOST_ALPHAS - len(chosen), len(others))
    steps = [round(n * (len(others) - 1) / max(1, wanted - 1)) for n in range(wanted)]
    return sorted([*chosen, *(others[step] for step in steps)])


def _arrange(table: int, cells: pl.DataFrame) -> Iterator[PageTable]:
    present = cells.filter(pl.col("rows") + pl.col("no_value") > 0)
    if present.is_empty():
        return
    all_alphas = present.get_column("alpha").unique().to_list()
    alphas = choose_alphas(all_alphas)
    shown = cells.join(present.select("group").unique(), on="group", how="semi").filter(
        pl.col("alpha").is_in(alphas)
    )
    formatted = format_cells(shown)
    notes = footnotes(table, shown, cells)
    if len(alphas) < len(all_alphas):
        notes.append(
            f"{len(alphas)} of {len(all_alphas)} values of {ALPHA} are shown; "
            f"table{table}.csv has all."
        )
    for unit, rows in _layout(table, formatted):
        for start in range(0, len(alphas), ALPHAS_PER_TABLE):
            part = alphas[start : start + ALPHAS_PER_TABLE]
            suffix = f"_{unit}" if unit else ""
            later = f"_{start // ALPHAS_PER_TABLE + 1}" if start else ""
            indicator = f": {UNITS[unit]}" if unit else ""
            yield PageTable(
                name=f"table{table}{suffix}{later}",
                caption=f"Table {table}. Medians, {TITLES[table]}{indicator}.",
                columns=("", *(PARTS * len(part))),
                rows=tuple(_print_row(row, part, formatted) for row in rows),
                spans=tuple((f"{ALPHA} = {alpha:g}", len(PARTS)) for alpha in part),
                notes=tuple(notes),
            )


def _print_row(
    row: Row | str, alphas: Sequence[float], formatted: dict[CellKey, CellText]
) -> tuple[str, ...]:
    if isinstance(row, str):
        return (row,)
    label, group, indicator = row
    cells = (formatted.get((group, indicator, alpha), EMPTY_CELL) for alpha in alphas)
    return (label, *(text for cell in cells for text in cell))


def _layout(
    table: int, formatted: dict[CellKey, CellText]
) -> Iterator[tuple[str, list[Row | str]]]:
    """Yield the indicator of each table of the page, if it has one, and the rows."""
    groups = list(dict.fromkeys(group for group, _, _ in formatted))
    if table in (3, 4):
        allocations = [group for group in groups if group in ALLOCATIONS]
        structures = [group for group in groups if group not in ALLOCATIONS]
        for z in PRINTED_INDICATORS:
            rows: list[Row | str] = []
            for header, members in (("allocation", allocations), ("structure", structures)):
                if members:
                    rows += [header, *((marked(group), group, z) for group in members)]
            yield z, rows
        return
    labels = {z: UNITS[z] for z in PRINTED_INDICATORS}
    if table == 6:
        labels = {z: UNITS[z].partition(" (")[0] for z in PRINTED_INDICATORS}
        labels["z3"] = "z3, transport on the second stage"
    rows = []
    for group in groups:
        if table == 6:
            rows.append(CLUSTERS[group])
        rows += [(labels[z], group, z) for z in PRINTED_INDICATORS]
    yield "", rows
