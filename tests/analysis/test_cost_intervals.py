"""Intervals of the medians of total cost: those of complete replications, enough of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.cost_intervals import cost_intervals
from analysis.figures.of_run import cost_cells
from analysis.paper import ALLOCATIONS, ALPHAS, CLUSTERS
from tests.analysis.made_rows import make_row, to_frame


def rows_of(replications: int, **changed: Any) -> pl.DataFrame:
    """Make all rows of A2, with a cost of 100 in every network, times the replication's factor."""
    factors = np.random.default_rng(5).lognormal(0, 0.1, replications)
    return to_frame(
        make_row("A2", c, alpha, r, z1=100.0 * factors[r]) | changed
        for r in range(replications)
        for c in CLUSTERS
        for alpha in ALPHAS
    )


def test_an_interval_is_around_the_median_of_its_rows() -> None:
    """All networks of a replication move together: 25 of them tell no more than one."""
    rows = rows_of(20)
    found = cost_intervals(rows, "allocation")
    assert found["group"].to_list() == ["A2"] * len(ALPHAS)
    assert found["rows"].to_list() == [20 * 25] * len(ALPHAS)
    median = float(rows["z1"].median())  # type: ignore[arg-type]
    single = rows.unique("replication")["z1"].sort()
    for low, high in found.select("low", "high").iter_rows():
        assert low < median < high
        # An order statistic of 20 independent values at 95 %: from the 6th to the 15th.
        assert single[2] <= low <= single[8]
        assert single[11] <= high <= single[17]
    cells = cost_cells(rows, "allocation")
    assert cells.drop_nulls("low").height == len(ALPHAS)


@pytest.mark.parametrize("replications", [1, 2, 19])
def test_few_replications_have_no_interval(replications: int) -> None:
    """Then the figure has none, and no entry for it."""
    rows = rows_of(replications)
    assert cost_intervals(rows, "allocation").is_empty()
    assert "low" not in cost_cells(rows, "allocation").columns


def test_other_rows_have_no_interval() -> None:
    """Neither at another scale, nor where a median has more rows than complete replications."""
    assert cost_intervals(rows_of(20, scale=2), "allocation").is_empty()
    assert cost_intervals(rows_of(20), "structure").is_empty()
    partial = to_frame([make_row("A2", "C1", alpha, 20) for alpha in ALPHAS])
    cells = cost_cells(pl.concat([rows_of(20), partial]), "allocation")
    assert cells["rows"].to_list() == [20 * 25 + 1] * len(ALPHAS)
    assert cells["low"].null_count() == len(ALPHAS)
    assert set(ALLOCATIONS) > set(cells["group"])
