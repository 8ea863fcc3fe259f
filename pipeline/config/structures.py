"""The 25 structures: where sources, sites and customers cluster, up to symmetry.

Paper, section 3.3.1. A placement puts one source cluster, one or two production clusters and one
customer cluster on the four corners of the grid. Placements that a rotation or reflection of the
square maps onto each other are one structure: 10 classes with one production cluster and 14 with
two; with the even distribution that makes C1..C25. Which class carries which label is printed in
the paper's Figure 4 only as a picture; ``structures.csv`` holds the labels as inferred from the
paper's Tables 3 and 4, with the certainty of each and what it rests on.
"""

from __future__ import annotations

import csv
import functools
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

CORNERS = {"nw": (0, 1), "ne": (1, 1), "sw": (0, 0), "se": (1, 0)}
"""Region -> its half of the west-east axis (0 west) and of the south-north axis (0 south)."""

_CORNER_OF_HALVES = {halves: name for name, halves in CORNERS.items()}


@dataclass(frozen=True)
class Placement:
    """The regions in which the clusters of one structure lie.

    Parameters
    ----------
    source : str
        A key of `CORNERS`.
    production : frozenset of str
        One or two keys of `CORNERS`.
    customer : str
        A key of `CORNERS`.
    """

    source: str
    production: frozenset[str]
    customer: str

    def transformed(self, symmetry: Callable[[str], str]) -> Placement:
        """Apply a symmetry of the square to every cluster."""
        return Placement(
            symmetry(self.source),
            frozenset(map(symmetry, self.production)),
            symmetry(self.customer),
        )


def symmetries() -> list[Callable[[str], str]]:
    """List the eight rotations and reflections of the square, as maps of its corners."""

    def symmetry(swap: bool, mirror_x: bool, mirror_y: bool) -> Callable[[str], str]:
        def map_corner(corner: str) -> str:
            x, y = CORNERS[corner]
            x, y = x ^ mirror_x, y ^ mirror_y
            return _CORNER_OF_HALVES[(y, x) if swap else (x, y)]

        return map_corner

    return [symmetry(*flags) for flags in itertools.product((False, True), repeat=3)]


def orbit(placement: Placement) -> frozenset[Placement]:
    """Return all placements that a symmetry maps this one onto: they are the same structure."""
    return frozenset(placement.transformed(symmetry) for symmetry in symmetries())


def classes(production_clusters: int) -> frozenset[frozenset[Placement]]:
    """Return the structures with this number of production clusters, each as its orbit."""
    return frozenset(
        orbit(Placement(source, frozenset(production), customer))
        for source in CORNERS
        for production in itertools.combinations(CORNERS, production_clusters)
        for customer in CORNERS
    )


@functools.cache
def structures() -> Mapping[str, Placement | None]:
    """Map each label C1..C25 to a placement of its class, or None for the even distribution.

    Raises
    ------
    ValueError
        The labels do not name every derived class exactly once.
    """
    labels = {row["label"]: _placement(row) for row in _rows()}
    labelled = [orbit(placement) for placement in labels.values() if placement is not None]
    derived = classes(1) | classes(2)
    if len(labelled) != len(derived) or frozenset(labelled) != derived:
        raise ValueError("structures.csv does not name every derived structure exactly once")
    return MappingProxyType(labels)


@functools.cache
def certainties() -> Mapping[str, str]:
    """Map each label to how certain its placement is: ``secure``, ``likely`` or ``undecided``.

    `sitesweep readings` infers it; docs/reproduction.md has the rule.
    """
    return MappingProxyType({row["label"]: row["certainty"] for row in _rows()})


def _rows() -> list[dict[str, str]]:
    text = (resources.files("pipeline.config") / "structures.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _placement(row: dict[str, str]) -> Placement | None:
    if not row["production_regions"]:
        return None
    production = frozenset(row["production_regions"].split("+"))
    return Placement(row["source_region"], production, row["customer_region"])
