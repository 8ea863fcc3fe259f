"""Medians, quantiles, counts and ratios agree with cases solved by hand and with numpy."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.aggregate import quantile_name, relative, summarise, unpivot_indicators

MakeRow = Callable[..., dict[str, Any]]
ToFrame = Callable[..., pl.DataFrame]

INFINITY = float("inf")
KEY = ["structure", "alpha", "indicator"]


def values_of_one_group(intervals: list[tuple[float, float]]) -> pl.DataFrame:
    """Make a frame of values that share their group; each lies at the lower end of its interval."""
    least, greatest = zip(*intervals, strict=True)
    return pl.DataFrame(
        {
            **{"allocation": "A1", "structure": "C1", "alpha": 2.0, "indicator": "z1"},
            **{"value": least, "least": least, "greatest": greatest, "certified": True},
        },
        schema_overrides=dict.fromkeys(("value", "least", "greatest"), pl.Float64),
    )


def points(numbers: list[float]) -> pl.DataFrame:
    """Make a frame of certain values that share their group."""
    return values_of_one_group([(number, number) for number in numbers])


def of_indicator(summary: pl.DataFrame, alpha: float, indicator: str = "z1") -> dict[str, Any]:
    """Select the summary of one indicator at one alpha."""
    chosen = (pl.col("indicator") == indicator) & (pl.col("alpha") == alpha)
    return summary.row(by_predicate=chosen, named=True)


def median_range(summary: pl.DataFrame, alpha: float, indicator: str = "z1") -> tuple[Any, Any]:
    """Return the least and the greatest possible median of one indicator at one alpha."""
    row = of_indicator(summary, alpha, indicator)
    return row["q0.5_least"], row["q0.5_greatest"]


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
    row = summarise(points(numbers), KEY).row(0, named=True)
    assert (row["q0.1"], row["q0.5"], row["q0.9"]) == pytest.approx((q10, median, q90))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40),
    st.lists(st.floats(0, 1), min_size=1, max_size=4, unique_by=quantile_name),
)
def test_quantiles_are_those_of_numpy(numbers: list[float], probabilities: list[float]) -> None:
    """Every quantile equals numpy.quantile with its linear method."""
    row = summarise(points(numbers), KEY, probabilities).row(0, named=True)
    expected = np.quantile(numbers, probabilities, method="linear")
    found = [row[quantile_name(probability)] for probability in probabilities]
    assert found == pytest.approx(list(expected), rel=1e-12, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)).map(sorted),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 1.0]),
)
def test_the_range_of_a_quantile_is_that_of_all_cases(
    intervals: list[list[int]], probability: float
) -> None:
    """Its ends are the least and the greatest quantile over all values within the intervals.

    Each interval has three points: its ends and one between them.
    """
    ends = [(float(low), float(high)) for low, _, high in intervals]
    row = summarise(values_of_one_group(ends), KEY, [probability]).row(0, named=True)
    cases = [np.quantile(case, probability) for case in product(*intervals)]
    name = quantile_name(probability)
    found = (row[f"{name}_least"], row[f"{name}_greatest"])
    assert found == pytest.approx((min(cases), max(cases)), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 9), max_size=6),
    st.integers(1, 6),
    st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 1.0]),
)
def test_an_unknown_value_is_above_all_others(
    known: list[float], n_unknown: int, probability: float
) -> None:
    """With no upper end, a quantile is the same as with huge values, or it has no upper end."""
    intervals = [(number, number) for number in known] + [(0.0, INFINITY)] * n_unknown
    row = summarise(values_of_one_group(intervals), KEY, [probability]).row(0, named=True)
    name = quantile_name(probability)
    huge = np.quantile([*known, *[1e30] * n_unknown], probability)
    assert row[f"{name}_greatest"] == (INFINITY if huge > 1e9 else pytest.approx(huge))
    assert row[f"{name}_least"] == pytest.approx(
        np.quantile([*known, *[0.0] * n_unknown], probability)
    )


def test_an_uncertified_cost_lies_between_its_bound_and_its_solution(
    make_row: MakeRow, without_solution: MakeRow, to_frame: ToFrame
) -> None:
    """The median of z1 is a range if a longer solve might change it.

    Costs 10, between 20 and 30, and at least 25: the median is between 20 and 30. The first median
    is that of the solutions found, 10 and 30.
    """
    rows = [
        make_row("A1", "C1", 2.0, z1=10.0),
        make_row("A2", "C1", 2.0, z1=30.0, bound=20.0, status="time_limit"),
        without_solution(make_row("A3", "C1", 2.0, bound=25.0)),
    ]
    summary = summarise(unpivot_indicators(to_frame(rows)), KEY)
    assert of_indicator(summary, 2.0)["q0.5"] == 20
    assert median_range(summary, 2.0) == (20, 30)
    assert of_indicator(summary, 2.0)["q0.9_greatest"] == INFINITY


@pytest.mark.parametrize(
    ("indicator", "end"), [("z2", INFINITY), ("z3_second", 1.0), ("z4", INFINITY)]
)
def test_other_indicators_of_an_uncertified_row_are_unknown(
    make_row: MakeRow, to_frame: ToFrame, indicator: str, end: float
) -> None:
    """Another solution may be the optimal one, so z2 to z4 may have any value."""
    rows = [
        make_row("A1", "C1", 2.0, **{indicator: 1}),
        make_row("A2", "C1", 2.0, **{indicator: 1}, bound=1.0, status="time_limit"),
    ]
    summary = summarise(unpivot_indicators(to_frame(rows)), KEY, [0.0, 0.5, 1.0])
    row = of_indicator(summary, 2.0, indicator)
    assert (row["q0_least"], row["q1_greatest"], row["q0.5"]) == (0.0, end, 1.0)


def test_a_certified_median_is_no_range(
    make_row: MakeRow, without_solution: MakeRow, to_frame: ToFrame
) -> None:
    """Uncertified rows far from the median leave it as it is, and infeasible rows are left out."""
    rows = [make_row(f"A{n}", "C1", 2.0, z1=float(n)) for n in range(1, 6)]
    rows += [make_row("A6", "C1", 2.0, z1=5.0, bound=4.0, status="time_limit")]
    rows += [without_solution(make_row("A7", "C1", 2.0), status="infeasible")]
    summary = summarise(unpivot_indicators(to_frame(rows)), KEY, [0.4])
    row = of_indicator(summary, 2.0)
    assert (row["q0.4"], row["q0.4_least"], row["q0.4_greatest"]) == (3, 3, 3)
    assert (row["rows"], row["not_certified"], row["no_value"]) == (6, 1, 1)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.integers(1, 9), min_size=2, max_size=2).map(sorted), min_size=2, max_size=2
    )
)
def test_the_range_of_a_percentage_is_that_of_all_cases(intervals: list[list[int]]) -> None:
    """Its ends are the least and the greatest quotient of values within the two intervals."""
    frame = pl.concat([values_of_one_group([(low, high)]) for low, high in intervals]).with_columns(
        replication=0, scale=1, alpha=pl.Series([2.0, 20.0])
    )
    shares = relative(frame).sort("alpha").select("least", "greatest").rows()
    quotients = [100 * (a / b) for a, b in product(*intervals)]
    assert shares == [(min(quotients), max(quotients)), (100, 100)]


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
    row = of_indicator(summarise(unpivot_indicators(to_frame(rows)), KEY), 2.0)
    assert row["q0.5"] == 20
    assert (row["rows"], row["not_certified"], row["no_value"]) == (2, 1, 2)


def test_a_group_without_any_solution_has_no_median(
    make_row: MakeRow, without_solution: MakeRow, to_frame: ToFrame
) -> None:
    """If no row has a value, the median is null, not 0, and nothing is proven of it."""
    rows = [without_solution(make_row("A1", "C1", 2.0))]
    row = of_indicator(summarise(unpivot_indicators(to_frame(rows)), KEY), 2.0)
    assert (row["q0.5"], row["q0.1"], row["q0.9"]) == (None, None, None)
    assert (row["q0.5_least"], row["q0.5_greatest"]) == (0.0, INFINITY)
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
    medians = summarise(absolute, KEY)
    assert of_indicator(medians, 2.0)["q0.5"] / of_indicator(medians, 20.0)[
        "q0.5"
    ] == pytest.approx(0.2)
    ratios = summarise(relative(absolute), KEY)
    assert of_indicator(ratios, 2.0)["q0.5"] == pytest.approx(50)
    assert of_indicator(ratios, 20.0)["q0.5"] == 100


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
    row = of_indicator(summarise(relative(unpivot_indicators(to_frame(rows))), KEY), 2.0)
    assert (row["q0.5"], row["rows"], row["no_value"]) == (25.0, 1, 2)


def test_a_ratio_is_certified_if_both_rows_are(make_row: MakeRow, to_frame: ToFrame) -> None:
    """A ratio counts as certified only if the row and its reference are certified."""
    rows = [make_row("A1", "C1", 2.0), make_row("A1", "C1", 20.0, status="time_limit")]
    assert (
        of_indicator(summarise(relative(unpivot_indicators(to_frame(rows))), KEY), 2.0)[
            "not_certified"
        ]
        == 1
    )


def test_a_reference_of_zero_gives_no_ratio(make_row: MakeRow, to_frame: ToFrame) -> None:
    """Dividing by 0 gives null, not infinity."""
    rows = [make_row("A1", "C1", 2.0, z1=1.0), make_row("A1", "C1", 20.0, z1=0.0)]
    assert (
        of_indicator(summarise(relative(unpivot_indicators(to_frame(rows))), KEY), 2.0)["q0.5"]
        is None
    )


def test_the_reference_alpha_is_a_parameter(make_row: MakeRow, to_frame: ToFrame) -> None:
    """Any alpha can be chosen as the one that counts as 100 percent."""
    rows = [make_row("A1", "C1", 2.0, z1=5.0), make_row("A1", "C1", 10.0, z1=20.0)]
    ratios = summarise(relative(unpivot_indicators(to_frame(rows)), reference_alpha=2.0), KEY)
    assert (of_indicator(ratios, 2.0)["q0.5"], of_indicator(ratios, 10.0)["q0.5"]) == (100, 400)
