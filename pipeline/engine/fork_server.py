"""A process that has loaded the program, and forks others that do the work and may die of it.

usage: python -m pipeline.engine.fork_server METHOD, with a Unix socket as stdin

Through the socket come the ends of connections. For each of them a process is forked, which takes
jobs there and answers with a row an instance. Its number, and later how it ended, goes back through
the socket. A fork takes milliseconds where a start of Python takes seconds, and it sees the end of
a process however it comes. (The forkserver of the standard library would load the main module of
the process that it serves, here Ray's worker, into each process anew.) A fork keeps locks that
other threads held, so nothing is imported here that starts any, such as pyarrow.
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
from pipeline.engine.worker import solve_job
from solvers import native

MEMORY_SHARE = 0.9
"""Fraction of the memory available at the start of a job that its process may take."""

NUMBER_BYTES = 8
"""Length of a number in the socket."""

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux."""


def main() -> None:
    """Fork one process after the other, until nobody asks for one any more."""
    faulthandler.enable(STDERR)
    for told_to_all in (signal.SIGINT, signal.SIGTERM):  # theirs to answer who are served here
        signal.signal(told_to_all, signal.SIG_IGN)
    _die_with_parent()
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    # What libraries print belongs to the log.
    os.dup2(STDERR, 1)
    parent = os.getpid()
    if sys.argv[1] == "native":
        native.warm_up()  # what is loaded here needs no loading in each process
    while descriptors := socket.recv_fds(control, 1, 1)[1]:
        process = os.fork()
        if process == 0:
            control.close()
            _solve_until_eof(Connection(descriptors[0]), parent)
        os.close(descriptors[0])
        send_int(control, process)
        send_int(control, os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))


def send_int(control: socket.socket, number: int) -> None:
    """Send a number."""
    control.sendall(number.to_bytes(NUMBER_BYTES, "little", signed=True))


def recv_int(control: socket.socket) -> int | None:
    """Receive a number, or None if the other side has ended or says nothing."""
    try:
        told = control.recv(NUMBER_BYTES)
    except (ConnectionResetError, TimeoutError):
        return None
    return int.from_bytes(told, "little", signed=True) if told else None


def _solve_until_eof(connection: Connection, parent: int) -> NoReturn:
    """Answer jobs until nobody sends any; then end without any of the parent's farewells."""
    code = 0
    try:
        _die_with_parent()
        while os.getppid() == parent:  # unless it had ended before
            work, job, attempt = pickle.loads(connection.recv_bytes())
            connection.send(True)
            _limit_memory()
            for row in solve_job(work, job, attempt, work.deadline_s):
                connection.send(row)
    except EOFError:
        pass
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        os._exit(code)


def _die_with_parent() -> None:
    """Have the system end this process as soon as the one that started it has ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _limit_memory() -> None:
    """Keep to the memory that is there now, and be the first to go if it runs out all the same."""
    if sys.platform != "linux":
        return
    # Where the system does not let us, there is no limit of ours.
    with contextlib.suppress(OSError, ValueError, KeyError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        own = _kilobytes("/proc/self/status")["VmData"]
        free = MEMORY_SHARE * _kilobytes("/proc/meminfo")["MemAvailable"]
        limit = int(1024 * (own + free))
        soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _kilobytes(file: str) -> dict[str, int]:
    """Read what Linux tells in lines like ``MemAvailable:  123 kB``."""
    lines = (line.split() for line in Path(file).read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines if words[-1] == "kB"}


if __name__ == "__main__":
    main()
