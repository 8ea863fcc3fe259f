"""Solve time against tightness: groups of equal size, and no time of Gurobi."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analysis.figures.hardness import LEAST_INSTANCES, by_tightness, draw_hardness
from pipeline.plotting.style import NothingToDraw


def table(n: int, solver: str = "native") -> pl.DataFrame:
    """Return n rows of A1 whose time is their capacity over demand, in a mixed order."""
    tightness = np.random.default_rng(0).permutation(np.arange(1, n + 1)).astype(float)
    return pl.DataFrame(
        {
            "allocation": ["A1"] * n,
            "total_capacity": tightness * 50,
            "total_demand": [50] * n,
            "solve_s": tightness,
            "solver": [solver] * n,
            "fallback_reason": pl.Series([None] * n, dtype=pl.String),
        }
    )


def test_groups_are_of_equal_size_in_the_order_of_tightness() -> None:
    """400 rows in ten groups of 40: here median and largest are known."""
    groups = by_tightness(table(400))
    assert groups.get_column("rows").to_list() == [40] * 10
    assert groups.get_column("largest").to_list() == [40.0 * (i + 1) for i in range(10)]
    assert groups.get_column("median").to_list() == [40.0 * i + 20.5 for i in range(10)]
    assert groups.get_column("tightness").to_list() == [40.0 * i + 20.5 for i in range(10)]
    assert groups.get_column("q90").to_list() == pytest.approx([40.0 * i + 36.1 for i in range(10)])


def test_few_rows_make_few_groups() -> None:
    """50 rows are two groups; 19 are none."""
    assert by_tightness(table(50)).height == 2
    assert by_tightness(table(LEAST_INSTANCES - 1)).is_empty()


def test_the_lines_are_those_of_the_groups() -> None:
    """Three panels with the median, the 90 % quantile and the largest time."""
    rows = table(400)
    panels = draw_hardness(rows).axes
    for panel, column in zip(panels, ("median", "q90", "largest"), strict=True):
        drawn = np.asarray(panel.lines[0].get_ydata()).tolist()
        assert drawn == by_tightness(rows).get_column(column).to_list()
    assert panels[2].get_title(loc="right") == "n = 400"


def test_times_of_gurobi_are_not_drawn() -> None:
    """A run of Gurobi alone has no figure of times."""
    with pytest.raises(NothingToDraw, match="no allocation has 20 solves whose time may be shown"):
        draw_hardness(table(400, "gurobi"))
