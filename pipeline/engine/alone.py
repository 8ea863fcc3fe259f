"""One chunk in a process of its own, whose end, however it comes, is seen and told.

Here goes what has ended a worker. A crash, a kill, a hang or a want of memory ends this process
only, and leaves a reason and a log.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import pickle
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from pipeline.chunks import Chunk
from pipeline.watchdog import STDERR
from pipeline.worker import Work, solve_chunk

START_S = 60.0
"""Seconds that the process may take beside its work: to start, and to load compiled code."""

LOG_CHARACTERS = 4000
"""So much of the end of a log is kept."""

MEMORY_SHARE = 0.9
"""Fraction of the memory available now that the process may take."""

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux."""


class Death(NamedTuple):
    """How a process ended that returned no rows.

    Parameters
    ----------
    reason : str
        One line.
    log : str
        The last of what it wrote to stderr; the stack of a crash among it.
    """

    reason: str
    log: str


def solve_alone(work: Work, chunk: Chunk, attempt: int) -> pa.Table | Death:
    """Compute a chunk in a process of its own.

    Parameters
    ----------
    work, chunk, attempt
        As `pipeline.worker.solve_chunk` takes them.

    Returns
    -------
    pyarrow.Table or Death
        Its rows, or how the process ended without any.
    """
    # Here, in a worker, it is loaded; the new process does without, and starts sooner.
    from ray import cloudpickle

    deadline_s = START_S + work.deadline_s * (1 + sum(len(job.alphas) for job in chunk))
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "pipeline.engine.alone"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        try:
            told, _ = child.communicate(cloudpickle.dumps((work, chunk, attempt)), deadline_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        log.seek(0)
        text = log.read().decode(errors="replace")[-LOG_CHARACTERS:]
    if child.returncode == 0:
        return pa.ipc.open_stream(told).read_all()
    return Death(_reason(child.returncode, text, work.deadline_s), text)


def _reason(code: int, log: str, deadline_s: float) -> str:
    if log.startswith("Timeout (") or "\nTimeout (" in log:
        return f"hung: more than {deadline_s:g} s, the time limit and engine.grace_s"
    if code < 0:
        name = signal.Signals(-code).name
        memory = ", as when memory runs out" if -code == signal.SIGKILL else ""
        return f"its process was ended by {name}{memory}"
    return f"its process ended with exit code {code}"


def _limit_memory() -> None:
    """Keep to the memory that is there, and be the first to go if it runs out all the same."""
    available = [
        int(line.split()[1]) * 1024
        for line in Path("/proc/meminfo").read_text().splitlines()
        if line.startswith("MemAvailable:")
    ]
    limit = int(MEMORY_SHARE * available[0])
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    Path("/proc/self/oom_score_adj").write_text("1000")


def main() -> None:
    """Compute the chunk that comes through stdin; rows go to stdout as an Arrow stream."""
    faulthandler.enable(STDERR)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        _limit_memory()
    # What libraries print shall not get between the rows.
    rows_to = os.fdopen(os.dup(1), "wb")
    os.dup2(STDERR, 1)
    work, chunk, attempt = pickle.loads(sys.stdin.buffer.read())
    rows = solve_chunk(work, chunk, attempt, work.deadline_s)
    with rows_to, pa.ipc.new_stream(rows_to, rows.schema) as stream:
        stream.write_table(rows)


if __name__ == "__main__":
    main()
