"""The fork server: a process that has loaded the program and forks the processes that solve.

usage: python -m pipeline.engine.fork_server native|mip, with a Unix socket as stdin

The client (`pipeline.engine.isolation`) sends one end of a connection through the socket. For each
connection the fork server forks a child process, which receives jobs through the connection and
returns for each instance a row, or what its first stage leaves. The fork server sends the child's
process id back through the socket and, when the child has ended, its exit code.

Why a fork server: a fork takes milliseconds, a start of Python takes seconds, and the parent of a
process learns its exit code however the process ends. The forkserver of `multiprocessing` is not
used, because it would load the main module of the process that it serves, such as Ray's worker,
into each child process.

A process that forks must have one thread: a lock that another thread holds during the fork stays
locked for ever in the child. So this module must not import anything that starts threads, such as
pyarrow, nor may any module that it imports.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import pickle
import resource
import signal
import socket
import sys
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from pipeline.engine.deadline import STDERR
from pipeline.engine.worker import solve_stage
from solvers import native

MEMORY_SHARE = 0.9
"""Fraction of the memory available at the start of a job that its process may allocate."""

INT_BYTES = 8
"""Length of an integer in the socket."""

_PR_SET_PDEATHSIG = 1
"""Option of Linux's prctl(): the signal to this process when its parent ends."""


def main() -> None:
    """Fork one child process after the other, until the client closes the socket."""
    faulthandler.enable(STDERR)
    # Ctrl-C reaches the whole process group; the driver handles it.
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, signal.SIG_IGN)
    _die_with_parent()
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(STDERR, 1)  # what libraries print goes to the log
    own_pid = os.getpid()
    if sys.argv[1] == "native":
        native.warm_up()  # once here instead of once in each child
    while descriptors := socket.recv_fds(control, 1, 1)[1]:
        child_pid = os.fork()
        if child_pid == 0:
            control.close()
            _solve_jobs(Connection(descriptors[0]), own_pid)
        os.close(descriptors[0])
        send_int(control, child_pid)
        send_int(control, os.waitstatus_to_exitcode(os.waitpid(child_pid, 0)[1]))


def send_int(control: socket.socket, number: int) -> None:
    """Send an integer through a socket."""
    control.sendall(number.to_bytes(INT_BYTES, "little", signed=True))


def recv_int(control: socket.socket) -> int | None:
    """Receive an integer; None if the other side has closed the socket or the timeout is over."""
    try:
        received = control.recv(INT_BYTES)
    except (ConnectionResetError, TimeoutError):
        return None
    return int.from_bytes(received, "little", signed=True) if received else None


def _solve_jobs(connection: Connection, parent_pid: int) -> NoReturn:
    """Solve jobs until the connection is closed; exit without the parent's atexit handlers."""
    exit_code = 0
    try:
        _die_with_parent()
        # The parent may have ended before the call above; then no signal comes.
        while os.getppid() == parent_pid:
            context, job, attempt, rest = pickle.loads(connection.recv_bytes())
            connection.send(True)  # the job has arrived and could be unpickled
            _limit_memory()
            n_sent = 0
            for answer in solve_stage(context, job, attempt, context.deadline_s, rest):
                connection.send(answer)
                n_sent += 1
            if n_sent < len(job.alphas):
                connection.send(None)  # it is too late for the others
    except EOFError:
        pass
    except BaseException:
        traceback.print_exc()
        exit_code = 1
    finally:
        os._exit(exit_code)


def _die_with_parent() -> None:
    """Let the kernel kill this process as soon as its parent has ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit_memory() -> None:
    """Limit this process to the memory available now, and make it the OOM killer's first choice."""
    if sys.platform != "linux":
        return
    # If the system does not allow a limit, the job runs without one.
    with contextlib.suppress(OSError, ValueError, KeyError):
        _, hard_limit = resource.getrlimit(resource.RLIMIT_DATA)
        used_kb = _read_kilobytes("/proc/self/status")["VmData"]
        available_kb = _read_kilobytes("/proc/meminfo")["MemAvailable"]
        limit = int(1024 * (used_kb + MEMORY_SHARE * available_kb))
        soft_limit = limit if hard_limit == resource.RLIM_INFINITY else min(limit, hard_limit)
        resource.setrlimit(resource.RLIMIT_DATA, (soft_limit, hard_limit))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _read_kilobytes(path: str) -> dict[str, int]:
    """Parse the lines of a file of /proc that look like ``MemAvailable:  123 kB``."""
    lines = (line.split() for line in Path(path).read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines if words[-1] == "kB"}


if __name__ == "__main__":
    main()
