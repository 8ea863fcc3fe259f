"""An axis takes lists, bare commas, ranges, single values and the word ``all``."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.sections import validate
from tests.pipeline.config.configurations import (
    RANGES,
    config_of,
    defaults_with,
    is_one_line,
    user_error_message,
)


@pytest.mark.parametrize(
    ("word", "axis", "values"),
    [
        ("sweep.alpha=2,20", "alpha", (2.0, 20.0)),
        ("sweep.alpha=[2,20]", "alpha", (2.0, 20.0)),
        ("sweep.alpha=20,2", "alpha", (20.0, 2.0)),
        ("sweep.alpha=range(1,5)", "alpha", (1.0, 2.0, 3.0, 4.0)),
        ("sweep.alpha=range(2,4,0.5)", "alpha", (2.0, 2.5, 3.0, 3.5)),
        ("sweep.alpha='range(2, 4, 0.5)'", "alpha", (2.0, 2.5, 3.0, 3.5)),
        # Binary rounding neither includes the stop nor changes 2.3 into another number.
        ("sweep.alpha=range(1,2.2,0.1)", "alpha", tuple(n / 10 for n in range(10, 22))),
        ("sweep.alpha=range(2,4,0.1)", "alpha", tuple(n / 10 for n in range(20, 40))),
        ("sweep.alpha=7", "alpha", (7.0,)),
        ("sweep.alpha=2.5", "alpha", (2.5,)),
        ("sweep.scale=range(1,5)", "scale", (1, 2, 3, 4)),
        ("sweep.scale=3", "scale", (3,)),
        ("sweep.allocation=all", "allocation", tuple(f"A{n}" for n in range(1, 8))),
        ("sweep.allocation=A5,A1", "allocation", ("A5", "A1")),
        ("sweep.allocation=[A5,A1]", "allocation", ("A5", "A1")),
        ("sweep.allocation=A3", "allocation", ("A3",)),
        ("sweep.structure=all", "structure", tuple(f"C{n}" for n in range(1, 26))),
        ("sweep.structure=C7", "structure", ("C7",)),
        ("sweep.structure=C7,C11", "structure", ("C7", "C11")),
    ],
    ids=lambda value: value if isinstance(value, str) else str(len(value)),
)
def test_all_notations_of_an_axis_are_understood(
    word: str, axis: str, values: tuple[Any, ...]
) -> None:
    """Lists, bare commas, ranges, `all` and single values give the values of an axis."""
    found = getattr(config_of(word).sweep, axis)
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


def test_an_allocation_of_the_user_can_be_swept() -> None:
    """An allocation added to the network section is a valid label, and `all` includes it."""
    own = "+network.allocations.B1=[2,3,4]"
    assert config_of(own, "sweep.allocation=B1").sweep.allocation == ("B1",)
    assert "B1" in config_of(own).sweep.allocation


@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    st.sampled_from([f"sweep.{axis}" for axis in ("allocation", "structure", "scale", "alpha")]),
    RANGES,
)
def test_any_range_is_valid_or_a_user_error(key: str, word: str) -> None:
    """A range of extreme, missing or wrong numbers is accepted or reported in one line."""
    values = defaults_with(key, word)
    assert is_one_line(user_error_message(lambda: validate(values)))
