"""Ends a process that hangs: no matter where, in compiled code too."""

from __future__ import annotations

import faulthandler
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2
"""The file descriptor, whatever Python's own object of the name has been replaced by."""


@contextmanager
def deadline(deadline_s: float | None) -> Iterator[None]:
    """Run a block under a deadline that nothing can hold up.

    Where the block takes longer, the stacks of all threads go to stderr and the process ends with
    exit code 1. A thread of the interpreter's own keeps watch; it needs no lock of Python's.

    Parameters
    ----------
    deadline_s : float or None
        Seconds the block may take; None for no deadline.
    """
    if deadline_s is None:
        yield
        return
    faulthandler.dump_traceback_later(deadline_s, exit=True, file=STDERR)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
