"""Chunks solved in a process apart, whose end, however it comes, is seen and told.

A crash, a kill, a hang or a want of memory ends that process only. Its answers come instance by
instance, so that the one it died of is known, and none of the others is solved again.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.engine.chunk_table import to_table
from pipeline.engine.fork_server import recv_int
from pipeline.engine.worker import SolveContext
from pipeline.sweep.job import Chunk, Job

Rows = list[dict[str, Any]]

START_S = 600.0
"""Seconds that a process which forks may take to start, and to compile what it has not yet."""

RESTART_PAUSES_S = (0.0, 0.0, 1.0, 10.0)
"""Before each try to have a new process."""

MAX_IDLE_EXITS = 3
"""Processes in a row that ended before they took any work: then something is wrong here."""

KILL_MARGIN_S = 60.0
"""Seconds beyond its deadlines after which a process is ended that does not end itself."""

MAX_POLL_S = 2e6
"""The system counts what it waits for in milliseconds, of which it knows 2 ** 31."""

LOG_CHARACTERS = 4000
"""So much of the end of a log is kept."""


class ProcessFailure(NamedTuple):
    """How a process ended that returned no row.

    Parameters
    ----------
    reason : str
        One line.
    log : str
        The last of what it wrote to stderr; the stack of a crash among it.
    """

    reason: str
    log: str


class ChunkResult(NamedTuple):
    """What came of a chunk.

    Parameters
    ----------
    rows : pyarrow.Table
        One row for each instance that was solved, columns `pipeline.results.schema.RESULTS`.
    failures : tuple of (Job, Death)
        Each instance, as a job of its own, that ended its process instead.
    """

    rows: pa.Table
    failures: tuple[tuple[Job, ProcessFailure], ...]


def solve_isolated(work: SolveContext, chunk: Chunk, attempt: int) -> ChunkResult:
    """Compute a chunk in a process apart, and in a new one whenever that ends.

    Parameters
    ----------
    work : Work
        How.
    chunk : Chunk
        What.
    attempt : int
        Which try this is, from 1; it is recorded and changes nothing else.

    Returns
    -------
    ChunkResult
        All rows but those of the instances that ended their process.

    Raises
    ------
    RuntimeError
        No process can be had, or none that takes work: the program cannot be loaded here.
    """
    fork_server = _fork_server(work.options.method)
    rows: Rows = []
    failures: list[tuple[Job, ProcessFailure]] = []
    for job in chunk:
        left = job
        while left.alphas:
            answered, failure = fork_server.solve(work, left, attempt)
            rows += answered
            left = left.after(len(answered))
            if failure is not None:
                failures.append((left.single()[0], failure))
                left = left.after(1)
    return ChunkResult(to_table(rows), tuple(failures))


class _ForkServer:
    """Has a process ready that solves, one at a time.

    Parameters
    ----------
    method : str
        As in `solvers.options.Options`: what to have loaded.
    """

    def __init__(self, method: str) -> None:
        self._method = method
        self._connection: Connection | None = None
        self._idle_exits = 0
        self._start()

    def solve(
        self, work: SolveContext, job: Job, attempt: int
    ) -> tuple[Rows, ProcessFailure | None]:
        """Have a job solved: rows of its first alphas, and the death if one of them is the cause.

        Both may be missing: where the process had ended before it took the job, ask again.
        """
        # Ray's, as it also takes functions that no module holds.
        from ray import cloudpickle

        order = cloudpickle.dumps((work, job, attempt))
        connection = self._connection or self._start_child()
        # Twice: the network is drawn under a deadline too.
        patience_s = min(2 * work.deadline_s + KILL_MARGIN_S, MAX_POLL_S)
        rows: Rows = []
        self._idle_exits += 1
        try:
            connection.send_bytes(order)
            if _receive(connection, patience_s):
                self._idle_exits = 0
            while len(rows) < len(job.alphas):
                rows.append(_receive(connection, patience_s))
        except (EOFError, OSError, pickle.UnpicklingError) as end:
            failure = self._process_failure(end, work.deadline_s)
            if self._idle_exits == MAX_IDLE_EXITS:
                raise RuntimeError(f"the solving process takes no work:\n{failure.log}") from end
            return rows, None if self._idle_exits else failure
        return rows, None

    def _start(self) -> None:
        """Start the process that forks."""
        self._control, theirs = socket.socketpair()
        self._control.settimeout(START_S)
        path = os.pathsep.join(filter(None, sys.path))
        # Threads, of which OpenBLAS would start some, and forks do not go together.
        environment = os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}
        self._log = tempfile.TemporaryFile("a+b")  # noqa: SIM115 (open as long as the process)
        with theirs:
            self._parent = subprocess.Popen(
                [sys.executable, "-m", "pipeline.engine.fork_server", self._method],
                stdin=theirs.fileno(),
                stderr=self._log,
                env=environment,
            )

    def _start_child(self) -> Connection:
        """Have a new process; a new nursery too, if somebody ended the last one."""
        for pause_s in RESTART_PAUSES_S:
            time.sleep(pause_s)
            self._log_start = self._log.seek(0, os.SEEK_END)
            ours, theirs = socket.socketpair()
            with theirs, contextlib.suppress(OSError):
                socket.send_fds(self._control, [b"."], [theirs.fileno()])
            process = recv_int(self._control)
            if process is not None:
                self._process = process
                self._connection = Connection(ours.detach())
                return self._connection
            ours.close()
            self._parent.kill()
            self._parent.wait()
            log = self._log_tail()
            self._start()
        raise RuntimeError(f"the solving process does not start:\n{log}")

    def _process_failure(self, end: Exception, deadline_s: float) -> ProcessFailure:
        """See the process off; tell how it ended."""
        if isinstance(end, TimeoutError | pickle.UnpicklingError):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        code, log = recv_int(self._control), self._log_tail()
        if isinstance(end, TimeoutError):
            return ProcessFailure(_hung(deadline_s), log)
        if code is None:
            self._parent.kill()
            code = self._parent.wait()
        return ProcessFailure(_reason(code, log, deadline_s), log)

    def _log_tail(self) -> str:
        self._log.seek(self._log_start)
        return self._log.read().decode(errors="replace")[-LOG_CHARACTERS:]


def _receive(connection: Connection, patience_s: float) -> Any:
    if not connection.poll(patience_s):
        raise TimeoutError
    return connection.recv()


_fork_server = cache(_ForkServer)
"""One for each worker."""


def _reason(code: int, log: str, deadline_s: float) -> str:
    if log.startswith("Timeout (") or "\nTimeout (" in log:
        return _hung(deadline_s)
    if code < 0:
        name = signal.Signals(-code).name
        memory = ", as when memory runs out" if -code == signal.SIGKILL else ""
        return f"its process was ended by {name}{memory}"
    last = log.strip().rpartition("\n")[2]
    return f"its process ended with exit code {code}: {last}"


def _hung(deadline_s: float) -> str:
    return f"hung: more than {deadline_s:g} s, the time limit and engine.grace_s"
