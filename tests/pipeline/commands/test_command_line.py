"""Commands as a user starts them: exit codes, one line for a mistake, nothing written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MISTAKES = [
    ["sweep.allocation=[A1,A99]"],
    ["sweep.structure=C99"],
    ["solver=cplex"],
    ["engine=dask"],
    ["sweep=nothing"],
    ["sweep.colour=red"],
    ["colour=red"],
    ["sweep.alpha=[0]"],
    ["sweep.alpha=[2,-5]"],
    ["sweep.alpha=two"],
    ["sweep.alpha=[]"],
    ["sweep.allocation=[]"],
    ["sweep.replications=0"],
    ["sweep.scale=[0]"],
    ["solver.gap=-0.1"],
    ["solver.time_limit_s=0"],
    ["sweep.name=../../etc"],
    ["words without a key"],
]
"""Command lines, each with one mistake."""


def run(module: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a module of the project in a process, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.slow
@pytest.mark.parametrize("words", MISTAKES, ids=" ".join)
def test_a_mistake_is_one_line_with_exit_code_2_and_nothing_written(
    words: list[str], tmp_path: Path
) -> None:
    """For any mistake the user sees one line, and nothing is written to disk."""
    finished = run("pipeline", *words, cwd=tmp_path)
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert finished.stderr.startswith("error: ")
    assert finished.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_folder_that_is_not_writable_is_a_mistake(tmp_path: Path) -> None:
    """The message names the folder; nobody, not even root, can write in /proc."""
    finished = run("pipeline", "sweep=smoke", "engine=serial", "out=/proc/run", cwd=tmp_path)
    assert finished.returncode == 2
    assert finished.stderr.startswith("error: out: cannot write to /proc/run")
    assert finished.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_results_folder_with_other_files_is_a_mistake_and_stays_unchanged(tmp_path: Path) -> None:
    """If results/ holds other files, not even run.json is written."""
    (tmp_path / "mine" / "results").mkdir(parents=True)
    (tmp_path / "mine" / "results" / "thesis.txt").write_text("mine")
    for words in ([], ["dry_run=true"]):
        finished = run("pipeline", "sweep=smoke", "engine=serial", "out=mine", *words, cwd=tmp_path)
        assert finished.returncode == 2
        assert "mine/results is not a results table" in finished.stderr
        assert [path.name for path in (tmp_path / "mine").iterdir()] == ["results"]


@pytest.mark.slow
def test_an_out_that_is_a_file_is_a_mistake(tmp_path: Path) -> None:
    """A file in place of the folder, or of its parent, is reported and stays unchanged."""
    (tmp_path / "file").write_text("mine")
    for out in ("file", "file/below"):
        finished = run("pipeline", "sweep=smoke", "engine=serial", f"out={out}", cwd=tmp_path)
        assert finished.returncode == 2
        assert finished.stderr.count("\n") == 1
        assert "out: cannot write to" in finished.stderr
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("module", "verb"),
    [("pipeline", "run"), ("pipeline.commands.plan", "plan"), ("analysis", "report")],
)
def test_a_module_is_the_same_command_as_its_verb(module: str, verb: str, tmp_path: Path) -> None:
    """With ``python -m``, a command shows the usage of its verb."""
    finished = run(module, "--help", cwd=tmp_path)
    assert finished.returncode == 0
    assert f"usage: sitesweep {verb}" in finished.stdout


def test_an_analysis_without_results_is_a_mistake(tmp_path: Path) -> None:
    """The analysis of a folder without results reports it in one line."""
    finished = run("analysis", "run=nowhere", cwd=tmp_path)
    assert finished.returncode == 2
    assert finished.stderr == (
        "error: no results table in nowhere/results, expected the out= folder of a run\n"
    )
