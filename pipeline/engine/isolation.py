"""Solves chunks in a child process, so that a crash, kill, hang or lack of memory ends only that.

The child process returns its rows instance by instance. So the instance that ended the process is
known, and no other instance is solved again.
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

from pipeline.engine.fork_server import recv_int
from pipeline.engine.interface import to_table
from pipeline.engine.licences import Rest
from pipeline.engine.worker import SolveContext
from pipeline.sweep.job import Chunk, Job
from solvers.stages import Unfinished

Answers = list[dict[str, Any] | Unfinished]
"""Of the instances of a job: rows, or what the first stage leaves to the second."""

START_S = 600.0
"""Seconds that the fork server may take to start, including the compilation of numba code."""

RESTART_PAUSES_S = (0.0, 0.0, 1.0, 10.0)
"""Seconds to wait before each attempt to start a child process."""

MAX_IDLE_EXITS = 3
"""Consecutive child processes that may end without a job; then the program cannot be loaded."""

KILL_MARGIN_S = 60.0
"""Seconds beyond its own deadlines after which a child process is killed."""

MAX_POLL_S = 2e6
"""Longest timeout, seconds: poll() takes a signed 32-bit timeout in ms."""

LOG_CHARACTERS = 4000
"""Characters that are kept of the end of a log."""


class ProcessFailure(NamedTuple):
    """How a child process ended that did not return a row.

    Parameters
    ----------
    reason : str
        One line.
    log : str
        The end of what it wrote to stderr, such as the stack of a crash.
    """

    reason: str
    log: str


class ChunkResult(NamedTuple):
    """Rows and failures of a chunk.

    Parameters
    ----------
    rows : pyarrow.Table
        One row for each instance that was solved, columns `pipeline.results.schema.RESULTS`.
    failures : tuple of (Job, ProcessFailure)
        Each instance that ended its process, as a job of one instance, and how the process ended.
    not_begun : tuple of Job
        What was left because the job of the run ends soon.
    unfinished : tuple of (Job, Unfinished)
        Each instance that needs a second stage, as a job of one instance, and what the first left.
    """

    rows: pa.Table
    failures: tuple[tuple[Job, ProcessFailure], ...] = ()
    not_begun: tuple[Job, ...] = ()
    unfinished: tuple[tuple[Job, Unfinished], ...] = ()


def solve_isolated(
    context: SolveContext, chunk: Chunk, attempt: int, rest: Rest | None = None
) -> ChunkResult:
    """Solve a chunk in a child process, and continue in a new one whenever it ends.

    Parameters
    ----------
    context : SolveContext
        How to draw and solve.
    chunk : Chunk
        What to solve.
    attempt : int
        Number of the attempt, from 1; it is recorded in the rows and has no other effect.
    rest : Rest, optional
        What the first stage left of the chunk, which then is one instance.

    Returns
    -------
    ChunkResult
        The rows of all instances except those that ended their process, were not begun, or need a
        second stage.

    Raises
    ------
    RuntimeError
        No child process can be started, or none accepts a job: the program cannot be loaded here.
    """
    client = _fork_server_client(context.options.searches)
    rows: list[dict[str, Any]] = []
    unfinished: list[tuple[Job, Unfinished]] = []
    failures: list[tuple[Job, ProcessFailure]] = []
    not_begun: list[Job] = []
    try:
        for job in chunk:
            remaining = job
            while remaining.alphas and not context.too_late:
                answers, failure = client.solve(context, remaining, attempt, rest)
                for instance, answer in zip(remaining.split(), answers, strict=False):
                    if isinstance(answer, dict):
                        rows.append(answer)
                    else:
                        unfinished.append((instance, answer))
                remaining = remaining.without_first(len(answers))
                if failure is not None:
                    failures.append((remaining.split()[0], failure))
                    remaining = remaining.without_first(1)
            if remaining.alphas:
                not_begun.append(remaining)
    except BaseException:  # an interrupt, too: the child process may still be solving
        client.close()
        _fork_server_client.cache_clear()
        raise
    return ChunkResult(to_table(rows), tuple(failures), tuple(not_begun), tuple(unfinished))


class ForkServerClient:
    """Starts a fork server and sends jobs to its child processes, one child at a time.

    Parameters
    ----------
    searches : bool
        Whether the fork server compiles the native search before it forks.
    """

    def __init__(self, searches: bool) -> None:
        self._solver = "native" if searches else "mip"
        self._connection: Connection | None = None
        self._idle_exits = 0
        self._start_server()

    def solve(
        self, context: SolveContext, job: Job, attempt: int, rest: Rest | None
    ) -> tuple[Answers, ProcessFailure | None]:
        """Solve a job in the child process.

        Returns
        -------
        answers : list of dict or Unfinished
            Of the first alphas of the job; of all of them if nothing failed, and if it did not
            become too late.
        failure : ProcessFailure or None
            How the process ended, if the next alpha ended it. If the process ended before it
            accepted the job, there are neither answers nor a failure: call again.

        Raises
        ------
        RuntimeError
            See `solve_isolated`.
        """
        message = pickle.dumps((context, job, attempt, rest))
        connection = self._connection or self._start_child()
        # Two deadlines: one for the draw of the network and one for the solve.
        timeout_s = min(2 * context.deadline_s + KILL_MARGIN_S, MAX_POLL_S)
        answers: Answers = []
        self._idle_exits += 1
        try:
            connection.send_bytes(message)
            if _receive(connection, timeout_s):
                self._idle_exits = 0
            while len(answers) < len(job.alphas):
                answer = _receive(connection, timeout_s)
                if answer is None:
                    break
                answers.append(answer)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            failure = self._end_child(error, context.deadline_s)
            if self._idle_exits == MAX_IDLE_EXITS:
                raise RuntimeError(f"no child process accepts a job:\n{failure.log}") from error
            return answers, None if self._idle_exits else failure
        return answers, None

    def close(self) -> None:
        """Kill the child process and the fork server."""
        self._server.kill()
        self._server.wait()
        if self._connection is not None:
            self._kill_child()  # on Linux it has ended with the fork server
            self._connection.close()
        self._control.close()
        self._log.close()

    def _start_server(self) -> None:
        self._control, server_end = socket.socketpair()
        self._control.settimeout(START_S)
        # The folder where Python was started, '' in the path, comes last there: a file in it must
        # not hide a module of the program.
        folders = [folder for folder in sys.path if folder] + [os.getcwd()] * ("" in sys.path)
        path = os.pathsep.join(folders)
        # The fork server must have one thread; OpenBLAS would start more.
        environment = os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}
        self._log = tempfile.TemporaryFile("a+b")  # noqa: SIM115 (open as long as the server)
        with server_end:
            self._server = subprocess.Popen(
                [sys.executable, "-P", "-m", "pipeline.engine.fork_server", self._solver],
                stdin=server_end.fileno(),
                stderr=self._log,
                env=environment,
            )

    def _start_child(self) -> Connection:
        """Start a child process; start the fork server again first if it has ended."""
        for pause_s in RESTART_PAUSES_S:
            time.sleep(pause_s)
            self._log_start = self._log.seek(0, os.SEEK_END)
            own_end, child_end = socket.socketpair()
            with child_end, contextlib.suppress(OSError):
                socket.send_fds(self._control, [b"."], [child_end.fileno()])
            child_pid = recv_int(self._control)
            if child_pid is not None:
                self._child_pid = child_pid
                self._connection = Connection(own_end.detach())
                return self._connection
            own_end.close()
            self._server.kill()
            self._server.wait()
            log = self._log_tail()
            self._start_server()
        raise RuntimeError(f"the fork server does not start:\n{log}")

    def _end_child(self, error: Exception, deadline_s: float) -> ProcessFailure:
        """End the child process if it still runs, and describe how it ended."""
        if isinstance(error, TimeoutError | pickle.UnpicklingError):
            self._kill_child()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        exit_code, log = recv_int(self._control), self._log_tail()
        if isinstance(error, TimeoutError):
            return ProcessFailure(_hang_reason(deadline_s), log)
        if exit_code is None:  # the fork server has ended too
            self._server.kill()
            exit_code = self._server.wait()
        return ProcessFailure(_failure_reason(exit_code, log, deadline_s), log)

    def _kill_child(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._child_pid, signal.SIGKILL)

    def _log_tail(self) -> str:
        self._log.seek(self._log_start)
        return self._log.read().decode(errors="replace")[-LOG_CHARACTERS:]


@cache
def _fork_server_client(searches: bool) -> ForkServerClient:
    """Return the fork server's client of this process; it lives as long as the process."""
    return ForkServerClient(searches)


def _receive(connection: Connection, timeout_s: float) -> Any:
    if not connection.poll(timeout_s):
        raise TimeoutError
    return connection.recv()


def _failure_reason(exit_code: int, log: str, deadline_s: float) -> str:
    """Describe an exit in one line; a negative exit code is the number of a signal."""
    if log.startswith("Timeout (") or "\nTimeout (" in log:  # written by faulthandler
        return _hang_reason(deadline_s)
    if exit_code < 0:
        name = signal.Signals(-exit_code).name
        memory = ", as when memory runs out" if -exit_code == signal.SIGKILL else ""
        return f"its process was ended by {name}{memory}"
    last_line = log.strip().rpartition("\n")[2]
    return f"its process ended with exit code {exit_code}: {last_line}"


def _hang_reason(deadline_s: float) -> str:
    return f"hung: more than {deadline_s:g} s, the sum of solver.time_limit_s and engine.grace_s"
