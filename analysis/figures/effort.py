"""How long the solves took, and which gap they reached, as cumulative distributions."""

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

from pipeline.plotting import style

MOST_LINES = len(style.SERIES)
"""More allocations are drawn as one line: their lines could not be distinguished."""

MOST_POINTS = 400
"""Points of a line: more would not be seen."""

SMALLEST_GAP = 1e-8
"""Smaller gaps, and zero, are drawn here."""

BY_GUROBI = (pl.col("solver") == "gurobi") | pl.col("fallback_reason").str.contains("(?i)gurobi")
"""True for rows whose solve Gurobi took part in, or whose fallback has to do with it. Its licence
forbids publishing benchmark results, so no figure of time has such a row."""


def without_gurobi(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave out the rows that Gurobi took part in.

    Parameters
    ----------
    rows : polars.DataFrame
        Columns ``solver`` and ``fallback_reason``, and others.
    """
    return rows.filter(~BY_GUROBI.fill_null(False))


@style.styled
def draw_effort(rows: pl.DataFrame) -> Figure:
    """Draw the shares of instances that were solved within a time, and within a gap.

    A line ends below 100 % by the share of its instances that have no time or no gap, such as
    those without a solution.

    Parameters
    ----------
    rows : polars.DataFrame
        Rows of a results table; columns ``allocation``, ``solve_s``, ``gap``, ``solver`` and
        ``fallback_reason``.

    Raises
    ------
    pipeline.plotting.style.NothingToDraw
        If no row is left without those that Gurobi took part in.
    """
    kept = without_gurobi(rows)
    if kept.drop_nulls("solve_s").is_empty():
        raise style.NothingToDraw("no solve has a time that may be shown")
    figure = Figure(figsize=(style.WIDTH_IN, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    labels = kept.get_column("allocation").unique().sort().to_list()
    if len(labels) > MOST_LINES:
        groups = {f"all {len(labels)} allocations": kept}
    else:
        groups = {label: kept.filter(pl.col("allocation") == label) for label in labels}
    for panel, column in ((left, "solve_s"), (right, "gap")):
        for (label, group), (colour, dashes) in zip(groups.items(), style.SERIES, strict=False):
            x, share = distribution(group.get_column(column))
            # From the bottom to the first value, then a step at every value.
            panel.step(
                [*x[:1], *x],
                [0.0, *share] if x else [],
                where="post",
                color=colour,
                linestyle=dashes,
                label=style.plain(label),
            )
        panel.set_xscale("log")
        n = kept.get_column(column).count()
        panel.set_title(f"n = {n:,} of {kept.height:,}", color=style.MUTED, loc="right", pad=4)
    left.set_xlabel("solved within, s")
    right.set_xlabel("gap at most")
    _set_gap_axis(right, kept.select(pl.col("gap").max().fill_null(0.0)).item())
    left.set_ylabel("share of the instances")
    left.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
    left.set_ylim(0, 1.03)
    left.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    n_left_out = rows.height - kept.height
    if n_left_out:
        figure.suptitle(f"without {n_left_out:,} rows that Gurobi took part in", fontsize=8)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=len(groups))
    return figure


def distribution(values: pl.Series) -> tuple[list[float], list[float]]:
    """Return the values in ascending order, and the share of all rows that are no larger.

    Parameters
    ----------
    values : polars.Series
        One value per row; null counts as larger than all others. Of more than `MOST_POINTS`
        values, evenly spaced ones are returned, the first and the last among them.
    """
    ordered = np.sort(values.drop_nulls().to_numpy())
    # Ties: the share at a value counts all rows with this value.
    share = np.searchsorted(ordered, ordered, side="right") / max(1, values.len())
    chosen = np.unique(np.linspace(0, len(ordered) - 1, MOST_POINTS).round().astype(int))
    if not len(ordered):
        return [], []
    return np.maximum(ordered[chosen], SMALLEST_GAP).tolist(), share[chosen].tolist()


def _set_gap_axis(panel: Axes, largest: float) -> None:
    ticks = [SMALLEST_GAP, 1e-6, 1e-4, 1e-2, 1.0]
    labels = ["0", "10\u207b\u2076", "10\u207b\u2074", "0.01", "1"]
    panel.set_xlim(SMALLEST_GAP / 2, max(1e-3, 2 * largest))
    n_ticks = 3 + (largest > 1e-3) + (largest > 0.1)
    panel.set_xticks(ticks[:n_ticks], labels[:n_ticks])
    panel.minorticks_off()
