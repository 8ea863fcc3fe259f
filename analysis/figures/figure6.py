"""Figure 6: the indicators relative to alpha = 20, by the number of production clusters."""

from typing import cast

import polars as pl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.ticker import MaxNLocator, PercentFormatter

from analysis.aggregate import REFERENCE_ALPHA
from analysis.cell_format import describe_n
from pipeline.plotting import style

COLUMNS = {
    "z1": "z\N{SUBSCRIPT ONE}  total cost",
    "z2": "z\N{SUBSCRIPT TWO}  second-stage\ntransport per customer",
    "z3_second": "z\N{SUBSCRIPT THREE}  share of transport\non the second stage",
    "z4": "z\N{SUBSCRIPT FOUR}  open\nproduction sites",
}
"""Indicator -> title of its column of panels."""

ROWS = {
    "one": ("one production cluster", style.BLUE),
    "two": ("two production clusters", style.ORANGE),
}
"""Production clusters -> label and colour of the row of panels."""


@style.styled
def draw_figure6(cells: pl.DataFrame) -> Figure:
    """Draw the medians and the 10 % to 90 % bands of Table 6, and the paper's medians over them.

    The paper's Figure 6 shows the networks with one production cluster; the second row of panels
    adds those with two. All panels share the axis of alpha; the panels of a column also share the
    percent axis.

    Parameters
    ----------
    cells : polars.DataFrame
        Table 6 as `analysis.tables.build` returns it, in percent of alpha = 20.

    Returns
    -------
    matplotlib.figure.Figure
        A grid of panels: a row for each number of production clusters for which the run has
        values, a column for each indicator.

    Raises
    ------
    pipeline.plotting.style.NothingToDraw
        If no cell has a value of the run.
    """
    present = cells.drop_nulls("ours")
    rows = [name for name in ROWS if name in present.get_column("group")]
    if not rows:
        raise style.NothingToDraw(
            "Figure 6 needs values relative to alpha = 20, and there are none"
        )
    figure = Figure(figsize=(7.1, 1.15 + 1.7 * len(rows)), layout="constrained")
    grid = figure.subplots(len(rows), len(COLUMNS), sharex=True, sharey="col", squeeze=False)
    for name, axes in zip(rows, grid, strict=True):
        label, colour = ROWS[name]
        axes[0].set_ylabel(label, color=colour)
        for indicator, panel in zip(COLUMNS, axes, strict=True):
            of_panel = (pl.col("group") == name) & (pl.col("indicator") == indicator)
            _draw_panel(panel, present.filter(of_panel).sort("alpha"), colour)
    for indicator, panel in zip(COLUMNS, grid[0], strict=True):
        panel.set_title(COLUMNS[indicator])
        panel.set_ylim(0, _upper_limit(present, indicator))
    style.set_alpha_axis(grid[0][0], present.get_column("alpha").to_list())
    for panel in grid[-1]:
        panel.set_xlabel("buy-to-fly ratio \N{GREEK SMALL LETTER ALPHA}")
    figure.supylabel(f"relative to \N{GREEK SMALL LETTER ALPHA} = {REFERENCE_ALPHA:g}")
    _add_legend(figure, [axes[0] for axes in grid])
    return figure


def _draw_panel(panel: Axes, cells: pl.DataFrame, colour: str) -> None:
    """Draw the band, the median and the paper's median of one indicator."""
    alpha, low, high, median = (cells.get_column(c) for c in ("alpha", "q10", "q90", "ours"))
    panel.axhline(100, color=style.MUTED, linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)
    panel.fill_between(
        alpha, low, high, color=colour, alpha=0.2, linewidth=0, label="10 % to 90 % quantile"
    )
    marker = style.marker(alpha.to_list())
    panel.plot(alpha, median, color=colour, marker=marker, markersize=3, label="median")
    panel.plot(
        alpha,
        cells.get_column("paper"),
        linestyle="none",
        marker="D",
        markersize=5.5,
        markerfacecolor="none",
        markeredgecolor=style.INK,
        markeredgewidth=0.8,
        clip_on=False,
        label="paper, Table 6",
    )
    panel.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[2.5, 5, 10]))
    panel.yaxis.set_major_formatter(PercentFormatter(decimals=0))
    style.note_n(panel, describe_n(cells.get_column("rows")))


def _upper_limit(cells: pl.DataFrame, indicator: str) -> float:
    """Return the upper limit of an indicator's percent axis."""
    # z3 rises to several hundred percent and has a scale of its own; the others share one.
    same_scale = (pl.col("indicator") == "z3_second") == (indicator == "z3_second")
    highest = (
        cells.filter(same_scale).select(pl.max_horizontal("ours", "q90", "paper").max()).item()
    )
    return 1.06 * float(highest)


def _add_legend(figure: Figure, panels: list[Axes]) -> None:
    """Add one legend for all panels; each entry shows the colours of all rows side by side."""
    entries = [panel.get_legend_handles_labels() for panel in panels]
    labels = entries[0][1]
    handles = list(zip(*(handles for handles, _ in entries), strict=True))
    # The markers of the paper look the same in every row: one is enough.
    handles[-1] = handles[-1][:1]
    figure.legend(
        # A tuple of artists is one entry with several handles; the type hints do not allow it.
        cast(list[Artist], handles),
        labels,
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0.4)},
        handlelength=3,
        loc="outside lower center",
        ncols=len(labels),
    )
