"""Medians, quantiles, counts and ratios against cases solved by hand and against numpy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.aggregate import relative, summarise, tidy

Make = Callable[..., dict[str, Any]]
Frame = Callable[..., pl.DataFrame]


def values(numbers: list[float | None]) -> pl.DataFrame:
    """Lay numbers out as values of one group, alpha and indicator."""
    return pl.DataFrame(
        {"structure": "C1", "alpha": 2.0, "indicator": "z1", "value": numbers, "certified": True},
        schema_overrides={"value": pl.Float64},
    )


def z1(frame: pl.DataFrame, alpha: float) -> dict[str, Any]:
    """Take the summary of z1 at one alpha."""
    chosen = (pl.col("indicator") == "z1") & (pl.col("alpha") == alpha)
    return frame.row(by_predicate=chosen, named=True)


@pytest.mark.parametrize(
    ("numbers", "q10", "median", "q90"),
    [
        ([5.0], 5, 5, 5),
        ([4.0, 1.0, 3.0, 2.0], 1.3, 2.5, 3.7),
        ([10.0, 0.0, 30.0, 20.0, 40.0], 4, 20, 36),
    ],
)
def test_quantiles_are_linear(numbers: list[float], q10: float, median: float, q90: float) -> None:
    """The p-quantile of n sorted values stands at position p (n - 1), interpolated linearly."""
    row = summarise(values([*numbers]), "structure").row(0, named=True)
    assert (row["q10"], row["median"], row["q90"]) == pytest.approx((q10, median, q90))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40))
def test_quantiles_are_those_of_numpy(numbers: list[float]) -> None:
    """Median and quantiles equal numpy.quantile with its linear method."""
    row = summarise(values([*numbers]), "structure").row(0, named=True)
    expected = np.quantile(numbers, [0.1, 0.5, 0.9], method="linear")
    assert (row["q10"], row["median"], row["q90"]) == pytest.approx(tuple(expected), abs=1e-6)


def test_rows_without_a_solution_are_counted_apart(make: Make, fail: Make, frame: Frame) -> None:
    """Medians rest on the solved rows; the unsolved and the not certified are counted."""
    rows = [
        make("A1", "C1", 2.0, z1=10.0),
        make("A2", "C1", 2.0, z1=30.0, status="time_limit"),
        fail(make("A3", "C1", 2.0)),
        fail(make("A4", "C1", 2.0), status="error"),
    ]
    row = z1(summarise(tidy(frame(rows)), "structure"), 2.0)
    assert row["median"] == 20
    assert (row["rows"], row["not_certified"], row["no_value"]) == (2, 1, 2)


def test_a_group_without_any_solution_has_no_median(make: Make, fail: Make, frame: Frame) -> None:
    """Where no row has a value, the median is null, not 0."""
    row = z1(summarise(tidy(frame([fail(make("A1", "C1", 2.0))])), "structure"), 2.0)
    assert (row["median"], row["q10"], row["q90"]) == (None, None, None)
    assert (row["rows"], row["no_value"]) == (0, 1)


def test_ratio_median_is_of_single_networks(make: Make, frame: Frame) -> None:
    """Table 6 takes the median of ratios, which differs from the ratio of medians.

    Three networks cost 10, 20, 90 at alpha = 2 and 100, 40, 100 at alpha = 20. The ratios are
    10, 50 and 90 percent, median 50; the medians are 20 and 100, ratio 20 percent.
    """
    costs = {"A1": (10.0, 100.0), "A2": (20.0, 40.0), "A3": (90.0, 100.0)}
    rows = [
        make(allocation, "C1", alpha, z1=cost)
        for allocation, pair in costs.items()
        for alpha, cost in zip((2.0, 20.0), pair, strict=True)
    ]
    absolute = tidy(frame(rows))
    medians = summarise(absolute, "structure")
    assert z1(medians, 2.0)["median"] / z1(medians, 20.0)["median"] == pytest.approx(0.2)
    ratios = summarise(relative(absolute), "structure")
    assert z1(ratios, 2.0)["median"] == pytest.approx(50)
    assert z1(ratios, 20.0)["median"] == 100


def test_a_replication_has_its_own_reference(make: Make, frame: Frame) -> None:
    """A row is divided by the row of its own replication."""
    rows = [make("A1", "C1", 2.0, n, z1=30.0) for n in (0, 1)]
    rows += [make("A1", "C1", 20.0, n, z1=cost) for n, cost in ((0, 60.0), (1, 300.0))]
    ratios = relative(tidy(frame(rows))).filter(
        (pl.col("indicator") == "z1") & (pl.col("alpha") == 2.0)
    )
    assert dict(ratios.select("replication", "value").iter_rows()) == {0: 50.0, 1: 10.0}


def test_no_reference_no_ratio(make: Make, fail: Make, frame: Frame) -> None:
    """Without a solved row at the reference alpha, a row counts as one without a value."""
    rows = [
        make("A1", "C1", 2.0),
        make("A2", "C1", 2.0),
        fail(make("A2", "C1", 20.0)),
        make("A3", "C1", 2.0, z1=1.0),
        make("A3", "C1", 20.0, z1=4.0),
    ]
    row = z1(summarise(relative(tidy(frame(rows))), "structure"), 2.0)
    assert (row["median"], row["rows"], row["no_value"]) == (25.0, 1, 2)


def test_a_ratio_is_certified_on_both_sides(make: Make, frame: Frame) -> None:
    """A ratio counts as certified only if the row and its reference are."""
    rows = [make("A1", "C1", 2.0), make("A1", "C1", 20.0, status="time_limit")]
    assert z1(summarise(relative(tidy(frame(rows))), "structure"), 2.0)["not_certified"] == 1


def test_a_reference_of_zero_gives_no_ratio(make: Make, frame: Frame) -> None:
    """Dividing by 0 gives null, not infinity."""
    rows = [make("A1", "C1", 2.0, z1=1.0), make("A1", "C1", 20.0, z1=0.0)]
    assert z1(summarise(relative(tidy(frame(rows))), "structure"), 2.0)["median"] is None


def test_the_reference_alpha_is_a_parameter(make: Make, frame: Frame) -> None:
    """Any alpha can be the one that counts as 100 percent."""
    rows = [make("A1", "C1", 2.0, z1=5.0), make("A1", "C1", 10.0, z1=20.0)]
    ratios = summarise(relative(tidy(frame(rows)), reference_alpha=2.0), "structure")
    assert (z1(ratios, 2.0)["median"], z1(ratios, 10.0)["median"]) == (100, 400)
