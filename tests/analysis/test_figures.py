"""Figure 6: the same cells give byte-identical files, and the panels show the cells."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis import figures, tables
from analysis.coverage import select_study_rows

Row = dict[str, Any]
MakeRow = Callable[..., Row]
ToFrame = Callable[..., pl.DataFrame]


@pytest.mark.slow
def test_the_same_cells_give_byte_identical_files(
    paper_rows: list[Row], to_frame: ToFrame, tmp_path: Path
) -> None:
    """Two drawings of the same rows are byte-identical, whatever the order of the rows."""
    for name, rows in (("one", paper_rows), ("two", paper_rows[::-1])):
        figures.write(tables.build(select_study_rows(to_frame(rows)))[6], tmp_path / name)
    for file in ("figure6.svg", "figure6.png"):
        drawn = (tmp_path / "one" / file).read_bytes()
        assert len(drawn) > 10_000
        assert drawn == (tmp_path / "two" / file).read_bytes()


def test_a_panel_shows_our_medians_and_those_of_the_paper(
    paper_rows: list[Row], to_frame: ToFrame
) -> None:
    """The line of the first panel is our median of z1 in percent; its markers are Table 6."""
    figure = figures.draw_figure6(tables.build(select_study_rows(to_frame(paper_rows)))[6])
    assert len(figure.axes) == 8
    lines = {str(line.get_label()): line for line in figure.axes[0].lines}
    assert list(lines["median"].get_ydata()) == pytest.approx([10, 25, 50, 100])
    assert list(lines["paper, Table 6"].get_ydata()) == pytest.approx([43.4, 54.3, 70.1, 100.0])


def test_a_run_with_one_number_of_clusters_has_one_row_of_panels(
    make_row: MakeRow, to_frame: ToFrame
) -> None:
    """There is a row of panels only for each number of production clusters in the run."""
    rows = [make_row("A1", "C12", alpha) for alpha in (3.0, 20.0)]
    assert len(figures.draw_figure6(tables.build(select_study_rows(to_frame(rows)))[6]).axes) == 4


def test_a_figure_without_values_is_refused(to_frame: ToFrame) -> None:
    """Without any value relative to alpha = 20 there is no figure."""
    with pytest.raises(ValueError, match="there are none"):
        figures.draw_figure6(tables.build(select_study_rows(to_frame([])))[6])
