"""The line of progress fits any terminal, keeps what matters, and counts down between results."""

from __future__ import annotations

import io
import re

import pyarrow as pa
import pytest
from rich.console import Console

from pipeline.engine.progress_bar import ProgressReport


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Return the seconds since the test began."""
        return self.now_s


def rows(*statuses: str) -> pa.Table:
    """Make finished rows that took two seconds each."""
    return pa.table({"status": statuses, "solve_s": [2.0] * len(statuses)})


def line(progress: ProgressReport, width: int) -> str:
    """Draw the line as a terminal of some width shows it."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    with console.capture() as captured:
        console.print(progress)
    return captured.get()


def in_trouble(clock: Clock) -> ProgressReport:
    """Return the progress of a large run with failed and uncertified rows, after 100 seconds."""
    progress = ProgressReport(1_000_000, 250_000, predicted_s=1000, clock=clock)
    clock.now_s = 100
    progress.add(rows("error", *["time_limit"] * 2, *["optimal"] * 7), predicted_s=100)
    return progress


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_the_line_fits_the_terminal(width: int) -> None:
    """It is one line, no wider than the terminal."""
    text = line(in_trouble(Clock()), width)
    assert text.count("\n") == 1
    assert len(text.rstrip("\n")) <= width


def test_troubles_come_first_and_the_count_and_the_bar_last() -> None:
    """The order is troubles, rate, elapsed time, remaining time, M/N, bar."""
    pattern = r"1 failed, 2 uncertified 6\.0/min 0:01:40 ETA 0:15:00 250010/1000000 +[━╺╸ ]{4,}\s*"
    assert re.fullmatch(pattern, line(in_trouble(Clock()), 100))


def test_a_narrow_terminal_keeps_troubles_and_the_count() -> None:
    """At 40 columns rate and times give way; failed rows and M/N are still there in full."""
    text = line(in_trouble(Clock()), 40)
    assert text.startswith("1 failed, 2 uncertified")
    assert "250010/1000000" in text


def test_without_troubles_40_columns_show_the_remaining_time_and_a_bar() -> None:
    """A run of the paper's sweep has room for all that matters."""
    clock = Clock()
    progress = ProgressReport(700, 349, predicted_s=100, clock=clock)
    clock.now_s = 10
    progress.add(rows("optimal"), predicted_s=50)
    assert re.fullmatch(r"[\d./min ]*ETA 0:00:10 350/700 +[━╺╸ ]{4,}\s*", line(progress, 40))


def test_the_remaining_time_counts_down_between_results() -> None:
    """Seven seconds later the same report shows seven seconds less, and never less than zero."""
    clock = Clock()
    progress = in_trouble(clock)
    assert "ETA 0:15:00" in str(progress)
    clock.now_s += 7
    assert "ETA 0:14:53" in str(progress)
    clock.now_s += 3600
    assert "ETA 0:00:00" in str(progress)


def test_before_the_first_result_the_remaining_time_is_unknown() -> None:
    """Nothing is known of the pace yet."""
    assert "ETA ?" in str(ProgressReport(10, 0, predicted_s=10, clock=Clock()))


def test_the_end_says_how_far_off_the_prediction_was() -> None:
    """Ten rows took 20 s, 100 s were predicted; with three threads a second counts thrice."""
    assert in_trouble(Clock()).prediction == (
        "solves took 20 core seconds, predicted 1.7 core minutes: 400 % too much"
    )
    progress = ProgressReport(1, 0, predicted_s=1, threads=3, clock=Clock())
    progress.add(rows("optimal"), predicted_s=1)
    assert progress.prediction == (
        "solves took 6 core seconds, predicted 3 core seconds: 50 % too little"
    )
