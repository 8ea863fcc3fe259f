"""Figure 6: the same cells give the same bytes, and the panels show the cells."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis import figures, scope, tables

Row = dict[str, Any]
Make = Callable[..., Row]
Frame = Callable[..., pl.DataFrame]


def test_same_cells_same_bytes(sweep: list[Row], frame: Frame, tmp_path: Path) -> None:
    """Two drawings are equal to the byte, whatever the order of the rows."""
    for name, rows in (("one", sweep), ("two", sweep[::-1])):
        figures.write(tables.build(scope.study(frame(rows)))[6], tmp_path / name)
    for file in ("figure6.svg", "figure6.png"):
        drawn = (tmp_path / "one" / file).read_bytes()
        assert len(drawn) > 10_000
        assert drawn == (tmp_path / "two" / file).read_bytes()


def test_panels_show_medians_and_the_papers_markers(sweep: list[Row], frame: Frame) -> None:
    """The first panel's line is our median of z1 in percent, its markers are Table 6."""
    figure = figures.figure6(tables.build(scope.study(frame(sweep)))[6])
    assert len(figure.axes) == 8
    lines = {str(line.get_label()): line for line in figure.axes[0].lines}
    assert list(lines["median"].get_ydata()) == pytest.approx([10, 25, 50, 100])
    assert list(lines["paper, Table 6"].get_ydata()) == pytest.approx([43.4, 54.3, 70.1, 100.0])


def test_a_run_with_one_kind_of_structure_has_one_row(make: Make, frame: Frame) -> None:
    """Only the numbers of production clusters that the run has are drawn."""
    rows = [make("A1", "C12", alpha) for alpha in (3.0, 20.0)]
    assert len(figures.figure6(tables.build(scope.study(frame(rows)))[6]).axes) == 4


def test_nothing_to_draw_is_refused(frame: Frame) -> None:
    """Without any ratio there is no figure."""
    with pytest.raises(ValueError, match="there are none"):
        figures.figure6(tables.build(scope.study(frame([])))[6])
