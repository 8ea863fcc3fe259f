"""Which rows belong to the paper's study, and how the others are counted."""

from collections.abc import Callable
from typing import Any

import polars as pl

from analysis.coverage import count_coverage, select_study_rows

Row = dict[str, Any]
MakeRow = Callable[..., Row]
ToFrame = Callable[..., pl.DataFrame]


def test_rows_outside_the_study_are_counted_by_reason(make_row: MakeRow, to_frame: ToFrame) -> None:
    """Rows of other scales, allocations and structures enter no table; the reason is counted."""
    rows = [
        make_row("A1", "C1", 2.0),
        make_row("A1", "C1", 2.0, scale=2),
        make_row("A1", "C1", 5.0, scale=2),
        make_row("A8", "C1", 2.0),
        make_row("A1", "C26", 2.0),
    ]
    coverage = count_coverage(to_frame(rows))
    assert coverage.left_out == {"scale 2": 2, "allocation A8": 1, "structure C26": 1}
    assert select_study_rows(to_frame(rows)).height == 1
    assert coverage.instances == 1


def test_an_instance_is_counted_once(
    make_row: MakeRow, without_solution: MakeRow, to_frame: ToFrame
) -> None:
    """Other replications, and alphas outside the paper, add no instances of the paper."""
    rows = [
        make_row("A1", "C1", 2.0),
        make_row("A1", "C1", 2.0, 1),
        make_row("A1", "C1", 3.0),
        without_solution(make_row("A1", "C1", 5.0)),
    ]
    coverage = count_coverage(to_frame(rows))
    assert (coverage.rows, coverage.instances, coverage.replications) == (4, 2, 2)
    assert coverage.statuses == {"optimal": 3, "no_solution": 1}
    assert coverage.other_alphas == (3.0,)


def test_the_paper_has_700_instances(paper_rows: list[Row], to_frame: ToFrame) -> None:
    """The paper's sweep covers all 700 instances, and no row is left out."""
    coverage = count_coverage(to_frame(paper_rows))
    assert (coverage.instances, coverage.left_out, coverage.other_alphas) == (700, {}, ())
