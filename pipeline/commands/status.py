"""Report the progress of a sweep from its results table, during the run or after it.

usage: sitesweep status [FOLDER]

  outputs/paper   folder of the run (the default), or run=FOLDER

Counts all instances that any command asked of the run. Exit codes: 0 every instance has a row and
none is an error row, 1 rows are missing or are error rows, 2 no results in that folder.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence

from pipeline.config.command import FAILED, run_command
from pipeline.config.compose import compose
from pipeline.config.duration import describe_span
from pipeline.config.folder import RunFolder
from pipeline.config.sections import Section, check, validate
from pipeline.results import provenance, selections
from pipeline.results.recent_drivers import describe_shards, recent_shards
from pipeline.results.run_status import RECENT, RunStatus, run_status, window_s
from pipeline.results.schema import describe_coordinate
from pipeline.results.table import read_results
from solvers.problem import count
from solvers.result import Status

LABELS = {
    Status.OPTIMAL: "certified (optimal)",
    Status.INFEASIBLE: "infeasible",
    Status.TIME_LIMIT: "uncertified (time_limit)",
    Status.NO_SOLUTION: "uncertified (no_solution)",
    Status.ERROR: "error",
}
"""Status of a row -> what the report calls it."""

_MINUTES = RECENT.total_seconds() / 60


class StatusConfig(Section):
    """Which run to report on."""

    run: RunFolder


def main(words: list[str]) -> int:
    """Report on the run that the command line names."""
    run = check(StatusConfig, compose("status", words, "run")).run
    table = read_results(run)
    config = validate(provenance.read(run)["configuration"])
    now = datetime.datetime.now(datetime.UTC)
    progress = run_status(table, selections.union(run), config, now)
    shards = recent_shards(run, now - RECENT)
    print("\n".join(report_lines(progress, now, shards)))
    return 0 if progress.completeness.is_complete else FAILED


def report_lines(
    progress: RunStatus, now: datetime.datetime, shards: Sequence[str] = ()
) -> Iterator[str]:
    """Write a report, line by line.

    Parameters
    ----------
    progress : RunStatus
        Counted from the table.
    now : datetime
        The end of the last minutes, UTC.
    shards : sequence of str
        Of the drivers that committed in the last minutes.
    """
    found = progress.completeness
    done = found.instances - found.missing
    share = _percentage(done, found.instances)
    verdict = "complete" if found.is_complete else "incomplete"
    yield f"instances    {done:,} of {found.instances:,} have a row ({share}): {verdict}"
    counts = [
        *((n_rows, LABELS[Status(status)]) for status, n_rows in found.statuses.items()),
        *([(found.missing, "missing")] if found.missing else []),
    ]
    for number, (n_rows, label) in enumerate(counts):
        yield f"{'' if number else 'status':13}{n_rows:,} {label}"
    if progress.first is None or progress.last is None:
        return
    age = describe_span((now - progress.last).total_seconds())
    yield f"last row     {progress.last:%Y-%m-%d %H:%M:%S} UTC, {age} ago"
    if shards:
        n_drivers, which = count(len(shards), "driver"), describe_shards(list(shards))
        yield f"active       {n_drivers} committed in the last {_MINUTES:g} minutes: {which}"
    yield f"pace         {_pace(progress, now)}"
    if found.missing:
        yield f"time left    {_time_left(progress)}"
    for number, (reason, n_rows) in enumerate(progress.reasons.items()):
        yield f"{'' if number else 'errors':13}{n_rows:,} x {reason}"
    for number, row in enumerate(progress.slowest.iter_rows(named=True)):
        head = "" if number else "slowest"
        where = describe_coordinate(row)
        yield f"{head:13}{row['solve_s']:9.2f} s  {where}, {row['status']}"


def _percentage(part: int, whole: int) -> str:
    """Round down: only a complete sweep is at 100.0 %."""
    return f"{math.floor(1000 * part / whole) / 10} %"


def _pace(progress: RunStatus, now: datetime.datetime) -> str:
    """Rows per minute: recently, and over the whole run."""
    assert progress.first is not None
    assert progress.last is not None
    rows_per_minute = 60 * progress.recent / window_s(progress.first, now)
    span_s = (progress.last - progress.first).total_seconds()
    recent = f"{rows_per_minute:,.1f} rows per minute in the last {_MINUTES:g} minutes"
    rows = sum(progress.completeness.statuses.values())
    return recent + (f", {60 * rows / span_s:,.1f} from first to last row" if span_s else "")


def _time_left(progress: RunStatus) -> str:
    if progress.left_s is None:
        return "unknown: no new row in the last minutes; is the sweep running?"
    return f"about {describe_span(progress.left_s)}, at the recent pace"


if __name__ == "__main__":
    run_command(main, __doc__)
