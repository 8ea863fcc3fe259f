"""The log of a run says what happened, and stays small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.commands.run import main
from pipeline.config.command import LOGGER, print_status
from pipeline.config.errors import Failure, UserError
from pipeline.results.run_log import MAX_BYTES, run_log
from tests.pipeline.commands.test_completeness import ONE


def logged(run: Path) -> list[str]:
    """Read the lines of the only log of a run, without their times."""
    (path,) = (run / "logs").iterdir()
    lines = path.read_text().splitlines()
    times = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ ")
    assert all(times.match(line) for line in lines)
    return [times.sub("", line, count=1) for line in lines]


def test_a_run_logs_its_start_commits_and_end(
    tiny: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Start, selection, solver, engine, commits and end stand in order; also what is printed."""
    main([*tiny, *ONE, f"out={tmp_path}", "store.commit_rows=1"])
    lines = logged(tmp_path)
    starts = [
        *("start: {", "sweep smoke, 2 of 2 instances to solve", "solver: native search"),
        *(
            "engine: serial, in this process",
            "commit 1: 2 rows",
            "2 instances in ",
            "solves took ",
            "2 instances: 2 cert",
        ),
        "end",
    ]
    assert [line for line, start in zip(lines, starts, strict=True) if line.startswith(start)] == (
        lines
    )
    printed = [line for line in capsys.readouterr().err.splitlines() if "solving" not in line]
    assert set(printed) <= set(lines)


def test_an_error_is_the_last_line(tmp_path: Path) -> None:
    """Whoever comes back in the morning reads why the command ended."""

    def fail() -> None:
        with run_log(tmp_path):
            print_status("first")
            raise UserError("the reason")

    with pytest.raises(UserError):
        fail()
    assert logged(tmp_path) == ["first", "ended by UserError: the reason"]


def test_the_log_is_bounded(tmp_path: Path) -> None:
    """A million long lines leave two files of at most the largest size; the last line is there."""
    with run_log(tmp_path):
        for number in range(5000):
            LOGGER.info("%d %s", number, "x" * 1000)
    files = sorted((tmp_path / "logs").iterdir())
    assert len(files) == 2
    assert all(path.stat().st_size <= MAX_BYTES for path in files)
    assert files[0].read_text().endswith(" end\n")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """The log comes before the first row."""
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(Failure, match=r"^cannot write .*logs"), run_log(tmp_path):
        pass


def test_after_a_run_its_log_is_closed(tmp_path: Path) -> None:
    """Another run in the same process does not write to it."""
    with run_log(tmp_path / "one"):
        print_status("one")
    with run_log(tmp_path / "two"):
        print_status("two")
    assert logged(tmp_path / "one") == ["one", "end"]
    assert logged(tmp_path / "two") == ["two", "end"]
