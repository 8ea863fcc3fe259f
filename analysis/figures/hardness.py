"""How the time of a solve depends on how tight the capacity is."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from analysis.figures.effort import MOST_LINES, without_gurobi
from pipeline.plotting import style

MOST_GROUPS = 10
"""Groups of networks of an allocation, in the order of their tightness."""

LEAST_INSTANCES = 20
"""Instances of a group at least: below, its 90 % quantile would say nothing."""


@style.styled
def draw_hardness(rows: pl.DataFrame) -> Figure:
    """Draw solve time against capacity over demand: median, 90 % quantile and largest.

    Parameters
    ----------
    rows : polars.DataFrame
        Rows of a results table; columns ``allocation``, ``total_capacity``, ``total_demand``,
        ``solve_s``, ``solver`` and ``fallback_reason``.

    Raises
    ------
    pipeline.plotting.style.NothingToDraw
        If no allocation has enough rows without those that Gurobi took part in.
    """
    groups = by_tightness(without_gurobi(rows))
    labels = groups.get_column("allocation").unique().sort().to_list()
    if not labels:
        raise style.NothingToDraw(
            f"no allocation has {LEAST_INSTANCES} solves whose time may be shown"
        )
    if len(labels) > MOST_LINES:
        raise style.NothingToDraw(f"there are {len(labels)} allocations, more than {MOST_LINES}")
    figure = Figure(figsize=(style.WIDTH_IN, 2.9), layout="constrained")
    panels = figure.subplots(1, 3, sharex=True, sharey=True)
    titles = {"median": "median", "q90": "90 % quantile", "largest": "largest"}
    for panel, (column, title) in zip(panels, titles.items(), strict=True):
        for label, (colour, dashes) in zip(labels, style.SERIES, strict=False):
            line = groups.filter(pl.col("allocation") == label)
            panel.plot(
                line.get_column("tightness").to_list(),
                line.get_column(column).to_list(),
                color=colour,
                linestyle=dashes,
                marker="o",
                markersize=2.5,
                label=style.plain(label),
            )
        panel.set_title(title, loc="left", pad=4)
        panel.set_yscale("log")
        panel.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    panels[0].set_ylabel("solve time, s")
    panels[1].set_xlabel("capacity of all sites / demand")
    n = int(groups.get_column("rows").sum())
    panels[2].set_title(f"n = {n:,}", color=style.MUTED, loc="right", pad=4)
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(labels)
    )
    return figure


def by_tightness(rows: pl.DataFrame) -> pl.DataFrame:
    """Group the instances of each allocation by capacity over demand, and describe their times.

    The instances are cut into at most `MOST_GROUPS` groups of equal size.

    Parameters
    ----------
    rows : polars.DataFrame
        Columns as in `draw_hardness`.

    Returns
    -------
    polars.DataFrame
        ``allocation``, ``tightness`` (mean of capacity over demand), ``rows``, and ``median``,
        ``q90`` and ``largest`` of the solve time, s, sorted; no allocation with fewer than
        `LEAST_INSTANCES` times.
    """
    found = []
    timed = rows.drop_nulls("solve_s").with_columns(
        tightness=pl.col("total_capacity") / pl.col("total_demand")
    )
    for allocation in timed.get_column("allocation").unique().sort():
        own = timed.filter(pl.col("allocation") == allocation).sort("tightness", "solve_s")
        n_groups = min(MOST_GROUPS, own.height // LEAST_INSTANCES)
        for part in np.array_split(np.arange(own.height), n_groups) if n_groups else []:
            group = own[int(part[0]) : int(part[-1]) + 1]
            times = group.get_column("solve_s").to_numpy()
            tightness = group.select(pl.col("tightness").mean()).item()
            quantiles = np.quantile(times, [0.5, 0.9, 1.0]).tolist()
            found.append((allocation, tightness, len(times), *quantiles))
    schema = {
        "allocation": pl.String,
        "tightness": pl.Float64,
        "rows": pl.Int64,
        "median": pl.Float64,
        "q90": pl.Float64,
        "largest": pl.Float64,
    }
    return pl.DataFrame(found, schema=schema, orient="row")
