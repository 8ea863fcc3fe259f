"""Stops work before the batch job of a run ends.

An instance that begins shortly before the end of the job would be lost with it. So within one time
limit of the end no instance begins: the driver hands out no chunk, and a worker leaves the rest of
a chunk that it has. The next job goes on from the table.
"""

from __future__ import annotations

import os
import time
from datetime import datetime

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


def is_too_late(end: float | None, time_limit_s: float) -> bool:
    """Return whether an instance that begins now may not end in time.

    Parameters
    ----------
    end : float or None
        When the job ends, in seconds since 1970.
    time_limit_s : float
        Time limit of one instance, s.
    """
    return end is not None and time.time() + time_limit_s > end


def describe_end(end: float, time_limit_s: float) -> str:
    """Return in words why instances are left; the parameters are of `is_too_late`."""
    at = datetime.fromtimestamp(end).astimezone().isoformat(timespec="minutes")
    return (
        f"no further instance begins: the job ends at {at}, and one may take {time_limit_s:g} s; "
        "the same command goes on from there"
    )
