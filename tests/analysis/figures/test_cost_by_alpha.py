"""z1 against alpha: a panel for each group with its median, quantiles, interval and n."""

from __future__ import annotations

import polars as pl
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from analysis.figures.cost_by_alpha import MOST_PANELS, draw_cost_by_alpha
from pipeline.plotting.style import NothingToDraw


def cells(groups: list[str], alphas: list[float]) -> pl.DataFrame:
    """Make cells whose median is 100 alpha times the number of the group."""
    return pl.DataFrame(
        {
            "group": [group for group in groups for _ in alphas],
            "alpha": [float(alpha) for _ in groups for alpha in alphas],
            "median": [100.0 * alpha * (n + 1) for n in range(len(groups)) for alpha in alphas],
            "rows": [7] * (len(groups) * len(alphas)),
        }
    ).with_columns(q10=pl.col("median") / 2, q90=2 * pl.col("median"))


def visible(figure: Figure) -> list[str]:
    """List the titles of the panels."""
    return [panel.get_title() for panel in figure.axes if panel.get_visible()]


@pytest.mark.parametrize("alphas", [[2, 5, 10, 20], list(range(1, 41)), [5]])
def test_a_panel_shows_its_group(alphas: list[float]) -> None:
    """Its line is the median of the group, at 4 and at 40 alphas, and n is in the panel."""
    figure = draw_cost_by_alpha(cells(["A2", "A1"], alphas), "by allocation")
    assert visible(figure) == ["A2", "A1"]
    for number, panel in enumerate(figure.axes):
        assert list(panel.lines[0].get_ydata()) == [100 * a * (number + 1) for a in alphas]
        assert (panel.lines[0].get_marker() == "o") == (len(alphas) <= 12)
        assert "n = 7" in [text.get_text() for text in panel.texts]


def test_intervals_are_drawn_where_there_are_some() -> None:
    """`low` and `high` are optional columns, and may be null in some cells."""
    frame = cells(["A1"], [2, 5])
    without = draw_cost_by_alpha(frame, "")
    intervals = frame.with_columns(
        low=pl.when(pl.col("alpha") == 2).then(190.0),
        high=pl.when(pl.col("alpha") == 2).then(210.0),
    )
    figure = draw_cost_by_alpha(intervals, "")
    lines = [found for found in figure.axes[0].collections if isinstance(found, LineCollection)]
    assert [segment.tolist() for segment in lines[-1].get_segments()] == [[[2, 190], [2, 210]]]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "interval of the median" in labels
    assert "interval of the median" not in [
        text.get_text() for text in without.legends[0].get_texts()
    ]


def test_groups_that_do_not_fit_are_named() -> None:
    """The figure says how many are left out."""
    groups = [f"G{number}" for number in range(MOST_PANELS + 3)]
    figure = draw_cost_by_alpha(cells(groups, [2, 5]), "own groups")
    assert visible(figure) == groups[:MOST_PANELS]
    assert figure.get_suptitle() == "own groups; 3 further groups are in the tables"


def test_without_a_median_there_is_no_figure() -> None:
    """A run without solutions has none."""
    frame = cells(["A1"], [2]).with_columns(median=pl.lit(None, dtype=pl.Float64))
    with pytest.raises(NothingToDraw, match="no group has a median"):
        draw_cost_by_alpha(frame, "")
