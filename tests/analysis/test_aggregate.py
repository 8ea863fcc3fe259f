"""Medians, quantiles, counts and ratios agree with cases solved by hand and with numpy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.aggregate import relative, summarise, unpivot_indicators

MakeRow = Callable[..., dict[str, Any]]
ToFrame = Callable[..., pl.DataFrame]


def values_of_one_group(numbers: list[float | None]) -> pl.DataFrame:
    """Make a frame of values that share their group, alpha and indicator."""
    return pl.DataFrame(
        {
            **{"allocation": "A1", "structure": "C1", "alpha": 2.0, "indicator": "z1"},
            **{"value": numbers, "certified": True},
        },
        schema_overrides={"value": pl.Float64},
    )


def z1(summary: pl.DataFrame, alpha: float) -> dict[str, Any]:
    """Select the summary of z1 at one alpha."""
    chosen = (pl.col("indicator") == "z1") & (pl.col("alpha") == alpha)
    return summary.row(by_predicate=chosen, named=True)


@pytest.mark.parametrize(
    ("numbers", "q10", "median", "q90"),
    [
        ([5.0], 5, 5, 5),
        ([4.0, 1.0, 3.0, 2.0], 1.3, 2.5, 3.7),
        ([10.0, 0.0, 30.0, 20.0, 40.0], 4, 20, 36),
    ],
)
def test_quantiles_are_linear(numbers: list[float], q10: float, median: float, q90: float) -> None:
    """The p-quantile of n sorted values is at position p (n - 1), interpolated linearly."""
    row = summarise(values_of_one_group([*numbers]), "structure").row(0, named=True)
    assert (row["q10"], row["median"], row["q90"]) == pytest.approx((q10, median, q90))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40))
def test_quantiles_are_those_of_numpy(numbers: list[float]) -> None:
    """Median and quantiles equal numpy.quantile with its linear method."""
    row = summarise(values_of_one_group([*numbers]), "structure").row(0, named=True)
    expected = np.quantile(numbers, [0.1, 0.5, 0.9], method="linear")
    assert (row["q10"], row["median"], row["q90"]) == pytest.approx(tuple(expected), abs=1e-6)


def test_rows_without_a_solution_are_counted_separately(
    make_row: MakeRow, without_solution: MakeRow, to_frame: ToFrame
) -> None:
    """Only solved rows enter a median; rows not certified and rows without a value are counted."""
    rows = [
        make_row("A1", "C1", 2.0, z1=10.0),
        make_row("A2", "C1", 2.0, z1=30.0, status="time_limit"),
        without_solution(make_row("A3", "C1", 2.0)),
        without_solution(make_row("A4", "C1", 2.0), status="error"),
    ]
    row = z1(summarise(unpivot_indicators(to_frame(rows)), "structure"), 2.0)
    assert row["median"] == 20
    assert (row["rows"], row["not_certified"], row["no_value"]) == (2, 1, 2)


def test_a_group_without_any_solution_has_no_median(
    make_row: MakeRow, without_solution: MakeRow, to_frame: ToFrame
) -> None:
    """If no row has a value, the median is null, not 0."""
    row = z1(
        summarise(
            unpivot_indicators(to_frame([without_solution(make_row("A1", "C1", 2.0))])), "structure"
        ),
        2.0,
    )
    assert (row["median"], row["q10"], row["q90"]) == (None, None, None)
    assert (row["rows"], row["no_value"]) == (0, 1)


def test_table_6_takes_the_median_of_the_ratios_of_single_networks(
    make_row: MakeRow, to_frame: ToFrame
) -> None:
    """The median of ratios differs from the ratio of medians.

    Three networks cost 10, 20, 90 at alpha = 2 and 100, 40, 100 at alpha = 20. The ratios are
    10, 50 and 90 percent, with median 50. The medians are 20 and 100, with ratio 20 percent.
    """
    costs = {"A1": (10.0, 100.0), "A2": (20.0, 40.0), "A3": (90.0, 100.0)}
    rows = [
        make_row(allocation, "C1", alpha, z1=cost)
        for allocation, pair in costs.items()
        for alpha, cost in zip((2.0, 20.0), pair, strict=True)
    ]
    absolute = unpivot_indicators(to_frame(rows))
    medians = summarise(absolute, "structure")
    assert z1(medians, 2.0)["median"] / z1(medians, 20.0)["median"] == pytest.approx(0.2)
    ratios = summarise(relative(absolute), "structure")
    assert z1(ratios, 2.0)["median"] == pytest.approx(50)
    assert z1(ratios, 20.0)["median"] == 100


def test_a_replication_has_its_own_reference(make_row: MakeRow, to_frame: ToFrame) -> None:
    """A row is divided by the row of its own replication."""
    rows = [make_row("A1", "C1", 2.0, n, z1=30.0) for n in (0, 1)]
    rows += [make_row("A1", "C1", 20.0, n, z1=cost) for n, cost in ((0, 60.0), (1, 300.0))]
    ratios = relative(unpivot_indicators(to_frame(rows))).filter(
        (pl.col("indicator") == "z1") & (pl.col("alpha") == 2.0)
    )
    assert dict(ratios.select("replication", "value").iter_rows()) == {0: 50.0, 1: 10.0}


def test_without_a_reference_there_is_no_ratio(
    make_row: MakeRow, without_solution: MakeRow, to_frame: ToFrame
) -> None:
    """A row without a solved row of its network at the reference alpha has no value."""
    rows = [
        make_row("A1", "C1", 2.0),
        make_row("A2", "C1", 2.0),
        without_solution(make_row("A2", "C1", 20.0)),
        make_row("A3", "C1", 2.0, z1=1.0),
        make_row("A3", "C1", 20.0, z1=4.0),
    ]
    row = z1(summarise(relative(unpivot_indicators(to_frame(rows))), "structure"), 2.0)
    assert (row["median"], row["rows"], row["no_value"]) == (25.0, 1, 2)


def test_a_ratio_is_certified_if_both_rows_are(make_row: MakeRow, to_frame: ToFrame) -> None:
    """A ratio counts as certified only if the row and its reference are certified."""
    rows = [make_row("A1", "C1", 2.0), make_row("A1", "C1", 20.0, status="time_limit")]
    assert (
        z1(summarise(relative(unpivot_indicators(to_frame(rows))), "structure"), 2.0)[
            "not_certified"
        ]
        == 1
    )


def test_a_reference_of_zero_gives_no_ratio(make_row: MakeRow, to_frame: ToFrame) -> None:
    """Dividing by 0 gives null, not infinity."""
    rows = [make_row("A1", "C1", 2.0, z1=1.0), make_row("A1", "C1", 20.0, z1=0.0)]
    assert (
        z1(summarise(relative(unpivot_indicators(to_frame(rows))), "structure"), 2.0)["median"]
        is None
    )


def test_the_reference_alpha_is_a_parameter(make_row: MakeRow, to_frame: ToFrame) -> None:
    """Any alpha can be chosen as the one that counts as 100 percent."""
    rows = [make_row("A1", "C1", 2.0, z1=5.0), make_row("A1", "C1", 10.0, z1=20.0)]
    ratios = summarise(
        relative(unpivot_indicators(to_frame(rows)), reference_alpha=2.0), "structure"
    )
    assert (z1(ratios, 2.0)["median"], z1(ratios, 10.0)["median"]) == (100, 400)
