"""Stops handing out work before the batch job of a run ends.

A chunk that begins shortly before the end of the job would be lost with it. So in the last minutes
no chunk begins; the rest is for the next job, which goes on from the table.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime

from pipeline.config.command import print_status
from pipeline.sweep.job import Chunk

SLURM_END_TIME = "SLURM_JOB_END_TIME"
"""Slurm's variable: when the job's time limit ends it, in seconds since 1970."""


def end_time(until: datetime | None) -> float | None:
    """Return when the job of this run ends, in seconds since 1970; None if that is not known.

    Parameters
    ----------
    until : datetime or None
        ``engine.until`` of the configuration, in local time if it has no time zone. Without it, the
        end of Slurm's job counts.
    """
    if until is not None:
        return until.timestamp()
    named = os.environ.get(SLURM_END_TIME, "")
    return float(named) if named.isdecimal() else None


def chunks_before(
    end: float | None, chunks: Iterator[Chunk], time_limit_s: float
) -> Iterator[Chunk]:
    """Yield chunks while one that begins now can end in time.

    Parameters
    ----------
    end : float or None
        When the job ends, in seconds since 1970.
    chunks : iterator of Chunk
        What to solve.
    time_limit_s : float
        Time limit of one instance, s. A chunk is expected to take this time, or its predicted time
        if that is longer: rarely more than one of its instances needs the whole limit.
    """
    for chunk in chunks:
        needed_s = max(time_limit_s, sum(job.predicted_s for job in chunk))
        if end is not None and time.time() + needed_s > end:
            at = datetime.fromtimestamp(end).astimezone().isoformat(timespec="minutes")
            print_status(
                f"no further chunk begins: the job ends at {at}, and a chunk may take "
                f"{needed_s:.0f} s; the same command goes on from there"
            )
            return
        yield chunk
