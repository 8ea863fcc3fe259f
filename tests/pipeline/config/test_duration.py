"""Time spans are written as a person writes them."""

import pytest

from pipeline.config.duration import describe_core_time, describe_span


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 core seconds"),
        (0.044, "0.044 core seconds"),
        (1, "1 core second"),
        (2.5, "2.5 core seconds"),
        (59, "59 core seconds"),
        (720, "12 core minutes"),
        (3600, "1 core hour"),
        (41 * 3600, "41 core hours"),
        (4_100_000 * 3600, "4,100,000 core hours"),
    ],
)
def test_work_has_one_unit(seconds: float, text: str) -> None:
    """The unit is the largest that fits; two digits below ten."""
    assert describe_core_time(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (12000, "3 h 20 min"), (90000, "1 d 1 h")],
)
def test_a_span_has_its_two_largest_units(seconds: float, text: str) -> None:
    """Days and hours, hours and minutes, minutes and seconds, or seconds; never negative."""
    assert describe_span(seconds) == text
