"""The 25 structures are the orbits of placements under the square's symmetries, one label each."""

import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipeline.config import structures as module
from pipeline.config.structures import CORNERS, Placement, classes, orbit, structures, symmetries

RING = ("nw", "ne", "se", "sw")
"""The corners in clockwise order, independent of the code under test."""


def placements(production_clusters: int) -> set[Placement]:
    """Return every way to put the clusters on corners, equivalent ones included."""
    return {
        Placement(source, frozenset(production), customer)
        for source in RING
        for production in itertools.combinations(RING, production_clusters)
        for customer in RING
    }


def as_tuples() -> set[tuple[str, ...]]:
    """Write each symmetry as the images of the corners in `RING`."""
    return {tuple(symmetry(corner) for corner in RING) for symmetry in symmetries()}


def composed(outer: tuple[str, ...], inner: tuple[str, ...]) -> tuple[str, ...]:
    """Compose two symmetries: first the inner, then the outer."""
    return tuple(outer[RING.index(corner)] for corner in inner)


def orbits(members: Iterable[Placement], maps: set[tuple[str, ...]]) -> set[frozenset[Placement]]:
    """Compute the orbits of placements under some maps of the corners."""
    return {
        frozenset(
            placement.transformed(lambda corner, image=image: image[RING.index(corner)])
            for image in maps
        )
        for placement in members
    }


ROTATIONS = {RING[turn:] + RING[:turn] for turn in range(4)}
REFLECTIONS = {rotation[::-1] for rotation in ROTATIONS}


def test_the_symmetries_are_those_of_the_square() -> None:
    """There are eight distinct symmetries: four rotations and four reflections of the ring."""
    assert len(symmetries()) == 8
    assert as_tuples() == ROTATIONS | REFLECTIONS


def test_the_symmetries_form_a_group() -> None:
    """The set is closed under composition, and contains the identity and all inverses."""
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
    # As many members as distinct placements: the classes are disjoint and complete.
    assert sum(len(members) for members in found) == n_placements
    assert frozenset().union(*found) == placements(production_clusters)
    assert found == orbits(placements(production_clusters), ROTATIONS | REFLECTIONS)


@pytest.mark.parametrize(("production_clusters", "n_orbits"), [(1, 16), (2, 24)])
def test_rotations_alone_leave_more_classes(production_clusters: int, n_orbits: int) -> None:
    """Rotations alone give 16 and 24 classes: the paper's 10 and 14 need reflections too."""
    assert len(orbits(placements(production_clusters), ROTATIONS)) == n_orbits


def test_equivalent_placements_have_the_same_orbit() -> None:
    """Every member of an orbit has this orbit."""
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


def test_labels_and_classes_correspond_one_to_one() -> None:
    """No two labels belong to the same class, and every class has a label."""
    named = [orbit(placement) for placement in structures().values() if placement]
    assert len(set(named)) == len(named) == 24
    assert set(named) == classes(1) | classes(2)


def test_placements_agree_with_the_text_of_the_paper() -> None:
    """The paper's statements on C8 and C9, and on C10, C23 and C25, hold for their placements."""
    placed = {label: placement for label, placement in structures().items() if placement}
    # Section 4.2.1: "production sites and customers are located in the same region".
    for label in ("C8", "C9"):
        assert placed[label].production == {placed[label].customer}
    # Section 4.2.2: "the clusters are highly concentrated in one region of the grid".
    for label in ("C10", "C23", "C25"):
        assert placed[label].source == placed[label].customer
        assert placed[label].source in placed[label].production


def test_a_class_with_two_labels_is_rejected(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A table of labels with one class twice and another class missing is an error."""
    table = Path(module.__file__).with_name("structures.csv").read_text(encoding="utf-8")
    # C2 with its customers in the south-east, not the north-west: a reflection of C2 ...
    mirrored = table.replace("C2,1,ne,sw,nw", "C2,1,ne,sw,se")
    # ... and with its production in the north-west too: that is the class of C1.
    doubled = table.replace("C2,1,ne,sw,nw", "C2,1,ne,nw,se")
    assert table not in (mirrored, doubled)
    monkeypatch.setattr(module.resources, "files", lambda package: tmp_path)

    (tmp_path / "structures.csv").write_text(mirrored, encoding="utf-8")
    assert len(structures.__wrapped__()) == 25
    (tmp_path / "structures.csv").write_text(doubled, encoding="utf-8")
    with pytest.raises(ValueError, match="every derived structure exactly once"):
        structures.__wrapped__()
