"""A map of a network as SVG, which a notebook shows: nodes, and the transports of a solution."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solvers.problem import Floats
from solvers.solution import Solution

Point = tuple[float, float]

_SIZE = 360
_MARGIN = 12
_COLOURS = {"sources": "#999999", "sites": "#d55e00", "customers": "#0072b2"}
"""Of the palette of Okabe and Ito, which people with any colour vision can distinguish."""


def draw_map(
    sources: Floats, sites: Floats, customers: Floats, solution: Solution | None = None
) -> str:
    """Draw a network, north up; with a solution, its open sites and transports.

    Sources are squares, sites triangles (closed ones hollow), customers circles.

    Parameters
    ----------
    sources, sites, customers : ndarray, shape (I, 2), (J, 2), (K, 2)
        Positions east and north of the south-west corner, km.
    solution : Solution, optional
        Of a problem of the network.

    Returns
    -------
    str
        An ``svg`` element.
    """
    scale = _SIZE / max(100.0, *(float(nodes.max()) for nodes in (sources, sites, customers)))
    points = {
        "sources": _points(sources, scale),
        "sites": _points(sites, scale),
        "customers": _points(customers, scale),
    }
    side = _SIZE + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side + 18}" '
        f'role="img" aria-label="map of the network">',
        f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_SIZE}" height="{_SIZE}" fill="none" '
        'stroke="#cccccc"/>',
        *([] if solution is None else _transports(points, solution)),
        *_nodes(points, solution),
        *_legend(side),
        "</svg>",
    ]
    return "".join(parts)


def _points(nodes: Floats, scale: float) -> list[Point]:
    """Return the positions of nodes in the picture, whose y axis points down."""
    return [(_MARGIN + float(x), _MARGIN + _SIZE - float(y)) for x, y in nodes * scale]


def _transports(points: dict[str, list[Point]], solution: Solution) -> Iterator[str]:
    sources, sites = points["sources"], points["sites"]
    for i, j in zip(*np.nonzero(solution.flow > 0), strict=True):
        yield _line(sources[i], sites[j], _COLOURS["sources"])
    for customer, site in zip(points["customers"], solution.assignment, strict=True):
        yield _line(customer, sites[site], _COLOURS["customers"])


def _line(start: Point, end: Point, colour: str) -> str:
    (x1, y1), (x2, y2) = start, end
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        'stroke-width="0.8" stroke-opacity="0.6"/>'
    )


def _nodes(points: dict[str, list[Point]], solution: Solution | None) -> Iterator[str]:
    for x, y in points["sources"]:
        yield _square(x, y)
    for x, y in points["customers"]:
        yield _circle(x, y)
    for number, (x, y) in enumerate(points["sites"]):
        yield _triangle(x, y, solution is None or bool(solution.is_open[number]))


def _square(x: float, y: float) -> str:
    colour = _COLOURS["sources"]
    return f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="{colour}"/>'


def _circle(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{_COLOURS["customers"]}"/>'


def _triangle(x: float, y: float, filled: bool) -> str:
    colour = _COLOURS["sites"]
    corners = f"{x - 5:.1f},{y + 4:.1f} {x + 5:.1f},{y + 4:.1f} {x:.1f},{y - 5:.1f}"
    fill = colour if filled else "none"
    return f'<polygon points="{corners}" fill="{fill}" stroke="{colour}"/>'


def _legend(side: int) -> Iterator[str]:
    left, middle, right = (_MARGIN + 5 + 90 * number for number in range(3))
    y = side + 6
    yield from (_square(left, y), _circle(middle, y), _triangle(right, y, True))
    for x, label in ((left, "source"), (middle, "customer"), (right, "site")):
        style = 'font-size="11" font-family="sans-serif"'
        yield f'<text x="{x + 9}" y="{y + 4}" {style}>{label}</text>'
