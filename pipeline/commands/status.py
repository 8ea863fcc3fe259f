"""Say how far a sweep is, from its results table; while it runs, and afterwards.

usage: python -m pipeline.commands.status [run=FOLDER]

  run=outputs/paper   folder of the run (the default)

Exit codes: 0 done, 2 no results there.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator

from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.folder import RunFolder
from pipeline.config.sections import Section, check, validate
from pipeline.results import provenance
from pipeline.results.run_status import RECENT, RunStatus, run_status, window_s
from pipeline.results.table import read_results


class StatusConfig(Section):
    """Which run to report on."""

    run: RunFolder


def main(words: list[str]) -> int:
    """Report on the run that the words name."""
    run = check(StatusConfig, compose("status", words)).run
    table = read_results(run)
    config = validate(provenance.read(run)["configuration"])
    now = datetime.datetime.now(datetime.UTC)
    print("\n".join(lines(run_status(table, config, now), now)))
    return 0


def lines(found: RunStatus, now: datetime.datetime) -> Iterator[str]:
    """Write a report, line by line."""
    yield f"instances    {found.done:,} of {found.instances:,} have a row" + _percent(found)
    if found.outside:
        yield f"             {found.outside:,} more rows are of instances added to the sweep later"
    for number, (status, count) in enumerate(found.statuses.items()):
        yield f"{'' if number else 'status':13}{count:,} {status.replace('_', ' ')}"
    if found.first is None or found.last is None:
        return
    yield f"last row     {found.last:%Y-%m-%d %H:%M:%S} UTC, {_ago(now - found.last)} ago"
    yield f"pace         {_pace(found, now)}"
    if found.done < found.instances:
        yield f"time left    {_left(found)}"
    for number, (reason, count) in enumerate(found.reasons.items()):
        yield f"{'' if number else 'errors':13}{count:,} x {reason}"
    for number, row in enumerate(found.slowest.iter_rows(named=True)):
        where = (
            f"{row['allocation']} {row['structure']} replication {row['replication']} "
            f"scale {row['scale']} alpha {row['alpha']:g}"
        )
        yield f"{'' if number else 'slowest':13}{row['solve_s']:9.2f} s  {where}, {row['status']}"


def _percent(found: RunStatus) -> str:
    return f" ({math.floor(1000 * found.done / found.instances) / 10} %)"


def _pace(found: RunStatus, now: datetime.datetime) -> str:
    """Rows a minute, lately and over all."""
    assert found.first is not None
    assert found.last is not None
    lately = 60 * found.recent / window_s(found.first, now)
    span_s = (found.last - found.first).total_seconds()
    minutes = RECENT.total_seconds() / 60
    told = f"{lately:,.1f} rows a minute in the last {minutes:g} minutes"
    rows = found.done + found.outside
    return told + (f", {60 * rows / span_s:,.1f} from first to last row" if span_s else "")


def _left(found: RunStatus) -> str:
    if found.left_s is None:
        return "unknown: no row in the last minutes; is the sweep running?"
    return (
        f"about {_ago(datetime.timedelta(seconds=found.left_s))}, at the pace of the last minutes"
    )


def _ago(span: datetime.timedelta) -> str:
    """Write a span in its two largest units."""
    seconds = max(0, round(span.total_seconds()))
    for unit_s, unit, part_s, part in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= unit_s:
            return f"{seconds // unit_s} {unit} {seconds % unit_s // part_s} {part}"
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"


if __name__ == "__main__":
    run_command(main, __doc__)
