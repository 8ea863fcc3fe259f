"""Shows the progress of a run: a line on a terminal, in a notebook or in a log file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline.config.duration import describe_core_time
from pipeline.results.completeness import UNCERTIFIED
from solvers.result import Status

_LOG_EVERY_S = 30.0
"""Seconds between two lines in a log file."""

_NOTEBOOK_EVERY_S = 1.0
"""Seconds after which a notebook's line is written anew, over the last one."""

_MIN_BAR = 4
"""Characters of the shortest bar that still shows something."""

_TROUBLES = {
    "failed": (Status.ERROR,),
    "uncertified": UNCERTIFIED,
    "infeasible": (Status.INFEASIBLE,),
}
"""Word of the line -> statuses of the rows that it counts."""


class ProgressReport:
    """Counts finished rows and shows them on stderr. Use it as a context manager.

    The remaining time is estimated from predicted solution times, not from the number of rows,
    because the longest solves come first. Between two results it counts down.

    Parameters
    ----------
    total, done : int
        Instances of this process's shard of the sweep, and how many had a row at the start.
    predicted_s : float
        Predicted seconds of all pending solves, one after the other.
    threads : int
        Of each solve.
    clock : callable, optional
        Returns the seconds since some moment.
    """

    def __init__(
        self,
        total: int,
        done: int,
        predicted_s: float,
        threads: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = Console(stderr=True)
        self._total = total
        self._done = done
        self._pending_s = predicted_s
        self._threads = threads
        self._finished_s = self._solve_s = 0.0
        self._n_rows = 0
        self._status_counts: dict[str, int] = {}
        self._clock = clock
        self._started = self._logged = clock()
        self._end: float | None = None
        self._live = Live(
            self,
            console=self._console,
            refresh_per_second=2,
            vertical_overflow="crop",
        )

    def __enter__(self) -> ProgressReport:
        if self._console.is_terminal and not self._console.is_jupyter:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()
        if self._console.is_jupyter:
            print(file=sys.stderr)

    def add(self, rows: pa.Table, predicted_s: float) -> None:
        """Count the rows that a worker returned.

        Parameters
        ----------
        rows : pyarrow.Table
            Finished rows, with the columns ``status`` and ``solve_s``.
        predicted_s : float
            Seconds that were predicted for them.
        """
        self._n_rows += rows.num_rows
        self._finished_s += predicted_s
        self._solve_s += pc.sum(rows["solve_s"]).as_py() or 0.0
        for count in pc.value_counts(rows["status"]).to_pylist():
            status = count["values"]
            self._status_counts[status] = self._status_counts.get(status, 0) + count["counts"]
        if self._finished_s > 0:
            now = self._clock()
            left = max(0.0, self._pending_s / self._finished_s - 1)
            self._end = now + (now - self._started) * left
        if not self._console.is_terminal:
            self._print_line()

    def _print_line(self) -> None:
        in_notebook = self._console.is_jupyter
        every_s = _NOTEBOOK_EVERY_S if in_notebook else _LOG_EVERY_S
        if self._clock() - self._logged >= every_s:
            self._logged = self._clock()
            # Spaces cover what is left of a longer line before.
            line, end = (
                (f"\rsolving {self!s:<70}", "") if in_notebook else (f"solving {self}", "\n")
            )
            print(line, end=end, file=sys.stderr, flush=True)

    def __str__(self) -> str:
        parts = [self._troubles, self._rate, self._eta, self._count]
        return ", ".join(filter(None, parts))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the line: troubles first, M/N and the bar last; what has no room is left out."""
        width = options.max_width
        parts = [self._troubles, self._rate, self._elapsed, self._eta, self._count]
        # In a narrow terminal the least important parts go first, the troubles and M/N last.
        for number in (2, 1, 3):  # elapsed, rate, ETA
            if len(" ".join(filter(None, parts))) + 2 + _MIN_BAR <= width:
                break
            parts[number] = ""
        text = Text(" ".join(filter(None, parts)), no_wrap=True, overflow="ellipsis")
        if self._troubles:
            text.stylize("red", 0, len(self._troubles))
        line = Table.grid(padding=(0, 1, 0, 0), expand=True)
        line.add_column(no_wrap=True)
        cells: list[Text | ProgressBar] = [text]
        bar = width - len(text) - 2
        if bar >= _MIN_BAR:
            line.add_column(width=bar)
            cells.append(
                ProgressBar(total=self._total, completed=self._done + self._n_rows, width=bar)
            )
        line.add_row(*cells)
        yield line

    @property
    def n_left(self) -> int:
        """Instances of the shard that have no row yet."""
        return self._total - self._done - self._n_rows

    @property
    def summary(self) -> str:
        """One line about the rows of this run: number of rows per status, and elapsed time."""
        counts = ", ".join(
            f"{count:,} {status.replace('_', ' ')}"
            for status, count in sorted(self._status_counts.items())
        )
        solved = f"{self._n_rows:,} instances in {_format_clock(self._elapsed_s)}"
        return f"{solved}: {counts}" if counts else solved

    @property
    def prediction(self) -> str:
        """One line about how far off the prediction was for the rows of this run."""
        actual, predicted = (
            describe_core_time(self._threads * each) for each in (self._solve_s, self._finished_s)
        )
        line = f"solves took {actual}, predicted {predicted}"
        if self._solve_s <= 0:
            return line
        off = 100 * (self._finished_s / self._solve_s - 1)
        return f"{line}: {abs(off):,.0f} % too {'much' if off >= 0 else 'little'}"

    @property
    def _troubles(self) -> str:
        counts = {
            word: sum(self._status_counts.get(status, 0) for status in statuses)
            for word, statuses in _TROUBLES.items()
        }
        return ", ".join(f"{n:,} {word}" for word, n in counts.items() if n)

    @property
    def _count(self) -> str:
        return f"{self._done + self._n_rows}/{self._total}"

    @property
    def _elapsed_s(self) -> float:
        return self._clock() - self._started

    @property
    def _elapsed(self) -> str:
        return _format_clock(self._elapsed_s)

    @property
    def _rate(self) -> str:
        if not self._n_rows:
            return ""
        per_s = self._n_rows / max(self._elapsed_s, 1e-9)
        return f"{per_s:.1f}/s" if per_s >= 1 else f"{60 * per_s:.1f}/min"

    @property
    def _eta(self) -> str:
        if self._end is None:
            return "ETA ?"
        return f"ETA {_format_clock(max(0.0, self._end - self._clock()))}"


def _format_clock(seconds: float) -> str:
    """Format seconds as h:mm:ss."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{int(seconds):02}"
