"""Total cost z1 against the buy-to-fly ratio: a panel for each group, over the other groups."""

from collections.abc import Sequence

import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from analysis.cell_format import ALPHA, describe_n
from analysis.structure_labels import marked
from pipeline.plotting import style

MOST_PANELS = 35
"""More groups do not fit on a page; the figure shows the first ones and says so."""

PANELS_PER_ROW = 5
"""At most."""

OPTIONAL = ("low", "high")
"""Columns of the interval of the median; a frame may lack them."""


@style.styled
def draw_cost_by_alpha(cells: pl.DataFrame, title: str) -> Figure:
    """Draw the median, the middle 80 %, and the interval of the median where there is one.

    All panels share both axes, which are logarithmic. The thin lines are the medians of the
    other groups.

    Parameters
    ----------
    cells : polars.DataFrame
        A row for each group and alpha, groups in the order of their panels: ``group``, ``alpha``,
        ``median``, ``q10``, ``q90`` (tkm), ``rows``, and optionally ``low`` and ``high``, the ends
        of the interval of the median (null where there is none).
    title : str
        What the groups are.

    Raises
    ------
    pipeline.plotting.style.NothingToDraw
        If no group has a median.
    """
    present = cells.drop_nulls("median")
    groups = present.get_column("group").unique(maintain_order=True).to_list()
    if not groups:
        raise style.NothingToDraw("no group has a median of z1")
    shown = groups[:MOST_PANELS]
    n_rows = -(-len(shown) // PANELS_PER_ROW)
    n_columns = -(-len(shown) // n_rows)
    figure = Figure(figsize=(style.WIDTH_IN, 1.1 + 1.35 * n_rows), layout="constrained")
    grid = figure.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False)
    lines = {group: present.filter(pl.col("group") == group).sort("alpha") for group in groups}
    others = [line.select("alpha", "median").to_numpy() for line in lines.values()]
    for number, panel in enumerate(grid.flat):
        if number >= len(shown):
            panel.set_visible(False)
            continue
        panel.add_collection(LineCollection(others, colors=style.GRID, linewidths=0.8, zorder=1))
        _draw_group(panel, lines[shown[number]])
        panel.set_title(style.plain(marked(str(shown[number]))), fontweight="bold", pad=3)
        if number + n_columns >= len(shown):  # no panel below
            panel.tick_params(labelbottom=True)
            panel.set_xlabel(f"buy-to-fly ratio {ALPHA}")
    _set_axes(grid[0][0], present.get_column("alpha").unique().to_list())
    left_out = len(groups) - len(shown)
    more = f"; {left_out} further groups are in the tables" if left_out else ""
    figure.suptitle(style.plain(f"{title}{more}"), fontsize=8)
    figure.supylabel("z\N{SUBSCRIPT ONE}  total cost, tkm")
    figure.legend(handles=_legend(cells), loc="outside lower center", ncols=4)
    return figure


def _draw_group(panel: Axes, line: pl.DataFrame) -> None:
    """Draw one group; `line` is in ascending order of alpha."""
    alphas = line.get_column("alpha").to_list()
    panel.fill_between(alphas, line["q10"], line["q90"], color=style.BLUE, alpha=0.18, lw=0)
    marker = style.marker(alphas)
    panel.plot(alphas, line["median"], color=style.BLUE, marker=marker, markersize=2.5, zorder=3)
    if set(OPTIONAL) <= set(line.columns):
        known = line.drop_nulls(OPTIONAL)
        ends = (known["alpha"], known["low"], known["high"])
        if marker:
            panel.vlines(*ends, color=style.INK, lw=1, zorder=4)
        else:  # as many bars would hide the line
            panel.fill_between(*ends, color=style.BLUE, alpha=0.35, lw=0)
    style.note_n(panel, describe_n(line.get_column("rows")))


def _set_axes(panel: Axes, alphas: Sequence[float]) -> None:
    style.set_alpha_axis(panel, alphas)
    panel.set_yscale("log")
    panel.yaxis.set_major_locator(LogLocator(10, (1, 2, 5), numticks=8))
    panel.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    panel.yaxis.set_minor_formatter(NullFormatter())
    panel.tick_params(labelsize=7)


def _legend(cells: pl.DataFrame) -> list[Line2D | Patch]:
    entries: list[Line2D | Patch] = [
        Line2D([], [], color=style.BLUE, label="median"),
        Patch(color=style.BLUE, alpha=0.18, lw=0, label="10 % to 90 % quantile"),
        Line2D([], [], color=style.GRID, lw=0.8, label="medians of the other groups"),
    ]
    if set(OPTIONAL) <= set(cells.columns):
        label = "interval of the median"
        if style.marker(cells.get_column("alpha").unique().to_list()):
            entries.insert(1, Line2D([], [], color=style.INK, lw=1, label=label))
        else:
            entries.insert(1, Patch(color=style.BLUE, alpha=0.45, lw=0, label=label))
    return entries
