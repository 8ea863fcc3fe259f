"""Tells a person how far a run is: a bar on a terminal, a line now and then in a log file."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_LOG_EVERY_S = 30.0


class ProgressReport:
    """Counts finished rows on stderr. Use it as a context.

    The time left comes from predicted work, not from the number of rows: long solves come first.

    Parameters
    ----------
    total, done : int
        Instances of this process's part of the sweep, and how many the table held at the start.
    predicted_s : float
        Predicted seconds of what is left.
    """

    def __init__(self, total: int, done: int, predicted_s: float) -> None:
        self._console = Console(stderr=True)
        self._total = total
        self._done = done
        self._work_s = predicted_s
        self._worked_s = 0.0
        self._rows = 0
        self._statuses: dict[str, int] = {}
        self._started = self._logged = time.monotonic()
        self._bar = Progress(
            TextColumn("solving"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("ETA {task.fields[eta]}"),
            TextColumn("[red]{task.fields[trouble]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(
            "", total=total, completed=done, rate="", eta="?", trouble=""
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

    def add(self, rows: pa.Table, predicted_s: float) -> None:
        """Count rows that a worker returned."""
        self._rows += rows.num_rows
        self._worked_s += predicted_s
        for count in pc.value_counts(rows["status"]).to_pylist():
            status = count["values"]
            self._statuses[status] = self._statuses.get(status, 0) + count["counts"]
        self._bar.update(
            self._task,
            completed=self._done + self._rows,
            rate=self._rate,
            eta=self._eta,
            trouble=self._trouble,
        )
        if not self._console.is_terminal and time.monotonic() - self._logged >= _LOG_EVERY_S:
            self._logged = time.monotonic()
            print(f"solving {self}", file=sys.stderr, flush=True)

    @property
    def errors(self) -> int:
        """Error rows so far."""
        return self._statuses.get("error", 0)

    def __str__(self) -> str:
        parts = [
            f"{self._done + self._rows}/{self._total}",
            self._rate,
            f"ETA {self._eta}",
            self._trouble,
        ]
        return ", ".join(filter(None, parts))

    @property
    def summary(self) -> str:
        """One line about the rows of this run: how many of each status, in what time."""
        counts = ", ".join(
            f"{count} {status.replace('_', ' ')}"
            for status, count in sorted(self._statuses.items())
        )
        solved = f"{self._rows} instances in {_clock(time.monotonic() - self._started)}"
        return f"{solved}: {counts}" if counts else solved

    @property
    def _rate(self) -> str:
        per_s = self._rows / max(time.monotonic() - self._started, 1e-9)
        return f"{per_s:.1f}/s" if per_s >= 1 else f"{60 * per_s:.1f}/min"

    @property
    def _eta(self) -> str:
        if self._worked_s <= 0:
            return "?"
        elapsed = time.monotonic() - self._started
        return _clock(elapsed * max(0.0, self._work_s / self._worked_s - 1))

    @property
    def _trouble(self) -> str:
        told = {key: n for key, n in sorted(self._statuses.items()) if key != "optimal"}
        return ", ".join(f"{n} {key.replace('_', ' ')}" for key, n in told.items())


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{int(seconds):02}"
