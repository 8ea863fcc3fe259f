"""The whole report, from rows to files, for full, partial and empty results tables."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from analysis import findings, report
from analysis.cell_format import ALPHA
from analysis.commands.report import main
from analysis.figures.of_run import Captioned, draw_figures
from analysis.question import Question
from pipeline.commands.run import main as run_sweep
from pipeline.config.errors import UserError
from pipeline.config.sections import check
from pipeline.plotting import style
from pipeline.results.completeness import Completeness
from tests.analysis.made_rows import unite_rows

Row = dict[str, Any]
MakeRow = Callable[..., Row]
ToFrame = Callable[..., pl.DataFrame]


SUMMARY = ["tables/summary.csv", "tables/summary_relative.csv"]


FIGURES = [
    "cost_by_allocation",
    "cost_by_structure",
    "effort",
    "figure2",
    "figure4",
    "figure5",
    "figure6",
    "hardness",
]


@pytest.fixture(autouse=True)
def one_figure(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw one figure only, except in slow tests: all of them take seconds."""
    if request.node.get_closest_marker("slow") is None:

        def draw_one(*arguments: Any) -> Iterator[Captioned]:
            yield next(draw_figures(*arguments))

        monkeypatch.setattr(findings, "draw_figures", draw_one)


def report_on(rows: pl.DataFrame, run: Path, **question: Any) -> tuple[str, list[str]]:
    """Report on rows; return what is printed after its first line, and the CSV files written."""
    console = Console(width=116, highlight=False)
    with console.capture() as capture:
        report.write_report(unite_rows(rows), check(Question, question), run, console)
    asked, _, output = capture.get().partition("\n")
    assert asked.startswith("asked of this run: ")
    return output, sorted(str(path.relative_to(run)) for path in run.rglob("*.csv"))


@pytest.mark.slow
def test_a_complete_run_gives_five_tables_and_all_figures(
    paper_rows: list[Row], to_frame: ToFrame, tmp_path: Path
) -> None:
    """The paper's sweep gives Tables 2 to 6, and all figures in three formats."""
    output, files = report_on(to_frame(paper_rows), tmp_path)
    assert output.startswith("700 of the paper's 700 instances\n")
    assert files == [*SUMMARY, *(f"tables/table{n}.csv" for n in range(2, 7))]
    drawn = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert drawn == sorted(f"{name}.{ending}" for name in FIGURES for ending in style.FORMATS)
    tex = {f"table{n}_z{z}.tex" for n in (3, 4) for z in range(1, 5)}
    tex |= {"table2.tex", "table5.tex", "table6.tex", "summary.tex", "provenance.tex"}
    assert tex <= {path.name for path in (tmp_path / "tables").iterdir()}
    assert (tmp_path / "report.html").exists()


@pytest.mark.slow
def test_output_does_not_depend_on_the_order_of_rows(
    paper_rows: list[Row], to_frame: ToFrame, tmp_path: Path
) -> None:
    """Rows in any order give the same text and the same files, byte for byte."""
    rows = to_frame(paper_rows)
    one, two = tmp_path / "one", tmp_path / "two"
    texts = [report_on(rows, one)[0], report_on(rows.reverse(), two)[0]]
    assert texts[0].replace(str(one), "") == texts[1].replace(str(two), "")
    files = [sorted(path.relative_to(run) for path in run.rglob("*.*")) for run in (one, two)]
    assert files[0] == files[1]
    for name in files[0]:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


@pytest.mark.parametrize("alpha", [2.0, 20.0])
def test_a_single_alpha_gives_no_table_6(
    make_row: MakeRow, to_frame: ToFrame, tmp_path: Path, alpha: float
) -> None:
    """With one alpha there is nothing relative to another, and one line says so."""
    output, files = report_on(to_frame([make_row("A1", "C1", alpha)]), tmp_path)
    assert output.count("No Table 6 and no Figure 6") == 1
    assert files == [*SUMMARY, *(f"tables/table{n}.csv" for n in range(2, 6))]
    output, _ = report_on(to_frame([make_row("A1", "C1", alpha, scale=2)]), tmp_path)
    assert f"Nothing relative to another {ALPHA}: there is only one." in output


def test_an_empty_results_table_gives_one_line(to_frame: ToFrame, tmp_path: Path) -> None:
    """Without rows, the report says so, and the summary's files have their headers alone."""
    output, files = report_on(to_frame([]), tmp_path)
    assert output.startswith("no rows\nThere is nothing to summarise.\n")
    assert files == SUMMARY
    assert [(tmp_path / file).read_text().count("\n") for file in files] == [1, 1]


def test_another_scale_shows_what_there_is(
    make_row: MakeRow, to_frame: ToFrame, tmp_path: Path
) -> None:
    """Without instances of the paper, the rows are named and summarised, and no paper is."""
    rows = [make_row("A1", f"C{n}", alpha, scale=2) for n in range(1, 26) for alpha in (3.0, 4.0)]
    output, files = report_on(to_frame(rows), tmp_path)
    assert output.startswith(
        "50 rows: allocation A1; structure C1 to C25 (25 values); replication 0; scale 2; alpha 3"
    )
    assert "paper" not in output
    # z1 = alpha (1000 + c): the 13th of 25 structures.
    assert "3,010 / 3,039 / 3,068" in output
    assert files == SUMMARY


