"""The printed tables: layout, width and footnotes."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from analysis import printing, tables
from analysis.coverage import count_coverage, select_study_rows
from analysis.structure_labels import marked
from pipeline.config.structures import structures

Row = dict[str, Any]
MakeRow = Callable[..., Row]
ToFrame = Callable[..., pl.DataFrame]


def print_to_text(rows: pl.DataFrame, width: int = printing.WIDTH) -> str:
    """Return the coverage and the tables as printed."""
    console = Console(width=width, highlight=False)
    with console.capture() as capture:
        printing.print_coverage(console, count_coverage(rows))
        printing.print_tables(console, tables.build(select_study_rows(rows)))
    return capture.get()


@pytest.mark.parametrize("certified", [True, False])
@pytest.mark.parametrize("width", [80, 100, 116, 200])
def test_no_number_is_cut_off(
    paper_rows: list[Row], to_frame: ToFrame, width: int, certified: bool
) -> None:
    """At every width, no line is longer than the console and no cell is shortened."""
    if not certified:  # cells with ranges are wider
        uncertified = {"status": "time_limit", "bound": 1.0}
        paper_rows = [
            row | uncertified if number % 40 == 0 else row for number, row in enumerate(paper_rows)
        ]
    output = print_to_text(to_frame(paper_rows), width)
    assert "…" not in output
    assert max(map(len, output.splitlines())) <= width
    # Table 2 at alpha = 20: 20 (1000 * 4 + 6).
    assert "80,120" in output


def test_missing_cells_and_inferred_labels_are_explained(
    paper_rows: list[Row], to_frame: ToFrame
) -> None:
    """Tables 3 and 4 mark cells missing in the paper's text and say that labels are inferred."""
    output = print_to_text(to_frame(paper_rows))
    assert output.count("the text of the paper lacks this cell") == 2
    assert output.count("Labels of structures are inferred") == 2
    assert output.count("(inferred)") == 8
    for label in structures():
        assert f" {marked(label)} " in output


def test_counts_are_printed_below_a_table(
    make_row: MakeRow, without_solution: MakeRow, to_frame: ToFrame
) -> None:
    """The footnote counts the rows of the medians, those not certified, those without a value."""
    rows = [
        make_row("A1", "C1", 2.0, status="time_limit"),
        make_row("A2", "C1", 2.0),
        without_solution(make_row("A3", "C1", 2.0)),
    ]
    output = print_to_text(to_frame(rows))
    assert output.splitlines()[0] == "3 of the paper's 700 instances"
    assert output.splitlines()[1] == "status: 1 no_solution, 1 optimal, 1 time_limit"
    assert (
        "Rows behind a median: 2; of these not certified optimal: 1; "
        "further rows without a value: 1." in output
    )


def test_ranges_are_explained(make_row: MakeRow, to_frame: ToFrame) -> None:
    """Tables with a range say what it means; tables of certified rows do not."""
    uncertified = make_row("A1", "C1", 2.0, status="time_limit", bound=1.0)
    assert "a-b: more time" in print_to_text(to_frame([uncertified]))
    assert "a-b: more time" not in print_to_text(to_frame([make_row("A1", "C1", 2.0)]))


def test_only_groups_and_alphas_of_the_run_are_printed(
    make_row: MakeRow, to_frame: ToFrame
) -> None:
    """A small run prints its own groups and counts the groups of the paper that it lacks."""
    output = print_to_text(to_frame([make_row("A1", "C1", 2.0), make_row("A2", "C1", 3.0)]))
    table3 = output[output.index("Table 3") : output.index("Table 4")]
    assert "C2 " not in table3
    assert "Not printed: 15 groups of the paper" in table3
    assert "the paper has no such" in table3
    assert "no rows in this run" in output[output.index("Table 4") :]


def test_labels_are_not_markup(make_row: MakeRow, to_frame: ToFrame) -> None:
    """A label with brackets is printed as it is."""
    row = make_row("A1", "C1", 2.0) | {"structure": "[red]C1"}
    assert "structure [red]C1 (1)" in print_to_text(to_frame([row]))
