"""A map of a network, north up: its nodes, and the sites and transports of solutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipeline.plotting import style
from solvers.problem import Booleans, Floats, Integers
from solvers.solution import Solution

GRID_KM = 100.0
"""The grid that a map shows at least."""

WIDEST_PT = 7.0
"""Width of the largest transport of a stage, points."""

THINNEST_PT = 0.25
"""Thinner lines could not be seen."""

LARGEST_PT = 8.0
"""Diameter of the customer with the largest demand, points."""

RAW, PRODUCT, SITE = style.GREY, style.BLUE, style.ORANGE


class Places(Protocol):
    """What a map shows of a network: `pipeline.network.network.Network` has it."""

    @property
    def sources(self) -> Floats:
        """Positions, shape (I, 2), km east and north of the south-west corner."""

    @property
    def sites(self) -> Floats:
        """Positions, shape (J, 2), km."""

    @property
    def customers(self) -> Floats:
        """Positions, shape (K, 2), km."""

    @property
    def demand(self) -> Integers:
        """d_k, shape (K,), t."""


class _Scale(NamedTuple):
    """Tonnes per point of line width on either stage, and the demand of the largest circle."""

    raw: float
    product: float
    demand: float


@style.styled
def draw_map(places: Places, solutions: Sequence[tuple[str, Solution]] = ()) -> Figure:
    """Draw a network, or one panel for each of its solutions.

    Sources are squares, customers circles whose area is their demand, sites triangles: hollow if
    closed, filled if open. Lines are transports; their width is their weight, on a scale of its own
    for each stage, and the same in all panels. With two solutions, the map shows what moved: sites
    that are open in one of them only, and customers whose site changes.

    Parameters
    ----------
    places : Places
        The network.
    solutions : sequence of (str, Solution)
        Title and solution of each panel: none, one or two, of problems of this network.
    """
    found = [solution for _, solution in solutions]
    scale = _scale(places, found)
    n_panels = max(1, len(found))
    figure = Figure(figsize=(3.7 * n_panels, 4.6), layout="constrained")
    panels = figure.subplots(1, n_panels, squeeze=False)[0]
    nodes = (places.sources, places.sites, places.customers)
    side = max(GRID_KM, *(float(positions.max()) for positions in nodes))
    for number, panel in enumerate(panels):
        _prepare(panel, side)
        solution = found[number] if found else None
        other = found[1 - number] if len(found) == 2 else None
        if solution is not None:
            panel.set_title(style.plain(solutions[number][0]))
            _draw_transports(panel, places, solution, scale)
        _draw_nodes(panel, places, solution, scale)
        if solution is not None and other is not None:
            _mark_moves(panel, places, solution, other)
    panels[0].set_ylabel("north, km")
    if len(found) == 2:
        figure.suptitle(describe_moves(found[0], found[1]), fontsize=8)
    figure.legend(
        handles=_legend(scale, len(found)),
        loc="outside lower center",
        ncols=3 if n_panels > 1 else 2,
    )
    return figure


def describe_moves(first: Solution, second: Solution) -> str:
    """Say in one line which share of sites and customers differs between two solutions."""
    only_first = int((first.is_open & ~second.is_open).sum())
    only_second = int((second.is_open & ~first.is_open).sum())
    both = int((first.is_open & second.is_open).sum())
    changed = int((first.assignment != second.assignment).sum())
    return (
        f"open sites: {both} in both, {only_first} on the left only, {only_second} on the right "
        f"only; {changed} of {len(first.assignment)} customers change their site"
    )


def _scale(places: Places, solutions: Sequence[Solution]) -> _Scale:
    largest_flow = max((float(solution.flow.max()) for solution in solutions), default=0.0)
    largest_demand = float(places.demand.max())
    return _Scale((largest_flow or 1.0) / WIDEST_PT, largest_demand / WIDEST_PT * 2, largest_demand)


def _prepare(panel: Axes, side: float) -> None:
    panel.set_aspect("equal")
    panel.set_xlim(0, side)
    panel.set_ylim(0, side)
    panel.set_xlabel("east, km")
    for spine in panel.spines.values():
        spine.set_visible(True)
        spine.set_color(style.MUTED)


def _draw_transports(panel: Axes, places: Places, solution: Solution, scale: _Scale) -> None:
    """Draw a line for each transport; `gid` names its stage in an SVG file."""
    i, j = np.nonzero(solution.flow > 0)
    flows = solution.flow[i, j]
    first = np.stack([places.sources[i], places.sites[j]], axis=1)
    second = np.stack([places.customers, places.sites[solution.assignment]], axis=1)
    for name, lines, widths, colour in (
        ("first-stage", first, flows / scale.raw, RAW),
        ("second-stage", second, places.demand / scale.product, PRODUCT),
    ):
        panel.add_collection(
            LineCollection(
                list(lines),
                linewidths=np.maximum(widths, THINNEST_PT),
                colors=colour,
                alpha=0.55,
                capstyle="round",
                gid=name,
                zorder=2,
            )
        )


def _draw_nodes(panel: Axes, places: Places, solution: Solution | None, scale: _Scale) -> None:
    is_open = np.ones(len(places.sites), dtype=bool) if solution is None else solution.is_open
    page, ink = style.PAGE, style.INK
    areas = LARGEST_PT**2 * places.demand / scale.demand
    _scatter(panel, places.sources, s=11, marker="s", color=RAW, zorder=3)
    _scatter(panel, places.customers, s=areas, color=PRODUCT, edgecolors=page, lw=0.4, zorder=4)
    for sites, fill, edge, size in (
        (places.sites[~is_open], page, ink, 22),
        (places.sites[is_open], SITE, page, 52),
    ):
        _scatter(panel, sites, s=size, marker="^", color=fill, edgecolors=edge, lw=0.6, zorder=5)


def _scatter(panel: Axes, positions: Floats, **options: Any) -> None:
    panel.scatter(positions[:, 0], positions[:, 1], clip_on=False, **options)


def _mark_moves(panel: Axes, places: Places, solution: Solution, other: Solution) -> None:
    """Mark the sites that are open in this solution only, and customers served from elsewhere."""
    only_here: Booleans = solution.is_open & ~other.is_open
    moved: Booleans = solution.assignment != other.assignment
    _scatter(
        panel,
        places.sites[only_here],
        s=150,
        facecolors="none",
        edgecolors=style.GREEN,
        lw=1.5,
        zorder=6,
        gid="open-here-only",
    )
    _scatter(
        panel,
        places.customers[moved],
        s=9,
        marker="x",
        color=style.INK,
        lw=0.7,
        zorder=6,
    )


def _legend(scale: _Scale, n_solutions: int) -> list[Artist]:
    """Make the entries of the legend: the nodes, and for each stage a line of a round weight."""

    def node(marker: str, label: str, size: float, **options: Any) -> Line2D:
        return Line2D([], [], ls="none", marker=marker, markersize=size, label=label, **options)

    page, ink = style.PAGE, style.INK
    entries: list[Artist] = [
        node("s", "source", 3.5, color=RAW),
        node("o", "customer (area: demand)", 6, color=PRODUCT, mec=page, mew=0.4),
        node("^", "site" if not n_solutions else "open site", 7, color=SITE, mec=page, mew=0.6),
    ]
    if n_solutions:
        entries.append(node("^", "closed site", 5, mfc=page, mec=ink, mew=0.6))
        for label, tonnes_per_pt, colour in (
            ("raw material", scale.raw, RAW),
            ("product", scale.product, PRODUCT),
        ):
            tonnes = _round_weight(tonnes_per_pt * 4)
            entries.append(
                Line2D(
                    [],
                    [],
                    lw=tonnes / tonnes_per_pt,
                    color=colour,
                    alpha=0.55,
                    label=f"{label}, {tonnes:,.0f} t",
                )
            )
    if n_solutions == 2:
        entries.append(node("o", "site open here only", 11, mfc="none", mec=style.GREEN, mew=1.5))
        entries.append(node("x", "customer whose site changes", 3.5, color=ink, mew=0.7))
    return entries


def _round_weight(tonnes: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20, ... that is not above a weight."""
    power = 10.0 ** np.floor(np.log10(max(tonnes, 1.0)))
    return float(power * max(step for step in (1, 2, 5) if step * power <= max(tonnes, 1.0)))
