"""Claims and intervals of a run: what is computed, written and printed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from analysis import claims, replications
from analysis.claims_table import TEN, markdown
from analysis.commands.claims import main
from analysis.print_replications import print_replications
from analysis.replication_report import COUNTS_SCHEMA, ReplicationReport, write
from pipeline.commands.run import main as run_sweep
from pipeline.config.errors import UserError
from tests.analysis.claims.synthetic_studies import TRUE, synthetic_study

A6 = ["sweep.allocation=[A6]", "solver=native", "engine=serial", "engine.in_process=true"]
FILES = ["claims.csv", "claims.md", "outside.csv", "replications.csv"]
FIGURES = [f"replications.{ending}" for ending in ("pdf", "png", "svg")]


@pytest.fixture(scope="module")
def report() -> ReplicationReport:
    """The report on two synthetic replications in which every claim is true."""
    study = synthetic_study(TRUE)
    return ReplicationReport(
        claims=claims.to_frame(claims.decide(study)),
        cells=replications.compare(study),
        counts=pl.DataFrame(
            [{"tables": title} | asdict(count) for title, count in replications.count(study)],
            schema=COUNTS_SCHEMA,
        ),
        replications=study.complete_replications(),
    )


def printed(report: ReplicationReport) -> str:
    """Return what is printed."""
    console = Console(width=116, highlight=False)
    with console.capture() as capture:
        print_replications(console, report)
    return capture.get()


@pytest.mark.slow
def test_the_same_report_gives_the_same_files(report: ReplicationReport, tmp_path: Path) -> None:
    """Tables and figure are byte-identical, whenever they are written."""
    first, second = write(report, tmp_path / "a"), write(report, tmp_path / "b")
    assert sorted(path.name for path in first) == sorted(FILES + FIGURES)
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_every_case_is_printed_on_one_line(report: ReplicationReport) -> None:
    """The terminal shows each decided case with its verdict, and cuts off nothing."""
    text = printed(report)
    assert len([line for line in text.splitlines() if " holds " in line]) == (
        report.claims.filter(pl.col("verdict") == "holds").height
    )
    assert "…" not in text
    assert "complete replications: A1 2, A2 2" in text
    assert "too few complete replications" in text


def test_undecided_claims_are_counted_and_not_printed(report: ReplicationReport) -> None:
    """A claim without two replications of its networks takes no line."""
    undecided = report.claims.with_columns(verdict=pl.lit("not decided"))
    text = printed(ReplicationReport(undecided, report.cells, report.counts, report.replications))
    assert f"Not decided and not printed: {undecided.height} of {undecided.height}" in text
    assert "z2 falls" not in text


def test_the_short_table_has_ten_lines(report: ReplicationReport) -> None:
    """Each of its claims exists, and its line ends with the verdict."""
    lines = [line for line in markdown(report.claims).splitlines() if line.startswith("| ")]
    assert len(TEN) == 10
    assert len(lines) == 1 + 10
    assert all(line.endswith((" holds |", " follows from the model |")) for line in lines[1:])


@pytest.mark.slow
def test_the_command_decides_from_the_run_it_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run with two replications of A6 decides what can be said of A6, and counts the rest."""
    run = tmp_path / "run"
    run_sweep(["sweep=replicated", *A6, "sweep.replications=2", f"out={run}"])
    assert main([str(run), f"out={tmp_path / 'out'}"]) == 0
    text = capsys.readouterr().out
    assert "A5 0, A6 2, A7 0" in text
    assert "one open" in text
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES
    decided = pl.read_csv(tmp_path / "out" / "claims.csv")
    assert decided.filter(pl.col("verdict") != "not decided")["case"].to_list() == ["A6"]


def test_a_run_with_one_replication_gives_one_line(tmp_path: Path) -> None:
    """Without replications there is nothing to decide: a user error."""
    run_sweep(["sweep=smoke", *A6, "sweep.structure=[C1]", f"out={tmp_path}"])
    with pytest.raises(UserError, match="no allocation has two replications") as caught:
        main([str(tmp_path)])
    assert "\n" not in str(caught.value)
