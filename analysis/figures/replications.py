"""Figure of the replications: where the paper's numbers lie among studies with a single draw."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from analysis.cell_format import ALPHA
from analysis.figures.figure6 import ROWS
from analysis.paper import ALPHAS
from pipeline.plotting import style

PANELS = {
    "z1": "z\N{SUBSCRIPT ONE}  total cost",
    "z2": "z\N{SUBSCRIPT TWO}  second-stage\ntransport per customer",
    "z3_second": "z\N{SUBSCRIPT THREE}  share of transport\non the second stage",
}
"""Indicator -> title of its panel."""

SHIFT = 0.17
"""Horizontal distance of one and two clusters from the tick of alpha."""

BINS = 10
"""Classes of the histogram of percentiles."""


@style.styled
def draw_replications(cells: pl.DataFrame) -> Figure:
    """Draw the medians of single draws with those of the paper, and the paper's percentiles.

    Parameters
    ----------
    cells : polars.DataFrame
        As `analysis.replications.compare` returns them.

    Raises
    ------
    pipeline.plotting.style.NothingToDraw
        If no cell of Tables 2 and 5 has a value.
    """
    of_all = cells.filter(pl.col("table").is_in([2, 5])).drop_nulls("single_median")
    if of_all.is_empty():
        raise style.NothingToDraw("no cell of Tables 2 and 5 has two complete replications")
    figure = Figure(figsize=(style.WIDTH_IN, 2.9), layout="constrained")
    axes = figure.subplots(1, len(PANELS) + 1, width_ratios=[1] * len(PANELS) + [1.15])
    for panel, (indicator, title) in zip(axes, PANELS.items(), strict=False):
        _draw_panel(panel, of_all.filter(pl.col("indicator") == indicator))
        panel.set_title(title)
    axes[0].set_ylabel("median of a study with one draw,\nrelative to the middle one")
    _draw_percentiles(axes[-1], cells)
    handles, labels = axes[0].get_legend_handles_labels()
    # The paper's markers look the same for one and two clusters: one entry is enough, the last.
    entries = dict(zip(labels, handles, strict=True))
    entries["paper"] = entries.pop("paper")
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="outside lower center",
        ncols=len(entries),
    )
    return figure


def _draw_panel(panel: Axes, cells: pl.DataFrame) -> None:
    """Draw range, quartiles and the paper's number of each alpha, for one and two clusters."""
    panel.axhline(1, color=style.MUTED, linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)
    for sign, (clusters, (label, colour)) in zip((-1, 1), ROWS.items(), strict=True):
        rows = cells.filter(pl.col("group") == clusters).sort("alpha")
        if rows.is_empty():
            continue
        x = np.array([ALPHAS.index(alpha) for alpha in rows["alpha"]]) + sign * SHIFT
        least, q25, middle, q75, most, paper = (
            rows[name].to_numpy()
            for name in (*(f"single_{n}" for n in ("min", "q25", "median", "q75", "max")), "paper")
        )
        panel.vlines(x, least / middle, most / middle, color=colour, linewidth=0.9)
        panel.vlines(
            *(x, q25 / middle, q75 / middle),
            color=colour,
            linewidth=4.5,
            label=f"{label}, range and quartiles",
        )
        panel.plot(
            x,
            paper / middle,
            linestyle="none",
            marker="D",
            markersize=4.5,
            markerfacecolor=style.PAGE,
            markeredgecolor=style.INK,
            markeredgewidth=0.8,
            zorder=4,
            label="paper",
        )
    draws = sorted(set(cells["replications"]))
    panel.set_xlabel(f"buy-to-fly ratio {ALPHA}\n{' or '.join(map(str, draws))} draws")
    panel.set_yscale("log")
    panel.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.yaxis.set_minor_formatter(NullFormatter())
    panel.set_xticks(range(len(ALPHAS)), [f"{alpha:g}" for alpha in ALPHAS])
    panel.set_xlim(-0.5, len(ALPHAS) - 0.5)


def _draw_percentiles(panel: Axes, cells: pl.DataFrame) -> None:
    """Draw a histogram of the percentiles of the numbers of Tables 3 and 4."""
    placed = cells.filter(pl.col("table").is_in([3, 4])).drop_nulls("percentile")
    percentiles = placed["percentile"].to_numpy()
    panel.set_title(f"{len(percentiles)} numbers\nof Tables 3 and 4")
    panel.hist(
        percentiles,
        bins=BINS,
        range=(0, 100),
        color=style.GREY,
        edgecolor=style.PAGE,
        linewidth=0.6,
    )
    panel.axhline(len(percentiles) / BINS, color=style.INK, linewidth=0.8, linestyle=(0, (4, 3)))
    panel.set_ylabel("numbers of the paper")
    panel.set_xlabel("percentile\namong single draws")
    panel.set_xlim(0, 100)
