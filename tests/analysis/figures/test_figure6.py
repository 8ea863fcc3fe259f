"""Figure 6: the panels show the cells of Table 6."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from analysis import tables
from analysis.coverage import select_study_rows
from analysis.figures.figure6 import draw_figure6
from pipeline.plotting.style import NothingToDraw

Row = dict[str, Any]
MakeRow = Callable[..., Row]
ToFrame = Callable[..., pl.DataFrame]


def test_a_panel_shows_our_medians_and_those_of_the_paper(
    paper_rows: list[Row], to_frame: ToFrame
) -> None:
    """The line of the first panel is our median of z1 in percent; its markers are Table 6."""
    figure = draw_figure6(tables.build(select_study_rows(to_frame(paper_rows)))[6])
    assert len(figure.axes) == 8
    lines = {str(line.get_label()): line for line in figure.axes[0].lines}
    assert list(lines["median"].get_ydata()) == pytest.approx([10, 25, 50, 100])
    assert list(lines["paper, Table 6"].get_ydata()) == pytest.approx([43.4, 54.3, 70.1, 100.0])


def test_a_run_with_one_number_of_clusters_has_one_row_of_panels(
    make_row: MakeRow, to_frame: ToFrame
) -> None:
    """There is a row of panels only for each number of production clusters in the run."""
    rows = [make_row("A1", "C12", alpha) for alpha in (3.0, 20.0)]
    assert len(draw_figure6(tables.build(select_study_rows(to_frame(rows)))[6]).axes) == 4


def test_a_figure_without_values_is_refused(to_frame: ToFrame) -> None:
    """Without any value relative to alpha = 20 there is no figure."""
    with pytest.raises(NothingToDraw, match="there are none"):
        draw_figure6(tables.build(select_study_rows(to_frame([])))[6])
