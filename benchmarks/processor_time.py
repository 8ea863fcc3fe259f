"""Processor time and memory of a program and all processes that it starts, on Linux."""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

_EVERY_S = 0.25
"""Seconds between two looks at the processes: what one does after the last look is not counted."""

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PR_SET_CHILD_SUBREAPER = 36


class Usage(NamedTuple):
    """What some programs took together.

    Parameters
    ----------
    processor_s, own_s, wall_s : float
        Processor time of all processes, and of the programs alone, without those that they start;
        time from start to end; seconds.
    peak_mb : float
        Largest resident memory of one of the programs itself, without those that it starts, MB.
    codes : tuple of int
        Exit codes.
    """

    processor_s: float
    own_s: float
    wall_s: float
    peak_mb: float
    codes: tuple[int, ...]


def measure(commands: list[list[str]], log: Path) -> Usage:
    """Run programs at the same time, to their end.

    Parameters
    ----------
    commands : list of list of str
        Program and words of each.
    log : pathlib.Path
        File that gets what they print.
    """
    # Processes whose parent has ended become children of this one, so that they are still found.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    begin = time.perf_counter()
    others: dict[tuple[int, str], int] = {}
    for pid in _descendants(os.getpid()):  # such as what an earlier call left behind
        _add_ticks(pid, others)
    ticks: dict[tuple[int, str], int] = {}
    peak_kb = 0
    with log.open("a") as file:
        programs = [subprocess.Popen(c, stdout=file, stderr=file) for c in commands]
        while any(program.poll() is None for program in programs):
            for pid in _descendants(os.getpid()):
                _add_ticks(pid, ticks)
            peak_kb = max(peak_kb, *(_peak_kb(program.pid) for program in programs))
            time.sleep(_EVERY_S)
    own = {program.pid for program in programs}
    ticks = {process: number for process, number in ticks.items() if process not in others}
    return Usage(
        sum(ticks.values()) / _TICKS_PER_S,
        sum(number for (pid, _), number in ticks.items() if pid in own) / _TICKS_PER_S,
        time.perf_counter() - begin,
        peak_kb / 1000,
        tuple(program.returncode for program in programs),
    )


def _descendants(root: int) -> list[int]:
    """List the processes below a process."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, pending = [], [root]
    while pending:
        below = children.get(pending.pop(), [])
        found += below
        pending += below
    return found


def _add_ticks(pid: int, ticks: dict[tuple[int, str], int]) -> None:
    """Note the user and system time of a process; a later one of its number starts later."""
    if fields := _stat(pid):
        ticks[pid, fields[19]] = int(fields[11]) + int(fields[12])


def _stat(pid: int) -> list[str]:
    """Return the fields of a process from its state on, as proc(5) numbers them less three."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:  # it has ended
        return []


def _peak_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
