"""Figures 2 and 5: an example of sixty nodes, beside the probabilities of each axis."""

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from pipeline.config.sections import NetworkConfig
from pipeline.network.draw import GRID_KM, SEGMENT_KM, SEGMENTS, axis_probabilities, draw_nodes
from pipeline.plotting import style

N_NODES = 60
"""Nodes in the paper's examples."""

EXAMPLES = {"figure2": frozenset(["ne"]), "figure5": frozenset(["ne", "se"])}
"""Figure of the paper -> the regions in which its nodes cluster."""

SEED = 2
"""Of the nodes that are drawn as an example."""


def example_nodes(regions: frozenset[str], config: NetworkConfig) -> pl.DataFrame:
    """Draw the nodes of an example.

    Returns
    -------
    polars.DataFrame
        Columns ``east_km`` and ``north_km``, a row for each of `N_NODES` nodes.
    """
    nodes = draw_nodes(np.random.default_rng(SEED), N_NODES, regions, config)
    return pl.DataFrame({"east_km": nodes[:, 0], "north_km": nodes[:, 1]})


@style.styled
def draw_node_distribution(regions: frozenset[str], config: NetworkConfig) -> Figure:
    """Draw an example of nodes on the grid, with the probabilities of the axes beside it.

    Paper, section 3.3.1 and Figures 2 and 5.

    Parameters
    ----------
    regions : frozenset of str
        Keys of `pipeline.config.structures.CORNERS`, one per cluster.
    config : pipeline.config.sections.NetworkConfig
        Of the run's generator.
    """
    nodes = example_nodes(regions, config)
    figure = Figure(figsize=(3.6, 3.6), layout="constrained")
    panels = figure.subplot_mosaic(
        [["east", "."], ["grid", "north"]], width_ratios=(3, 1), height_ratios=(1, 3)
    )
    grid, east, north = panels["grid"], panels["east"], panels["north"]
    east.sharex(grid)
    north.sharey(grid)
    grid.scatter(
        nodes["east_km"], nodes["north_km"], s=9, color=style.BLUE, zorder=3, lw=0, clip_on=False
    )
    for axis in (grid.xaxis, grid.yaxis):
        axis.set_major_locator(MultipleLocator(2 * SEGMENT_KM))
        axis.set_minor_locator(MultipleLocator(SEGMENT_KM))
    grid.grid(True, which="both")
    grid.set_xlim(0, GRID_KM)
    grid.set_ylim(0, GRID_KM)
    grid.set_xlabel("east, km")
    grid.set_ylabel("north, km")
    east.set_title(f"n = {N_NODES}", color=style.MUTED, loc="right")
    middles = (np.arange(SEGMENTS) + 0.5) * SEGMENT_KM
    width, colour = 0.9 * SEGMENT_KM, style.SKY
    east.bar(middles, axis_probabilities(regions, 0, config), width, color=colour)
    north.barh(middles, axis_probabilities(regions, 1, config), width, color=colour)
    for axis in (east.yaxis, north.xaxis):
        axis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
        axis.set_major_locator(MultipleLocator(0.1))
    east.tick_params(labelbottom=False)
    north.tick_params(labelleft=False)
    return figure
