"""Shows the progress of a run: a bar on a terminal, a line in a notebook or a log file."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_LOG_EVERY_S = 30.0
"""Seconds between two lines in a log file."""

_NOTEBOOK_EVERY_S = 1.0
"""Seconds after which a notebook's line is written anew, over the last one."""


class ProgressReport:
    """Counts finished rows and shows them on stderr. Use it as a context manager.

    The remaining time is estimated from predicted solution times, not from the number of rows,
    because the longest solves come first.

    Parameters
    ----------
    total, done : int
        Instances of this process's shard of the sweep, and how many had a row at the start.
    predicted_s : float
        Predicted seconds of all pending solves, one after the other.
    """

    def __init__(self, total: int, done: int, predicted_s: float) -> None:
        self._console = Console(stderr=True)
        self._total = total
        self._done = done
        self._pending_s = predicted_s
        self._finished_s = 0.0
        self._n_rows = 0
        self._status_counts: dict[str, int] = {}
        self._started = self._logged = time.monotonic()
        self._bar = Progress(
            TextColumn("solving"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("ETA {task.fields[eta]}"),
            TextColumn("[red]{task.fields[not_optimal]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(
            "", total=total, completed=done, rate="", eta="?", not_optimal=""
        )

    def __enter__(self) -> ProgressReport:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()
        if self._console.is_jupyter:
            print(file=sys.stderr)

    def add(self, rows: pa.Table, predicted_s: float) -> None:
        """Count the rows that a worker returned.

        Parameters
        ----------
        rows : pyarrow.Table
            Finished rows, with the column ``status``.
        predicted_s : float
            Seconds that were predicted for them.
        """
        self._n_rows += rows.num_rows
        self._finished_s += predicted_s
        for count in pc.value_counts(rows["status"]).to_pylist():
            status = count["values"]
            self._status_counts[status] = self._status_counts.get(status, 0) + count["counts"]
        self._bar.update(
            self._task,
            completed=self._done + self._n_rows,
            rate=self._rate,
            eta=self._eta,
            not_optimal=self._not_optimal,
        )
        if not self._console.is_terminal:
            self._print_line()

    def _print_line(self) -> None:
        in_notebook = self._console.is_jupyter
        every_s = _NOTEBOOK_EVERY_S if in_notebook else _LOG_EVERY_S
        if time.monotonic() - self._logged >= every_s:
            self._logged = time.monotonic()
            # Spaces cover what is left of a longer line before.
            line, end = (
                (f"\rsolving {self!s:<70}", "") if in_notebook else (f"solving {self}", "\n")
            )
            print(line, end=end, file=sys.stderr, flush=True)

    def __str__(self) -> str:
        parts = [
            f"{self._done + self._n_rows}/{self._total}",
            self._rate,
            f"ETA {self._eta}",
            self._not_optimal,
        ]
        return ", ".join(filter(None, parts))

    @property
    def summary(self) -> str:
        """One line about the rows of this run: number of rows per status, and elapsed time."""
        counts = ", ".join(
            f"{count} {status.replace('_', ' ')}"
            for status, count in sorted(self._status_counts.items())
        )
        solved = f"{self._n_rows} instances in {_format_clock(time.monotonic() - self._started)}"
        return f"{solved}: {counts}" if counts else solved

    @property
    def _rate(self) -> str:
        per_s = self._n_rows / max(time.monotonic() - self._started, 1e-9)
        return f"{per_s:.1f}/s" if per_s >= 1 else f"{60 * per_s:.1f}/min"

    @property
    def _eta(self) -> str:
        if self._finished_s <= 0:
            return "?"
        elapsed = time.monotonic() - self._started
        return _format_clock(elapsed * max(0.0, self._pending_s / self._finished_s - 1))

    @property
    def _not_optimal(self) -> str:
        return ", ".join(
            f"{count} {status.replace('_', ' ')}"
            for status, count in sorted(self._status_counts.items())
            if status != "optimal"
        )


def _format_clock(seconds: float) -> str:
    """Format seconds as h:mm:ss."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{int(seconds):02}"
