"""Every figure of a run is drawn, or there is a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from analysis.figures.of_run import cost_cells, draw_figures
from pipeline.results.united import United

Row = dict[str, Any]
MakeRow = Callable[..., Row]
ToFrame = Callable[..., pl.DataFrame]
OF_THE_GENERATOR = ["figure2", "figure4", "figure5"]


@pytest.mark.slow
def test_without_rows_there_are_figures_of_the_generator(
    to_frame: ToFrame, unite_rows: Callable[..., United]
) -> None:
    """The others have a reason."""
    rows = to_frame([])
    found = list(draw_figures(rows, None, unite_rows(rows).configurations[0].network))
    assert [drawn.name for drawn in found if drawn.figure] == OF_THE_GENERATOR
    assert all(drawn.reason for drawn in found if not drawn.figure)


def test_groups_are_in_the_order_of_their_numbers(make_row: MakeRow, to_frame: ToFrame) -> None:
    """C2 comes before C10, and an allocation of one's own is a group like any other."""
    rows = to_frame([make_row(f"A{n}", f"C{c}", 2.0) for n in (10, 2) for c in (10, 2)])
    for by, expected in (("structure", ["C2", "C10"]), ("allocation", ["A2", "A10"])):
        assert cost_cells(rows, by).get_column("group").to_list() == expected


def test_scales_are_groups_of_their_own(make_row: MakeRow, to_frame: ToFrame) -> None:
    """A median over networks of two sizes would say nothing."""
    rows = to_frame([make_row("A1", "C1", 2.0), make_row("A1", "C1", 2.0, scale=2, z1=5.0)])
    cells = cost_cells(rows, "allocation")
    assert cells.get_column("group").to_list() == ["A1, scale 1", "A1, scale 2"]
    assert cells.get_column("median").to_list() == [2.0 * 1001, 5.0]
