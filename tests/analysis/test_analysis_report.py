"""The report as a whole, from rows to files, on full, partial and empty tables."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from analysis import report
from analysis.__main__ import main
from pipeline.config.errors import UserError

Row = dict[str, Any]
Make = Callable[..., Row]
Frame = Callable[..., pl.DataFrame]


def reported(rows: pl.DataFrame, run: Path) -> tuple[str, list[str]]:
    """Report on rows; give what was printed and the files written."""
    console = Console(width=116, highlight=False)
    with console.capture() as capture:
        report.compose(rows, run, console)
    files = sorted(str(path.relative_to(run)) for path in run.rglob("*.*"))
    return capture.get(), files


def test_a_full_table_gives_five_tables_and_a_figure(
    sweep: list[Row], frame: Frame, tmp_path: Path
) -> None:
    """The paper's sweep gives Tables 2 to 6 and Figure 6 in two formats."""
    output, files = reported(frame(sweep), tmp_path)
    assert output.startswith("700 of the paper's 700 instances\n")
    assert files == ["figures/figure6.png", "figures/figure6.svg"] + [
        f"tables/table{n}.csv" for n in range(2, 7)
    ]


def test_output_does_not_depend_on_the_order_of_rows(
    sweep: list[Row], frame: Frame, tmp_path: Path
) -> None:
    """Any order of the rows prints the same."""
    rows = frame(sweep).filter(pl.col("alpha") < 20)
    assert reported(rows, tmp_path) == reported(rows.reverse(), tmp_path)


def test_without_the_reference_alpha_there_is_no_table_6(
    make: Make, frame: Frame, tmp_path: Path
) -> None:
    """A run without alpha = 20 says in one line why Table 6 and Figure 6 are missing."""
    output, files = reported(frame([make("A1", "C1", 2.0)]), tmp_path)
    assert output.count("No Table 6 and no Figure 6") == 1
    assert files == [f"tables/table{n}.csv" for n in range(2, 6)]


def test_an_empty_table_is_reported(frame: Frame, tmp_path: Path) -> None:
    """An empty table gives the paper's numbers without ours."""
    output, files = reported(frame([]), tmp_path)
    assert output.startswith("0 of the paper's 700 instances\n")
    assert output.count("no rows in this run") == 4
    assert files == [f"tables/table{n}.csv" for n in range(2, 6)]


@pytest.mark.parametrize("status", ["no_solution", "infeasible", "error"])
def test_a_table_without_solutions_is_reported(
    make: Make, fail: Make, frame: Frame, tmp_path: Path, status: str
) -> None:
    """Rows without any solution are counted, and no median is made of them."""
    rows = [fail(make("A1", "C1", alpha), status=status) for alpha in (2.0, 20.0)]
    output, _ = reported(frame(rows), tmp_path)
    assert f"status: 2 {status}" in output
    assert "further rows without a value: 1." in output
    assert "No Table 6 and no Figure 6" in output


def test_report_reads_the_runs_table(
    make: Make, frame: Frame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command reads the table of the folder that run= names, and leaves with 0."""
    monkeypatch.setattr(report, "read_results", lambda run: frame([make("A1", "C1", 2.0)]).lazy())
    assert main([f"run={tmp_path}"]) == 0
    assert (tmp_path / "tables" / "table2.csv").exists()


@pytest.mark.parametrize("words", [["run="], ["out=x"], ["run=[a]"], ["run"]])
def test_a_wrong_command_is_told_in_one_line(words: list[str]) -> None:
    """A word that names no run is a user's mistake, told in one line."""
    with pytest.raises(UserError) as caught:
        main(words)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_table_is_told_in_one_line(tmp_path: Path) -> None:
    """What the store says of a folder without a table reaches the user."""
    with pytest.raises(UserError, match="no results table") as caught:
        main([f"run={tmp_path}"])
    assert "\n" not in str(caught.value)
