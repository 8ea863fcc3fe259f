"""The printed summary: width, selection and labels."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from analysis.question import Question
from analysis.summary import build_summary
from analysis.summary_printing import MAX_ROWS, print_summary, select_rows
from pipeline.config.sections import check

Row = dict[str, Any]
MakeRow = Callable[..., Row]
ToFrame = Callable[..., pl.DataFrame]


def print_to_text(rows: pl.DataFrame, width: int = 116, **words: Any) -> str:
    """Return the summary as printed."""
    question = check(Question, words)
    console = Console(width=width, highlight=False)
    with console.capture() as capture:
        summary = build_summary(rows.lazy(), question)
        print_summary(console, summary, question.groups, question.probabilities)
    return capture.get()


@pytest.mark.parametrize("width", [60, 80, 116, 200])
@pytest.mark.parametrize("quantiles", [[0.5], [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]])
def test_no_number_is_cut_off(
    paper_rows: list[Row], to_frame: ToFrame, width: int, quantiles: list[float]
) -> None:
    """At every width, no line is longer than the console and no cell is shortened."""
    output = print_to_text(to_frame(paper_rows), width, by=["clusters"], quantiles=quantiles)
    assert "…" not in output
    assert max(map(len, output.splitlines())) <= width
    # The median of z1 of one cluster at alpha = 20: 20 (1000 * 4 + 6).
    assert "80,120" in output


@pytest.mark.parametrize(
    ("n_groups", "n_alphas", "shown_groups", "shown_alphas"),
    [(1, 40, 1, 28), (2, 40, 2, 14), (7, 40, 7, 4), (25, 40, 7, 4), (40, 2, 14, 2), (3, 3, 3, 3)],
)
def test_a_selection_has_few_rows(
    n_groups: int, n_alphas: int, shown_groups: int, shown_alphas: int
) -> None:
    """The first groups are shown, each at the same alphas, the least and the greatest included."""
    alphas = [float(alpha) for alpha in range(1, n_alphas + 1)]
    table = pl.DataFrame([{"group": g, "alpha": a} for g in range(n_groups) for a in alphas])
    shown = select_rows(table, ("group", "alpha"))
    assert shown.height == shown_groups * shown_alphas <= MAX_ROWS
    assert shown["group"].unique().sort().to_list() == list(range(shown_groups))
    assert {alphas[0], alphas[-1]} <= set(shown["alpha"])
    assert shown.equals(shown.sort("group", "alpha"))


def test_labels_are_not_markup(make_row: MakeRow, to_frame: ToFrame) -> None:
    """A label with brackets is printed as it is."""
    row = make_row("A1", "C1", 2.0) | {"structure": "[red]C1", "allocation": "=1+1"}
    output = print_to_text(to_frame([row]), by=["structure", "allocation"])
    assert "[red]C1" in output
    assert "=1+1" in output


def test_a_group_without_a_label_is_named(make_row: MakeRow, to_frame: ToFrame) -> None:
    """Rows without a value in a column of the groups make a group of their own."""
    rows = [make_row("A1", "C1", 2.0), make_row("A1", "C2", 2.0, n_sites=20)]
    output = print_to_text(to_frame(rows), by=["n_sites"])
    assert " none " in output
    assert " 20 " in output
    assert "n = 1: the quantiles of one row are its value." in output
