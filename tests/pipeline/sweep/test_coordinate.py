"""The random numbers at a coordinate depend on the coordinate only."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.structures import structures
from pipeline.sweep.coordinate import _hash_to_uint32, random_stream

ORIGIN: dict[str, Any] = {
    "seed": 2016,
    "purpose": "site nodes",
    "replication": 3,
    "scale": 2,
    "allocation": "A1",
    "structure": "C3",
    "attempt": 1,
}
PURPOSES = ("demand", "capacity", "source nodes", "site nodes", "customer nodes")


def first_numbers(**changes: Any) -> list[int]:
    """Return the first numbers of the stream at `ORIGIN`, with some values changed."""
    return random_stream(**{**ORIGIN, **changes}).integers(0, 2**63, size=4).tolist()


def test_a_stream_depends_on_its_values_only() -> None:
    """The same values give the same stream, whatever was drawn before or in between."""
    first = first_numbers()
    other = random_stream(**{**ORIGIN, "replication": 4})
    again = random_stream(**ORIGIN)
    drawn = []
    for _ in range(4):
        other.random(17)
        drawn.append(int(again.integers(0, 2**63)))
    assert drawn == first == first_numbers()


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2017},
        {"purpose": "source nodes"},
        {"replication": 4},
        {"scale": 1},
        {"allocation": "A2"},
        {"structure": "C4"},
        {"attempt": 2},
        # Exchanged and empty values give other streams too.
        {"replication": 2, "scale": 3},
        {"allocation": "C3", "structure": "A1"},
        {"allocation": ""},
        {"structure": ""},
        {"allocation": "A1C3", "structure": ""},
    ],
    ids=str,
)
def test_a_stream_depends_on_every_value(change: dict[str, Any]) -> None:
    """A change of any value of the coordinate gives another stream."""
    assert not set(first_numbers()) & set(first_numbers(**change))


def test_purposes_have_their_own_streams() -> None:
    """The streams of two purposes have no number in common."""
    streams = [tuple(first_numbers(purpose=purpose)) for purpose in PURPOSES]
    assert len({number for numbers in streams for number in numbers}) == 4 * len(PURPOSES)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**31 - 1),
            st.sampled_from(PURPOSES),
            st.integers(0, 2**31 - 1),
            st.integers(1, 2**31 - 1),
            st.sampled_from(["", "A1", "A2", "A7"]),
            st.sampled_from(["", *structures()]),
            st.integers(1, 100_000),
        ),
        unique=True,
        min_size=2,
        max_size=8,
    )
)
def test_different_coordinates_have_different_streams(coordinates: list[tuple[Any, ...]]) -> None:
    """No two coordinates share a stream, over the whole range that a configuration allows."""
    streams = {
        tuple(random_stream(*values).integers(0, 2**63, size=2).tolist()) for values in coordinates
    }
    assert len(streams) == len(coordinates)


def test_hashes_are_pinned() -> None:
    """The hash of a name is the first four bytes of its SHA-256, little-endian."""
    assert _hash_to_uint32("demand") == 2_132_278_495
    assert _hash_to_uint32("") == 1_120_186_595
    assert _hash_to_uint32("A1") == 2_255_397_654


def test_the_names_in_use_have_different_hashes() -> None:
    """The hashes of all labels and purposes are distinct, and have 32 bits."""
    names = ["", *PURPOSES, *structures(), *(f"A{number}" for number in range(1, 1000))]
    hashes = {_hash_to_uint32(name) for name in names}
    assert len(hashes) == len(names)
    assert all(0 <= value < 2**32 for value in hashes)


def test_streams_are_pinned() -> None:
    """The first numbers of two streams never change, because all networks depend on them."""
    demand = random_stream(2016, "demand", 0, 1).integers(0, 2**32, 3).tolist()
    assert demand == [3_044_113_346, 1_014_475_880, 3_864_992_503]
    nodes = random_stream(2016, "site nodes", 3, 2, "A1", "C3").random(2).tolist()
    assert nodes == [0.9118937652279983, 0.9198501323760877]
