"""The whole report, from rows to files, for full, partial and empty results tables."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from analysis import report
from analysis.__main__ import main
from pipeline.commands.run import main as run_sweep
from pipeline.config.errors import UserError

Row = dict[str, Any]
MakeRow = Callable[..., Row]
ToFrame = Callable[..., pl.DataFrame]


def report_on(rows: pl.DataFrame, run: Path) -> tuple[str, list[str]]:
    """Report on rows; return the printed text and the names of the files written."""
    console = Console(width=116, highlight=False)
    with console.capture() as capture:
        report.write_report(rows, run, console)
    files = sorted(str(path.relative_to(run)) for path in run.rglob("*.*"))
    return capture.get(), files


@pytest.mark.slow
def test_a_complete_run_gives_five_tables_and_a_figure(
    paper_rows: list[Row], to_frame: ToFrame, tmp_path: Path
) -> None:
    """The paper's sweep gives Tables 2 to 6 and Figure 6 in two formats."""
    output, files = report_on(to_frame(paper_rows), tmp_path)
    assert output.startswith("700 of the paper's 700 instances\n")
    assert files == ["figures/figure6.png", "figures/figure6.svg"] + [
        f"tables/table{n}.csv" for n in range(2, 7)
    ]


def test_output_does_not_depend_on_the_order_of_rows(
    paper_rows: list[Row], to_frame: ToFrame, tmp_path: Path
) -> None:
    """Rows in any order give the same text and the same files."""
    rows = to_frame(paper_rows).filter(pl.col("alpha") < 20)
    assert report_on(rows, tmp_path) == report_on(rows.reverse(), tmp_path)


def test_without_the_reference_alpha_there_is_no_table_6(
    make_row: MakeRow, to_frame: ToFrame, tmp_path: Path
) -> None:
    """A run without alpha = 20 says in one line why Table 6 and Figure 6 are missing."""
    output, files = report_on(to_frame([make_row("A1", "C1", 2.0)]), tmp_path)
    assert output.count("No Table 6 and no Figure 6") == 1
    assert files == [f"tables/table{n}.csv" for n in range(2, 6)]


def test_an_empty_results_table_gives_the_papers_numbers(to_frame: ToFrame, tmp_path: Path) -> None:
    """The CSV files of an empty results table hold the paper's numbers without ours."""
    output, files = report_on(to_frame([]), tmp_path)
    assert output.startswith("0 of the paper's 700 instances\n")
    assert output.count("no rows in this run") == 4
    assert files == [f"tables/table{n}.csv" for n in range(2, 6)]


@pytest.mark.parametrize("status", ["no_solution", "infeasible", "error"])
def test_rows_without_solutions_are_counted(
    make_row: MakeRow, without_solution: MakeRow, to_frame: ToFrame, tmp_path: Path, status: str
) -> None:
    """Rows without a solution are counted and have no median."""
    rows = [without_solution(make_row("A1", "C1", alpha), status=status) for alpha in (2.0, 20.0)]
    output, _ = report_on(to_frame(rows), tmp_path)
    assert f"status: 2 {status}" in output
    assert "further rows without a value: 1." in output
    assert "No Table 6 and no Figure 6" in output


def test_the_command_reports_on_the_run_it_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command reads the results in the folder run=, and says what was asked of that run."""
    words = ["sweep=smoke", "sweep.allocation=[A6]", "sweep.structure=[C1]", "solver=native"]
    run_sweep([*words, "engine=serial", "engine.in_process=true", f"out={tmp_path}"])
    assert main([f"run={tmp_path}"]) == 0
    assert "asked of this run: 2 instances: 2 certified" in capsys.readouterr().out
    assert (tmp_path / "tables" / "table2.csv").exists()


def test_the_report_is_written_to_the_folder_out(tmp_path: Path) -> None:
    """The command reads from run= and writes to out=, so it can report on the run of another."""
    words = ["sweep=smoke", "sweep.allocation=[A6]", "sweep.structure=[C1]", "solver=native"]
    run = tmp_path / "run"
    run_sweep([*words, "engine=serial", "engine.in_process=true", f"out={run}"])
    before = sorted(run.rglob("*"))
    assert main([str(run), f"out={tmp_path / 'report'}"]) == 0
    assert sorted(run.rglob("*")) == before
    assert (tmp_path / "report" / "tables" / "table2.csv").exists()


@pytest.mark.parametrize("words", [["run="], ["out=x"], ["run=[a]"], ["run"]])
def test_a_wrong_argument_gives_one_line(words: list[str]) -> None:
    """An argument that names no run is a user error with a message of one line."""
    with pytest.raises(UserError) as caught:
        main(words)
    assert "\n" not in str(caught.value)


def test_a_folder_without_results_gives_one_line(tmp_path: Path) -> None:
    """A folder without a results table is a user error with a message of one line."""
    with pytest.raises(UserError, match="no results table") as caught:
        main([f"run={tmp_path}"])
    assert "\n" not in str(caught.value)
