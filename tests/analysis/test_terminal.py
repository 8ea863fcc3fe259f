"""What is printed: rounding, layout and notes."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from analysis import scope, tables, terminal
from analysis.cells import align, texts

Row = dict[str, Any]
Make = Callable[..., Row]
Frame = Callable[..., pl.DataFrame]


def printed(rows: pl.DataFrame, width: int = terminal.WIDTH) -> str:
    """Print coverage and tables into a string."""
    console = Console(width=width, highlight=False)
    with console.capture() as capture:
        terminal.print_coverage(console, scope.coverage(rows))
        terminal.print_tables(console, tables.build(scope.study(rows)))
    return capture.get()


def test_cells_are_rounded_as_in_the_paper(make: Make, frame: Frame) -> None:
    """z1 has thousands separators, z3 is a pair of percents, z4 has a decimal if not whole."""
    rows = [
        make("A1", "C1", 2.0, z1=49_000.0, z3_first=0.304, z3_second=0.696, z4=1),
        make("A2", "C1", 2.0, z1=50_002.0, z3_first=0.304, z3_second=0.696, z4=2),
    ]
    written = texts(tables.build(scope.study(frame(rows)))[2])
    assert written["one", "z1", 2.0] == ("49,501", "49,408", "1.00")
    assert written["one", "z3", 2.0] == ("30:70", "30:70", "0.99")
    assert written["one", "z4", 2.0] == ("1.5", "3", "0.50")


def test_table_6_has_one_decimal(sweep: list[Row], frame: Frame) -> None:
    """Percentages of Table 6 have one decimal, and of z3 the second stage stands alone."""
    written = texts(tables.build(scope.study(frame(sweep)))[6])
    assert written["two", "z3", 2.0] == ("250.0", "212.7", "1.18")
    assert written["two", "z4", 2.0] == ("100.0", "100.0", "1.00")


def test_strokes_stand_below_each_other() -> None:
    """The parts of a column's cells are padded to the same width."""
    assert align([("1,000", "9", "1.00"), ("2", "10", "-")], " / ") == [
        "1,000 /  9 / 1.00",
        "    2 / 10 /    -",
    ]


@pytest.mark.parametrize("width", [80, 100, 116, 200])
def test_no_number_is_cut(sweep: list[Row], frame: Frame, width: int) -> None:
    """At every width, no line is longer than the console and no cell is shortened."""
    output = printed(frame(sweep), width)
    assert "…" not in output
    assert max(map(len, output.splitlines())) <= width
    # Table 2 at alpha = 20: 20 (1000 * 4 + 6).
    assert "80,120" in output


def test_missing_cells_and_inferred_labels_are_explained(sweep: list[Row], frame: Frame) -> None:
    """Tables 3 and 4 say which cells the paper's text lacks and that labels are inferred."""
    output = printed(frame(sweep))
    assert output.count("the text of the paper lacks this cell") == 2
    assert output.count("Labels of structures are inferred") == 2
    assert output.count("(inferred)") == 8


def test_counts_stand_under_each_table(make: Make, fail: Make, frame: Frame) -> None:
    """A table says how many rows are behind its medians, not certified, and without a value."""
    rows = [
        make("A1", "C1", 2.0, status="time_limit"),
        make("A2", "C1", 2.0),
        fail(make("A3", "C1", 2.0)),
    ]
    output = printed(frame(rows))
    assert output.splitlines()[0] == "3 of the paper's 700 instances"
    assert output.splitlines()[1] == "status: 1 no_solution, 1 optimal, 1 time_limit"
    assert (
        "Rows behind a median: 2; of these not certified optimal: 1; "
        "further rows without a value: 1." in output
    )


def test_only_groups_and_alphas_of_the_run_are_printed(make: Make, frame: Frame) -> None:
    """A small run prints its own groups, and says how many of the paper's it has not."""
    output = printed(frame([make("A1", "C1", 2.0), make("A2", "C1", 3.0)]))
    table3 = output[output.index("Table 3") : output.index("Table 4")]
    assert "C2 " not in table3
    assert "Not printed: 15 groups of the paper" in table3
    assert "the paper has no such" in table3
    assert "no rows in this run" in output[output.index("Table 4") :]


def test_labels_are_not_markup(make: Make, frame: Frame) -> None:
    """A label with brackets is printed as it is."""
    row = make("A1", "C1", 2.0) | {"structure": "[red]C1"}
    assert "structure [red]C1 (1)" in printed(frame([row]))
