"""The clock of a search: between slices of work it is read, and the progress is reported."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from solvers.native.model.incumbent import VALUE, Incumbent
from solvers.native.model.problem_data import INF, Flags
from solvers.progress import Report


@dataclass
class SearchClock:
    """What a search has reached, for the report that goes with each reading of the clock.

    Attributes
    ----------
    report : Report or None
        Gets the progress, and returns whether to stop.
    incumbent : Incumbent
        The incumbent of the search.
    bound : float
        A lower bound of the problem.
    nodes, open_nodes : int
        Nodes processed, and nodes in the queue.
    """

    report: Report | None
    incumbent: Incumbent
    bound: float = -INF
    nodes: int = 0
    open_nodes: int = 1

    def is_over(self, deadline: float) -> bool:
        """Return whether a value of `time.perf_counter` has passed, or the report asks to stop."""
        if self.report is not None:
            value = float(self.incumbent.scalars[VALUE])
            if self.report(self.nodes, self.open_nodes, value, self.bound):
                return True
        return time.perf_counter() >= deadline


@contextmanager
def stop_at(deadline: float, stop: Flags) -> Iterator[None]:
    """Set ``stop[0]`` to 1 when a value of `time.perf_counter` is reached, from another thread.

    Compiled code cannot read a clock, but it runs without the interpreter lock, and can read the
    flag: so it ends within an evaluation of the bound, not only at the end of a slice.
    """
    seconds = min(max(0.0, deadline - time.perf_counter()), threading.TIMEOUT_MAX)
    timer = threading.Timer(seconds, stop.__setitem__, (0, 1))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
