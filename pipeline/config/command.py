"""Runs a command: exit codes, signals, and one-line error messages."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from pipeline.config.errors import Failure, UserError

LOGGER = logging.getLogger("sitesweep")
"""Of a run's log file (`pipeline.results.run_log`); without one its lines go nowhere."""
LOGGER.setLevel(logging.INFO)
LOGGER.propagate = False
LOGGER.addHandler(logging.NullHandler())

USER_ERROR = 2
"""Exit code for a mistake in the configuration, a path or a results folder."""

FAILED = 1
"""Exit code if rows are missing or are error rows, or something outside the program failed."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, by the convention of shells: 128 + SIGINT."""

TERMINATED = 143
"""Exit code after SIGTERM (128 + 15), which batch systems and spot nodes send before SIGKILL."""


def run_command(command: Callable[[list[str]], int], usage: str | None) -> NoReturn:
    """Run a command with the arguments of the command line, and exit with its exit code.

    Parameters
    ----------
    command : callable
        Takes the arguments of the command line, returns the exit code; raises `UserError` for a
        user's mistake and `Failure` if something outside the program failed.
    usage : str or None
        What ``--help`` prints.
    """
    words = sys.argv[1:]
    if {"-h", "--help"} & set(words):
        print((usage or "").strip())
        sys.exit(0)
    terminated = threading.Event()

    def terminate(signal_number: int, frame: FrameType | None) -> NoReturn:
        # The event, not the exception, marks a SIGTERM: a library may replace this
        # KeyboardInterrupt by one of its own.
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
        code = TERMINATED if terminated.is_set() else INTERRUPTED
    sys.exit(code)


def print_status(line: str) -> None:
    """Print a line to stderr, where it does not mix with the output of a command, and log it."""
    print(line, file=sys.stderr, flush=True)
    LOGGER.info(line)
