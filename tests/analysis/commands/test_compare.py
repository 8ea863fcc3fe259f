"""The verb ``compare``: a summary first, and every difference in a file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.commands.compare import main
from pipeline.commands.run import main as run_sweep
from pipeline.config.errors import UserError

WORDS = ["sweep=smoke", "sweep.allocation=[A5]", "sweep.structure=[C1]", "solver=native"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of three runs: a small gap, a large one, and another seed."""
    folder = tmp_path_factory.mktemp("runs")
    for name, word in (
        ("tight", "solver.gap=1e-4"),
        ("loose", "solver.gap=0.5"),
        ("two", "seed=2"),
    ):
        words = [*WORDS, word, "engine=serial", "engine.in_process=true", f"out={folder / name}"]
        assert run_sweep(words) == 0
    return folder


def test_a_run_equals_itself(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No row differs."""
    assert main([str(runs / "tight"), str(runs / "tight")]) == 0
    printed = capsys.readouterr().out
    assert "differ in  nothing that decides a row" in printed
    assert "differ     0" in printed


def test_another_gap_differs_within_both_gaps(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The summary comes first, then the rows; the file has all of them."""
    out = tmp_path / "differences.csv"
    assert main([str(runs / "tight"), str(runs / "loose"), f"out={out}"]) == 0
    printed = capsys.readouterr().out
    assert "differ in  solver.gap: 0.0001, 0.5" in printed
    assert "0 contradict each other" in printed
    assert printed.index("differ  ") < printed.index("A5 C1 replication 0")
    written = pl.read_csv(out)
    assert written.height > 0
    assert written["within_gaps"].all()


def test_other_networks_are_said_to_differ(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Their costs are compared, but no row can be wrong for that."""
    assert main([str(runs / "tight"), str(runs / "two")]) == 0
    printed = capsys.readouterr().out
    assert "differ in  seed: 0, 2" in printed
    assert "rows cannot contradict each other" in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "run: missing"),
        (["a"], "run: expected two folders, got 1"),
        (["a", "b", "c"], "expected at most 2 folders"),
        (["a", "b", "out=x.txt"], r"ends in \.csv"),
        (["a", "b"], "no results table in a/results"),
    ],
)
def test_a_mistake_is_one_line(words: list[str], message: str) -> None:
    """It says what was expected."""
    with pytest.raises(UserError, match=message) as caught:
        main(words)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_written_is_a_mistake(runs: Path, tmp_path: Path) -> None:
    """One line, before anything is printed."""
    words = [str(runs / "tight"), str(runs / "loose"), f"out={tmp_path}/nowhere/x.csv"]
    with pytest.raises(UserError, match="out: cannot write"):
        main(words)
