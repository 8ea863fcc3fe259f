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
"""Indicator -> head of its column of panels."""

ROWS = {"one": ("one production cluster", "#0072B2"), "two": ("two production clusters", "#D55E00")}
"""Production clusters -> name and colour of the row of panels (Okabe and Ito's palette)."""

TICKS = (1, 2, 5, 10, 20, 50, 100)
"""Alphas marked on the logarithmic axis, as far as the data reach."""

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

    The same cells give the same bytes.

    Parameters
    ----------
    cells : polars.DataFrame
        Table 6 as `analysis.tables.build` gives it.
    folder : pathlib.Path
        Where to write; made if it does not exist.

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
        figure = figure6(cells)
        figure.savefig(paths[0], metadata={"Date": None})
        figure.savefig(paths[1], dpi=200)
    return paths


def figure6(cells: pl.DataFrame) -> Figure:
    """Draw the medians and the 10 to 90 % bands of Table 6, and the paper's medians over them.

    The paper's Figure 6 shows the networks with one production cluster; the second row adds
    those with two. The panels of a column share their percent axis, all share that of alpha.

    Parameters
    ----------
    cells : polars.DataFrame
        Table 6 as `analysis.tables.build` gives it, in percent of alpha = 20.

    Returns
    -------
    matplotlib.figure.Figure
        Small multiples: a row for each number of production clusters of which the run has
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
            _draw(panel, present.filter(of_panel).sort("alpha"), colour)
    for indicator, panel in zip(COLUMNS, grid[0], strict=True):
        panel.set_title(COLUMNS[indicator])
        panel.set_ylim(0, _top(present, indicator))
    _mark_alphas(grid[0][0], present.get_column("alpha").to_list())
    for panel in grid[-1]:
        panel.set_xlabel(r"buy-to-fly ratio $\alpha$")
    figure.supylabel(r"relative to $\alpha$ = 20")
    _legend(figure, [axes[0] for axes in grid])
    return figure


def _draw(panel: Axes, cells: pl.DataFrame, colour: str) -> None:
    """Draw band, median and the paper's median of one indicator."""
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


def _top(cells: pl.DataFrame, indicator: str) -> float:
    """Find the upper end of an indicator's axis."""
    # z3 rises to several hundred percent; the other three can be compared on one scale.
    alike = (pl.col("indicator") == "z3_second") == (indicator == "z3_second")
    highest = cells.filter(alike).select(pl.max_horizontal("ours", "q90", "paper").max()).item()
    return 1.06 * float(highest)


def _mark_alphas(panel: Axes, alphas: list[float]) -> None:
    """Make the common axis of alpha logarithmic, with round ticks as far as the data reach."""
    panel.set_xscale("log")
    panel.xaxis.set_major_locator(
        FixedLocator([tick for tick in TICKS if min(alphas) <= tick <= max(alphas)])
    )
    panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))


def _legend(figure: Figure, panels: list[Axes]) -> None:
    """Explain the marks once for all panels, with the colours of all rows side by side."""
    entries = [panel.get_legend_handles_labels() for panel in panels]
    labels = entries[0][1]
    handles = list(zip(*(handles for handles, _ in entries), strict=True))
    # The paper's markers look the same in every row: one is enough.
    handles[-1] = handles[-1][:1]
    figure.legend(
        # A tuple of artists is one entry with several keys, which the type hints do not know.
        cast(list[Artist], handles),
        labels,
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0.4)},
        handlelength=3,
        loc="outside lower center",
        ncols=len(labels),
        frameon=False,
    )
