"""The rule that decides a claim, and how its range is written."""

from __future__ import annotations

import pytest

from analysis.claims.claim import Range, above, at_least, below, within
from analysis.claims.statistics import mean, paper, paper_percent, subtract
from analysis.claims_table import format_alike


@pytest.mark.parametrize(
    ("claimed", "text", "inside", "outside"),
    [
        (below(100), "< 100", [99.9, -5], [100, 101]),
        (above(0), "> 0", [0.1], [0, -1]),
        (at_least(80), "≥ 80", [80, 100], [79.9]),
        (within(17, 30), "17 to 30", [17, 30], [16.9, 30.1]),
        (within(9, 9), "= 9", [9], [8.9, 9.1]),
    ],
)
def test_a_range_contains_what_its_text_says(
    claimed: Range, text: str, inside: list[float], outside: list[float]
) -> None:
    """Open ends do not belong to a range, closed ones do."""
    assert str(claimed) == text
    assert all(map(claimed.contains, inside))
    assert not any(map(claimed.contains, outside))
    assert all(claimed.excludes(value, value) for value in outside)
    assert not any(claimed.excludes(value, value) for value in inside)


@pytest.mark.parametrize(
    ("claimed", "low", "high", "excluded"),
    [
        (below(100), 99, 101, False),
        (below(100), 100, 101, True),
        (within(17, 30), 10, 40, False),
        (within(17, 30), 31, 40, True),
        (above(0), -2, 0, True),
    ],
)
def test_an_interval_is_excluded_only_as_a_whole(
    claimed: Range, low: float, high: float, excluded: bool
) -> None:
    """An interval around the claimed values, or across an end, excludes nothing."""
    assert claimed.excludes(low, high) is excluded


def test_numbers_of_the_paper_come_from_its_tables() -> None:
    """z2 of C8 falls by 16.8 % from alpha 5 to 2; a missing cell stays missing."""
    assert paper(3, "C8", 5.0, "z2") == 981
    percent = paper_percent(3, "C8", "z2", 2.0, 5.0)
    assert subtract(100, percent) == pytest.approx(16.8, abs=0.05)
    assert paper_percent(3, "A4", "z1", 2.0) is None
    assert subtract(1, None) is None
    assert mean([1, None]) is None
    assert mean([1, 2]) == 1.5


@pytest.mark.parametrize(
    ("numbers", "texts"),
    [
        ((100, 100, 100), ["100", "100", "100"]),
        ((80, 79.12, 81), ["80.0", "79.1", "81.0"]),
        ((1.234, -0.001, 2), ["1.23", "0.00", "2.00"]),
        ((-0.0001,), ["0"]),
    ],
)
def test_numbers_of_a_line_have_as_many_decimals(
    numbers: tuple[float, ...], texts: list[str]
) -> None:
    """Value and interval are rounded alike, and zero has no sign."""
    assert format_alike(*numbers) == texts
