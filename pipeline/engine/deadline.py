"""Ends a process that hangs, even if it hangs in compiled code."""

from __future__ import annotations

import faulthandler
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2
"""File descriptor of stderr; `sys.stderr` may have been replaced by an object without one."""


@contextmanager
def deadline(deadline_s: float | None) -> Iterator[None]:
    """Run a block under a deadline that works wherever the block hangs.

    If the block takes longer, the stacks of all threads are written to stderr and the process ends
    with exit code 1. `faulthandler` does this in a native thread that does not need Python's global
    interpreter lock, so compiled code that keeps the lock cannot stop it.

    Parameters
    ----------
    deadline_s : float or None
        Seconds that the block may take; None for no deadline.
    """
    if deadline_s is None:
        yield
        return
    faulthandler.dump_traceback_later(deadline_s, exit=True, file=STDERR)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
