"""A plan describes what a run would do, and writes nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.commands.plan import main as main_of_plan
from pipeline.commands.run import main
from pipeline.config.errors import UserError


def test_a_dry_run_writes_nothing(
    tiny: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan is printed on stdout, and no folder is created."""
    assert main([*tiny, f"out={tmp_path / 'plan'}", "dry_run=true"]) == 0
    assert "12 of 12 instances to solve" in capsys.readouterr().out
    assert not (tmp_path / "plan").exists()


def test_a_plan_says_what_the_work_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Work, wall time on so many cores, memory, disk and price; sizes have separators."""
    words = ["sweep=extended", "solver=native", f"out={tmp_path / 'plan'}", "cores=1000"]
    assert main_of_plan([*words, "cost_per_core_hour=0.05"]) == 0
    text = capsys.readouterr().out
    assert "instances     70,000 of 70,000 instances to solve\n" in text
    lines = dict(line.split(maxsplit=1) for line in text.splitlines())
    assert "(a rough guess: no rows yet)" in lines["work"]
    assert "core hours" in lines["work"]
    assert re.search(r"^wall time +about \d+ s on 1,000 cores$", text, re.MULTILINE)
    assert re.fullmatch(r"about [\d,.]+ GB, for the driver and 1,000 workers", lines["memory"])
    assert re.fullmatch(r"about \d+ MB more", lines["disk"])
    assert lines["price"].endswith(", at 0.05 a core hour")
    assert not (tmp_path / "plan").exists()


def test_a_plan_learns_from_the_rows_of_the_folder(
    tiny: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says how many rows it learnt from, and without a price in the command shows none."""
    words = [*tiny, "solver=highs", f"out={tmp_path}"]
    assert main(words) == 0
    assert "core seconds" in capsys.readouterr().err
    assert main_of_plan([*words, "sweep.replications=2"]) == 0
    text = capsys.readouterr().out
    assert "12 of 24 instances to solve" in text
    assert "(learnt from 12 rows)" in text
    assert "price" not in text


@pytest.mark.parametrize("word", ["cores=0", "cores=many", "cost_per_core_hour=-1"])
def test_a_bad_key_of_a_plan_is_a_mistake(word: str) -> None:
    """The message names the key."""
    with pytest.raises(UserError, match=word.split("=")[0]):
        main_of_plan([word])
