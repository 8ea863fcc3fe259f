"""The 25 structures follow from the symmetries of the square, and each has one label."""

import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipeline.config import structures as module
from pipeline.config.structures import CORNERS, Placement, classes, orbit, structures, symmetries

RING = ("nw", "ne", "se", "sw")
"""The corners in clockwise order, written out here apart from the code under test."""


def placements(production_clusters: int) -> set[Placement]:
    """List every way to put the clusters on corners, symmetric or not."""
    return {
        Placement(source, frozenset(production), customer)
        for source in RING
        for production in itertools.combinations(RING, production_clusters)
        for customer in RING
    }


def as_tuples() -> set[tuple[str, ...]]:
    """Write each symmetry as the corners that the ring's corners move to."""
    return {tuple(symmetry(corner) for corner in RING) for symmetry in symmetries()}


def composed(outer: tuple[str, ...], inner: tuple[str, ...]) -> tuple[str, ...]:
    """Apply one symmetry after another."""
    return tuple(outer[RING.index(corner)] for corner in inner)


def orbits(members: Iterable[Placement], moves: set[tuple[str, ...]]) -> set[frozenset[Placement]]:
    """Collect the orbits of placements under some moves, from first principles."""
    return {
        frozenset(
            placement.moved(lambda corner, move=move: move[RING.index(corner)]) for move in moves
        )
        for placement in members
    }


ROTATIONS = {RING[turn:] + RING[:turn] for turn in range(4)}
REFLECTIONS = {turned[::-1] for turned in ROTATIONS}


def test_the_symmetries_are_those_of_the_square() -> None:
    """There are eight distinct symmetries: four rotations and four reflections of the ring."""
    assert len(symmetries()) == 8
    assert as_tuples() == ROTATIONS | REFLECTIONS


def test_the_symmetries_form_a_group() -> None:
    """Symmetries are closed under composition, and hold the identity and all inverses."""
    group = as_tuples()
    assert {composed(a, b) for a in group for b in group} == group
    assert RING in group
    assert all(any(composed(a, b) == RING for b in group) for a in group)


def test_the_corners_lie_where_their_names_say() -> None:
    """West is 0 and east 1 on the first axis, south is 0 and north 1 on the second."""
    for name, (east, north) in CORNERS.items():
        assert name == ("n" if north else "s") + ("e" if east else "w")


@pytest.mark.parametrize(
    ("production_clusters", "n_placements", "n_classes"), [(1, 64, 10), (2, 96, 14)]
)
def test_placements_partition_into_orbits(
    production_clusters: int, n_placements: int, n_classes: int
) -> None:
    """64 and 96 placements fall into 10 and 14 classes, each placement into exactly one."""
    found = classes(production_clusters)
    assert len(found) == n_classes
    # As many members as distinct placements: the classes are disjoint and leave none out.
    assert sum(len(members) for members in found) == n_placements
    assert frozenset().union(*found) == placements(production_clusters)
    assert found == orbits(placements(production_clusters), ROTATIONS | REFLECTIONS)


@pytest.mark.parametrize(("production_clusters", "n_orbits"), [(1, 16), (2, 24)])
def test_rotations_alone_leave_more_classes(production_clusters: int, n_orbits: int) -> None:
    """Without reflections there would be 16 and 24 classes: the paper's counts need both."""
    assert len(orbits(placements(production_clusters), ROTATIONS)) == n_orbits


def test_symmetric_placements_share_their_orbit() -> None:
    """An orbit is the same whichever of its members it is asked of."""
    for placement in placements(1) | placements(2):
        members = orbit(placement)
        assert placement in members
        assert all(orbit(member) == members for member in members)


def test_there_are_25_labels() -> None:
    """C1..C10 have one production cluster, C11 is even, C12..C25 have two."""
    labels = structures()
    assert list(labels) == [f"C{number}" for number in range(1, 26)]
    clusters = [len(placement.production) if placement else 0 for placement in labels.values()]
    assert clusters == [1] * 10 + [0] + [2] * 14


def test_each_label_names_another_class() -> None:
    """No two labels are the same structure, and no class is without a label."""
    named = [orbit(placement) for placement in structures().values() if placement]
    assert len(set(named)) == len(named) == 24
    assert set(named) == classes(1) | classes(2)


def test_labels_that_the_papers_text_describes() -> None:
    """What the paper says of C8 and C9, and of C10, C23 and C25, holds for their placements."""
    placed = {label: placement for label, placement in structures().items() if placement}
    # Section 4.2.1: "production sites and customers are located in the same region".
    for label in ("C8", "C9"):
        assert placed[label].production == {placed[label].customer}
    # Section 4.2.2: "the clusters are highly concentrated in one region of the grid".
    for label in ("C10", "C23", "C25"):
        assert placed[label].source == placed[label].customer
        assert placed[label].source in placed[label].production


def test_a_doubled_class_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A table of labels that names one class twice and another never is an error."""
    table = Path(module.__file__).with_name("structures.csv").read_text(encoding="utf-8")
    # C2's customers move from the north-west to the south-east: by a mirror that is C2 again ...
    mirrored = table.replace("C2,1,ne,sw,nw", "C2,1,ne,sw,se")
    # ... and its production to the north-west: that is C1's class.
    doubled = table.replace("C2,1,ne,sw,nw", "C2,1,ne,nw,se")
    assert table not in (mirrored, doubled)
    monkeypatch.setattr(module.resources, "files", lambda package: tmp_path)

    (tmp_path / "structures.csv").write_text(mirrored, encoding="utf-8")
    assert len(structures.__wrapped__()) == 25
    (tmp_path / "structures.csv").write_text(doubled, encoding="utf-8")
    with pytest.raises(ValueError, match="every derived structure exactly once"):
        structures.__wrapped__()
