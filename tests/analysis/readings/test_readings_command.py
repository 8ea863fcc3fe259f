"""The command line of ``sitesweep readings``, and the configuration group of the generator."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import polars as pl
import pytest

from analysis.commands import readings
from analysis.readings.reading import Reading
from sitesweep.command import main
from tests.analysis.readings.synthetic_studies import study

REFUSED = {
    "readings": "run: missing, expected run=",
    "readings run=[]": "run: expected at least one value",
    "readings nowhere": "no run in nowhere",
    "readings runs=[nowhere]": "unknown key 'runs': did you mean run?",
    "run network=fited": "expected one of fitted, paper",
    "run network.cluster_means_km=[70,30]": "[west or south, east or north], got [70, 30]",
    "run network.outside_grid=lost": "expected 'rescaled', 'spread', 'anywhere', 'wrapped'",
}
"""Command line -> a part of its only line, on stderr; the exit code is 2."""


@pytest.mark.parametrize("line", REFUSED)
def test_a_mistake_is_one_line(
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It says what is wrong, and no file is written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["sitesweep", *shlex.split(line)])
    with pytest.raises(SystemExit) as exit_info:
        main()
    assert exit_info.value.code == 2
    message = capsys.readouterr().err
    assert REFUSED[line] in message
    assert len(message.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_what_is_printed_is_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The Markdown file has the printed tables, and each table is a CSV file."""
    loaded = [Reading("20 km", study(10)), Reading("25 km", study(10, spread=0.2))]
    monkeypatch.setattr(readings, "load", lambda runs: loaded)
    assert readings.main(["a", "b", f"out={tmp_path}"]) == 0
    printed = capsys.readouterr().out
    assert (tmp_path / "readings.md").read_text(encoding="utf-8") in printed
    assert pl.read_csv(tmp_path / "labels.csv").height == 50


def test_too_few_replications_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Runs without a complete replication end with one line, and write nothing."""
    monkeypatch.setattr(readings, "load", lambda runs: [Reading("20 km", study(1).clear())])
    monkeypatch.setattr(sys, "argv", ["sitesweep", "readings", "some", f"out={tmp_path / 'out'}"])
    with pytest.raises(SystemExit) as exit_info:
        main()
    assert exit_info.value.code == 2
    assert "some: expected at least 3 replications" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