def test_a_question_is_answered_by_the_summary_alone(
    paper_rows: list[Row], to_frame: ToFrame, tmp_path: Path
) -> None:
    """A question leaves the paper's tables as they were written, and its condition is printed."""
    rows = to_frame(paper_rows)
    output, files = report_on(rows, tmp_path, where="alpha <= 5 and structure = 'C1'")
    assert output.startswith("where alpha <= 5 and structure = 'C1'\n14 rows: ")
    assert "Table 2" not in output
    assert files == SUMMARY


def test_a_condition_that_no_row_satisfies_gives_one_line(
    paper_rows: list[Row], to_frame: ToFrame, tmp_path: Path
) -> None:
    """The condition is printed, so that a mistake in it is seen."""
    output, _ = report_on(to_frame(paper_rows), tmp_path, where="alpha > 99")
    assert output.startswith("where alpha > 99\nno rows\nThere is nothing to summarise.\n")


def test_without_a_certified_row_numbers_are_ranges(
    make_row: MakeRow, to_frame: ToFrame, tmp_path: Path
) -> None:
    """With bounds alone, medians are printed as ranges and explained."""
    rows = [
        make_row("A1", "C1", alpha, scale=2, status="time_limit", z1=4.0, bound=3.0)
        for alpha in (2.0, 20.0)
    ]
    output, _ = report_on(to_frame(rows), tmp_path, by="alpha", quantiles=0.5)
    assert "3-4" in output
    assert "Rows not certified optimal: up to 1 of a group." in output
    assert "a-b: more time" in output
    assert "NaN" not in (tmp_path / "tables" / "summary_relative.csv").read_text()
    # 100 (3 / 4) to 100 (4 / 3).
    assert "75.0-133.3" in output


def test_forty_alphas_are_not_all_printed(
    make_row: MakeRow, to_frame: ToFrame, tmp_path: Path
) -> None:
    """The terminal shows a selection and says so; the files have all alphas."""
    rows = [make_row(a, "C1", float(x)) for a in ("A1", "A2") for x in range(1, 41)]
    output, files = report_on(to_frame(rows), tmp_path)
    assert len(output.splitlines()) < 200
    assert f"Printed: 4 of 40 {ALPHA}, those of the paper" in output
    assert pl.read_csv(tmp_path / "tables" / "table2.csv")["alpha"].n_unique() == 40
    output, files = report_on(to_frame(rows), tmp_path, by=["structure", "allocation"])
    assert len(output.splitlines()) < 140
    assert "Printed: 28 of 80 combinations of structure, allocation, alpha" in output
    assert pl.read_csv(tmp_path / files[2])["alpha"].n_unique() == 40


def test_an_unfinished_run_says_so(to_frame: ToFrame, make_row: MakeRow, tmp_path: Path) -> None:
    """A banner shows the share done while rows are missing, and none when all are there."""
    rows = to_frame([make_row("A1", "C1", 2.0)])
    for missing, shown in ((3, True), (0, False)):
        asked = Completeness(1 + missing, missing, {"optimal": 1})
        console = Console(width=116, highlight=False)
        with console.capture() as capture:
            united = unite_rows(rows, completeness=asked)
            report.write_report(united, Question(), tmp_path, console)
        assert ("UNFINISHED: 1 of 4 instances (25%) have a row" in capture.get()) == shown


@pytest.mark.parametrize("status", ["no_solution", "infeasible", "error"])
def test_rows_without_solutions_are_counted(
    make_row: MakeRow, without_solution: MakeRow, to_frame: ToFrame, tmp_path: Path, status: str
) -> None:
    """Rows without a solution are counted; nothing is known of their median."""
    rows = [without_solution(make_row("A1", "C1", alpha), status=status) for alpha in (2.0, 20.0)]
    output, _ = report_on(to_frame(rows), tmp_path)
    assert f"status: 2 {status}" in output
    assert "further rows without a value: 1." in output
    assert "No Table 6 and no Figure 6" in output
    output, _ = report_on(to_frame(rows), tmp_path, by=["allocation"], quantiles=[0.5])
    assert not re.search(r"\bnan\b", output.lower())
    for file in SUMMARY:
        assert "NaN" not in (tmp_path / file).read_text()


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


@pytest.mark.parametrize(
    "words", [["run="], ["out=x"], ["run=[a]"], ["run"], ["a", "b"], ["run=[]"]]
)
def test_a_wrong_argument_gives_one_line(words: list[str]) -> None:
    """An argument that names no run is a user error with a message of one line."""
    with pytest.raises(UserError) as caught:
        main(words)
    assert "\n" not in str(caught.value)


def test_a_foreign_folder_gives_one_line(tmp_path: Path) -> None:
    """A table of another program, or a folder with other files, is named in one line."""
    pl.DataFrame({"z1": [1.0]}).write_delta(tmp_path / "other" / "results")
    (tmp_path / "files" / "results").mkdir(parents=True)
    (tmp_path / "files" / "results" / "a.txt").write_text("a")
    for name, message in (("other", "not of this version"), ("files", "no results table")):
        with pytest.raises(UserError, match=message) as caught:
            main([str(tmp_path / name)])
        assert "\n" not in str(caught.value)


def test_a_folder_without_results_gives_one_line(tmp_path: Path) -> None:
    """A folder without a results table is a user error with a message of one line."""
    with pytest.raises(UserError, match="no results table") as caught:
        main([f"run={tmp_path}"])
    assert "\n" not in str(caught.value)
