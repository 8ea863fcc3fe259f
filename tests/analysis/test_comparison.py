"""Two tables row by row: hand-made pairs of rows, and laws of every comparison."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.comparison import compare, summary_lines
from tests.analysis.made_rows import make_row, to_frame

Row = dict[str, Any]


def row(alpha: float, cost: float | None, bound: float | None, **changed: Any) -> Row:
    """Make a row with a cost, a bound, and sites 1 and 3 serving three customers."""
    solved = {"open_sites": [1, 3], "assignment": [1, 1, 3], "z4": 2}
    unsolved: Row = {"open_sites": None, "assignment": None, "z4": None, "status": "no_solution"}
    costs = {"objective": cost, "z1": cost, "bound": bound}
    return make_row("A1", "C1", alpha) | costs | (unsolved if cost is None else solved) | changed


def pair(first: Row, second: Row, *, same_networks: bool = True) -> Row:
    """Compare two tables of one row each."""
    compared = compare(to_frame([first]), to_frame([second]), same_networks=same_networks)
    assert compared.height == 1
    return compared.row(0, named=True)


@pytest.mark.parametrize(
    ("first", "second", "within"),
    [
        ((100.0, 90.0), (95.0, 94.0), True),
        ((100.0, 96.0), (95.0, 94.0), False),
        ((95.0, 94.0), (100.0, 96.0), False),
        ((100.0, 100.0 + 1e-7), (100.0, 99.0), True),
        ((100.0, 90.0), (None, 50.0), None),
    ],
)
def test_rows_agree_if_no_bound_is_above_a_cost(
    first: tuple[float | None, float], second: tuple[float | None, float], within: bool | None
) -> None:
    """The optimum lies between the bound and the cost of either; rounding does not matter."""
    assert pair(row(2, *first), row(2, *second))["within_gaps"] is within


def test_different_networks_cannot_contradict_each_other() -> None:
    """Their problems are not the same."""
    found = pair(row(2, 100.0, 96.0), row(2, 95.0, 94.0), same_networks=False)
    assert found["within_gaps"] is None
    assert found["difference"] == -5
    assert found["percent"] == -5


def test_sites_and_customers_that_moved_are_named() -> None:
    """Site 2 opened, site 3 closed, and two of three customers have another site."""
    found = pair(
        row(2, 100.0, 90.0),
        row(2, 100.0, 90.0, open_sites=[1, 2], assignment=[1, 2, 2]),
    )
    assert (found["opened"], found["closed"], found["customers_moved"]) == ([2], [3], 2)
    assert found["differs"]


@pytest.mark.parametrize(
    ("changed", "differs"),
    [
        ({}, False),
        ({"bound": 91.0}, False),
        ({"solve_s": 7.0}, False),
        ({"objective": 100.0 * (1 + 1e-12)}, False),
        ({"objective": 100.001}, True),
        ({"status": "time_limit"}, True),
        ({"assignment": [1, 3, 3]}, True),
        ({"assignment": None, "open_sites": None, "objective": None}, True),
    ],
)
def test_what_counts_as_a_difference(changed: Row, differs: bool) -> None:
    """Status, cost, sites and assignment; neither rounding, nor the bound, nor the time."""
    first = row(2, 100.0, 90.0)
    assert pair(first, first | changed)["differs"] is differs
    assert pair(first | changed, first)["differs"] is differs


def test_networks_of_different_sizes_are_compared() -> None:
    """The number of customers that moved is unknown then."""
    larger = row(2, 100.0, 90.0, assignment=[1, 1, 3, 3])
    assert pair(row(2, 100.0, 90.0), larger)["customers_moved"] is None


rows = st.dictionaries(
    st.sampled_from([2.0, 5.0, 20.0]),
    st.tuples(
        st.floats(1, 1e6) | st.none(), st.lists(st.sampled_from([1, 3]), min_size=3, max_size=3)
    ),
)


@settings(deadline=None, max_examples=50)
@given(rows, rows)
def test_the_other_order_says_the_reverse(
    first: dict[float, Any], second: dict[float, Any]
) -> None:
    """Every instance of either table once; differences change their sign, opened is closed."""
    tables = [
        to_frame(
            row(
                alpha,
                cost,
                cost and cost * 0.9,
                **({} if cost is None else {"assignment": sites, "open_sites": sorted(set(sites))}),
            )
            for alpha, (cost, sites) in found.items()
        )
        for found in (first, second)
    ]
    forward = compare(*tables, same_networks=True)
    back = compare(*tables[::-1], same_networks=True)
    assert forward["alpha"].to_list() == sorted(first.keys() | second.keys())
    assert forward["differs"].equals(back["differs"])
    assert forward["within_gaps"].equals(back["within_gaps"])
    assert forward["opened"].equals(back["closed"].alias("opened"))
    assert forward["customers_moved"].equals(back["customers_moved"])
    assert forward["difference"].equals((-back["difference"]).alias("difference"))
    both = forward.filter(pl.col("found_in") == "both").height
    assert both == len(first.keys() & second.keys())
    assert summary_lines(forward)[0].startswith(f"rows       {both} in both, ")


def test_the_summary_counts_by_hand() -> None:
    """Three rows in both, of which one is the same, one cheaper, and one lost its proof."""
    first = [row(2, 100.0, 90.0), row(5, 100.0, 90.0), row(10, 100.0, 99.0), row(20, 1.0, 1.0)]
    second = [
        row(2, 100.0, 90.0),
        row(5, 98.0, 90.0, open_sites=[1, 2], assignment=[1, 1, 2]),
        row(10, 102.0, 101.0, status="time_limit"),
    ]
    compared = compare(to_frame(first), to_frame(second), same_networks=True)
    assert summary_lines(compared) == [
        "rows       3 in both, 1 in the first only, 0 in the second only",
        "same       1 with the same status, cost, sites and assignment",
        "differ     2",
        "  status   1 from optimal to time_limit",
        "  cost     1 lower in the second, 1 higher (-2 % to +2 %)",
        "  proof    1 within both gaps, 1 contradict each other",
        "  sites    1 rows with other open sites (1 of them with equally many): 1 opened, 1 closed",
        "  customers  1 rows in which customers have another site",
    ]
