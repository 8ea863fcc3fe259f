"""How many cores this process may use."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_SLURM = ("SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE")
"""Set by Slurm in a job: the first one only if the job asked for it."""


def usable_cores() -> int:
    """Return the least of the affinity, a container's CPU quota and Slurm's allocation.

    On a shared node these are not all cores.
    """
    limits = [len(os.sched_getaffinity(0)), _quota(), _slurm_cores()]
    return max(1, min(limit for limit in limits if limit is not None))


def _slurm_cores() -> int | None:
    for name in _SLURM:
        if os.environ.get(name, "").isdecimal():
            return int(os.environ[name])
    return None


def _quota() -> int | None:
    """Return the CPU quota of this process's control group, rounded up; None without one.

    Quotas of the groups above hold, too: the least counts. Linux documents the files under
    "cgroup-v2" (cpu.max) and "CFS Bandwidth Control" (cgroup v1).
    """
    quotas = []
    for line in _read(Path("/proc/self/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = _CGROUPS / "cpu" if controllers else _CGROUPS
        own = root / path.lstrip("/")
        for folder in (own, *own.parents):
            if not folder.is_relative_to(root):
                break
            quotas.append(_quota_of(folder))
    found = [quota for quota in quotas if quota is not None]
    return math.ceil(min(found)) if found else None


def _quota_of(folder: Path) -> float | None:
    """Return the cores that one control group may use; None if it has no limit."""
    words = _read(folder / "cpu.max").split() or [
        *_read(folder / "cpu.cfs_quota_us").split(),
        *_read(folder / "cpu.cfs_period_us").split(),
    ]
    if len(words) != 2 or not words[0].isdecimal():  # "max" or -1: no limit
        return None
    return int(words[0]) / int(words[1])


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
