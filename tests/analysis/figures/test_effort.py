"""Times and gaps: their distribution, and no time of a solve that Gurobi took part in."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.figures.effort import MOST_POINTS, distribution, draw_effort, without_gurobi
from pipeline.plotting.style import NothingToDraw

ROWS = pl.DataFrame(
    {
        "allocation": ["A1", "A1", "A1", "A2", "A2"],
        "solve_s": [1.0, 2.0, 400.0, 3.0, None],
        "gap": [0.0, 1e-5, 0.0, 0.5, None],
        "solver": ["native", "highs", "gurobi", "highs", None],
        "fallback_reason": [None, None, None, "Gurobi: no licence for this size", None],
    }
)


def test_rows_of_gurobi_are_left_out() -> None:
    """Those that it solved, and those whose fallback has to do with it; the figure says so."""
    assert without_gurobi(ROWS).get_column("solve_s").to_list() == [1.0, 2.0, None]
    figure = draw_effort(ROWS)
    assert figure.get_suptitle() == "without 2 rows that Gurobi took part in"
    left = figure.axes[0]
    times = [x for line in left.lines for x in np.asarray(line.get_xdata()).tolist()]
    assert sorted(set(times)) == [1.0, 2.0]
    assert left.get_title(loc="right") == "n = 2 of 3"


def test_without_a_time_there_is_no_figure() -> None:
    """A run of Gurobi alone has no figure of times."""
    with pytest.raises(NothingToDraw, match="no solve has a time"):
        draw_effort(ROWS.filter(pl.col("solver") == "gurobi"))


@given(st.lists(st.none() | st.floats(1e-6, 1e6), min_size=1, max_size=1000))
def test_a_share_is_that_of_the_rows_that_are_no_larger(values: list[float | None]) -> None:
    """At every point of the line, and null is larger than any value."""
    found, shares = distribution(pl.Series(values, dtype=pl.Float64))
    known = sorted(value for value in values if value is not None)
    assert len(found) <= MOST_POINTS
    assert found[:1] == known[:1]
    assert found[-1:] == known[-1:]
    for value, share in zip(found, shares, strict=True):
        assert share == sum(other <= value for other in known) / len(values)
