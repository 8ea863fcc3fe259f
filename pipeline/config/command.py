"""How every command ends: exit codes, and one line for a user's mistake."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from pipeline.config.errors import Failure, UserError

USER_ERROR = 2
"""Exit code for mistakes in configuration, paths and results folders."""

FAILED = 1
"""Exit code where something outside the program failed, or instances ended in error."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

TERMINATED = 143
"""Exit code after SIGTERM, which batch systems and spot nodes send before they kill."""


def run_command(command: Callable[[list[str]], int], usage: str | None) -> NoReturn:
    """Run a command with the words of the command line, and leave with its exit code.

    Parameters
    ----------
    command : callable
        Takes the words, returns the exit code; raises `UserError` for a user's mistake
        and `Failure` for what failed outside the program.
    usage : str or None
        What ``--help`` prints.
    """
    words = sys.argv[1:]
    if {"-h", "--help"} & set(words):
        print((usage or "").strip())
        sys.exit(0)
    terminated = threading.Event()

    def terminate(signal_number: int, frame: FrameType | None) -> NoReturn:
        # Libraries may raise a KeyboardInterrupt of their own in its place: hence the event.
        terminated.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, terminate)
    try:
        code = command(words)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        code = USER_ERROR
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        code = FAILED
    except KeyboardInterrupt:
        _exit_now(TERMINATED if terminated.is_set() else INTERRUPTED)
    sys.exit(code)


def _exit_now(code: int) -> NoReturn:
    """End the process now: a thread may still be in a solver, which cannot be asked to stop."""
    atexit._run_exitfuncs()  # a cluster that was about to start is ended here
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
