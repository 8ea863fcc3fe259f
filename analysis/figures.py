"""Figure 6: the indicators relative to alpha = 20, by the number of production clusters."""

from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
import polars as pl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.ticker import (
    FixedLocator,
    MaxNLocator,
    NullLocator,
    PercentFormatter,
    StrMethodFormatter,
)
from matplotlib.typing import RcKeyType

COLUMNS = {
    "z1": "$z_1$  total cost",
    "z2": "$z_2$  second-stage\ntransport per customer",
    "z3_second": "$z_3$  share of transport\non the second stage",
    "z4": "$z_4$  open\nproduction sites",
}
"""Indicator -> title of its column of panels."""

ROWS = {"one": ("one production cluster", "#0072B2"), "two": ("two production clusters", "#D55E00")}
"""Production clusters -> label and colour of the row of panels (Okabe and Ito's palette)."""

TICKS = (1, 2, 5, 10, 20, 50, 100)
"""Ticks of the logarithmic axis of alpha; only those within the range of the data are drawn."""

STYLE: dict[RcKeyType, Any] = {
    "svg.hashsalt": "figure6",
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 8,
    "figure.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.grid": True,
    "axes.axisbelow": True,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "grid.color": "0.92",
    "grid.linewidth": 0.6,
}


def write(cells: pl.DataFrame, folder: Path) -> list[Path]:
    """Draw Figure 6 and write it as ``figure6.svg`` and ``figure6.png``.

    The same cells give byte-identical files.

    Parameters
    ----------
    cells : polars.DataFrame
        Table 6 as `analysis.tables.build` returns it.
    folder : pathlib.Path
        Folder to write to; created if it does not exist.

    Returns
    -------
    list of pathlib.Path
        The two files.

    Raises
    ------
    ValueError
        If no cell has a value of the run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "figure6.svg", folder / "figure6.png"]
    with mpl.rc_context(STYLE):
        figure = draw_figure6(cells)
        figure.savefig(paths[0], metadata={"Date": None})
        figure.savefig(paths[1], dpi=200)
    return paths


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
    ValueError
        If no cell has a value of the run.
    """
    present = cells.drop_nulls("ours")
    rows = [name for name in ROWS if name in present.get_column("group")]
    if not rows:
        raise ValueError("Figure 6 needs values relative to alpha = 20, and there are none")
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
    _set_alpha_axis(grid[0][0], present.get_column("alpha").to_list())
    for panel in grid[-1]:
        panel.set_xlabel(r"buy-to-fly ratio $\alpha$")
    figure.supylabel(r"relative to $\alpha$ = 20")
    _add_legend(figure, [axes[0] for axes in grid])
    return figure


def _draw_panel(panel: Axes, cells: pl.DataFrame, colour: str) -> None:
    """Draw the band, the median and the paper's median of one indicator."""
    alpha, low, high, median = (cells.get_column(c) for c in ("alpha", "q10", "q90", "ours"))
    panel.axhline(100, color="0.55", linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)
    panel.fill_between(
        alpha, low, high, color=colour, alpha=0.2, linewidth=0, label="10% to 90% quantile"
    )
    panel.plot(alpha, median, color=colour, linewidth=1.4, marker="o", markersize=3, label="median")
    panel.plot(
        alpha,
        cells.get_column("paper"),
        linestyle="none",
        marker="D",
        markersize=5.5,
        markerfacecolor="none",
        markeredgecolor="black",
        markeredgewidth=0.8,
        clip_on=False,
        label="paper, Table 6",
    )
    panel.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[2.5, 5, 10]))
    panel.yaxis.set_major_formatter(PercentFormatter(decimals=0))


def _upper_limit(cells: pl.DataFrame, indicator: str) -> float:
    """Return the upper limit of an indicator's percent axis."""
    # z3 rises to several hundred percent and has a scale of its own; the others share one.
    same_scale = (pl.col("indicator") == "z3_second") == (indicator == "z3_second")
    highest = (
        cells.filter(same_scale).select(pl.max_horizontal("ours", "q90", "paper").max()).item()
    )
    return 1.06 * float(highest)


def _set_alpha_axis(panel: Axes, alphas: list[float]) -> None:
    """Make the shared axis of alpha logarithmic, with ticks within the range of the data."""
    panel.set_xscale("log")
    panel.xaxis.set_major_locator(
        FixedLocator([tick for tick in TICKS if min(alphas) <= tick <= max(alphas)])
    )
    panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))


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
        frameon=False,
    )
