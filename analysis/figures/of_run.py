"""All figures of a run, each with its caption."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import polars as pl
from matplotlib.figure import Figure

from analysis.aggregate import REFERENCE_ALPHA, indicator_values, summarise
from analysis.cell_format import ALPHA
from analysis.cost_intervals import cost_intervals
from analysis.figures.cost_by_alpha import draw_cost_by_alpha
from analysis.figures.effort import draw_effort
from analysis.figures.figure4 import draw_figure4
from analysis.figures.figure6 import draw_figure6
from analysis.figures.hardness import draw_hardness
from analysis.figures.node_distributions import EXAMPLES, N_NODES, draw_node_distribution
from analysis.natural_order import natural_order
from analysis.structure_labels import MARKS_NOTE, marks
from pipeline.config.sections import NetworkConfig
from pipeline.plotting.style import NothingToDraw

NEEDED = ("solve_s", "gap", "solver", "fallback_reason", "total_capacity", "total_demand")
"""Columns of the results table that the figures need beside coordinate, indicators and status."""


class Captioned(NamedTuple):
    """A figure, or why there is none."""

    name: str
    """Name of its files."""
    caption: str
    """What it shows."""
    figure: Figure | None
    reason: str = ""
    """Why there is none."""
    place: str = "figures"
    """The folder of its files, in that of the report."""


def draw_figures(
    rows: pl.DataFrame, relative_cells: pl.DataFrame | None, network: NetworkConfig
) -> Iterator[Captioned]:
    """Draw all figures of a run.

    Parameters
    ----------
    rows : polars.DataFrame
        Rows of a results table: the coordinate, the indicators, ``status``, ``bound`` and `NEEDED`.
    relative_cells : polars.DataFrame or None
        Table 6, as `analysis.tables.build` returns it.
    network : pipeline.config.sections.NetworkConfig
        Parameters of the run's generator.
    """
    spread = f"generator of this run, {N_NODES} nodes; bars are the probabilities of the segments"
    yield Captioned(
        "figure2",
        f"Figure 2: an example of a cluster of nodes in the north-east; {spread}.",
        draw_node_distribution(EXAMPLES["figure2"], network),
    )
    yield Captioned(
        "figure4",
        "Figure 4: the structures. Which placement carries which label is inferred from the "
        "paper's tables, except C11; those that a rotation or reflection maps onto each other "
        f"are one. {MARKS_NOTE}",
        draw_figure4(marks()),
    )
    yield Captioned(
        "figure5",
        f"Figure 5: an example of two clusters, in the north-east and the south-east; {spread}.",
        draw_node_distribution(EXAMPLES["figure5"], network),
    )
    yield _try(
        "figure6",
        f"Figure 6: the indicators relative to {ALPHA} = 20: medians and the middle 80 %, with "
        "the paper's medians.",
        lambda: _draw_figure6(relative_cells),
    )
    for by in ("allocation", "structure"):
        title = f"total cost by {by}: medians and the middle 80 %"
        yield _try(
            f"cost_by_{by}",
            f"{title.capitalize()}, over {ALPHA}. Intervals of the medians are at 95 %, from 20 "
            f"complete replications on. Both axes are logarithmic.{_note(by)}",
            lambda by=by, title=title: draw_cost_by_alpha(cost_cells(rows, by), title),  # type: ignore[misc]
        )
    yield _try(
        "effort",
        "Share of the instances that were solved within a time, and within a gap.",
        lambda: draw_effort(rows),
    )
    yield _try(
        "hardness",
        "Solve time against the capacity of all sites over the demand, by allocation: median, "
        "90 % quantile and largest of up to ten groups of networks of equal size.",
        lambda: draw_hardness(rows),
    )


def _note(by: str) -> str:
    """Return what the marks of labels mean, where structures are shown."""
    return f" {MARKS_NOTE}" if by == "structure" else ""


def _draw_figure6(cells: pl.DataFrame | None) -> Figure:
    if cells is None:
        raise NothingToDraw(f"there are no values relative to {ALPHA} = {REFERENCE_ALPHA:g}")
    return draw_figure6(cells)


def _try(name: str, caption: str, draw: Callable[[], Figure]) -> Captioned:
    try:
        return Captioned(name, caption, draw())
    except NothingToDraw as reason:
        return Captioned(name, caption, None, str(reason))


def cost_cells(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """Summarise z1 by one axis, and by scale if there are several.

    Parameters
    ----------
    rows : polars.DataFrame
        Rows of a results table: the coordinate, ``z1``, ``bound`` and ``status``.
    by : str
        ``allocation`` or ``structure``.

    Returns
    -------
    polars.DataFrame
        ``group``, ``alpha``, ``median``, ``q10``, ``q90`` (tkm, of the solutions found), ``low``
        and ``high`` if any group has an interval of its median (null in the others), and the other
        columns of `analysis.aggregate.summarise`, in the order of the groups' numbers.
    """
    several = rows.get_column("scale").n_unique() > 1
    scale = pl.format("{}, scale {}", by, "scale") if several else pl.col(by)
    kept = ("alpha", "panel")
    values = indicator_values(rows.with_columns(panel=scale), "z1", kept)
    names = {"panel": "group", "q0.5": "median", "q0.1": "q10", "q0.9": "q90"}
    cells = summarise(values, kept).rename(names)
    # An interval rests on complete replications: it belongs to a median of the same rows only.
    intervals = cost_intervals(rows, by)
    if not intervals.is_empty():
        cells = cells.join(intervals, on=["group", "alpha", "rows"], how="left")
    return natural_order(cells, "group", "alpha")
