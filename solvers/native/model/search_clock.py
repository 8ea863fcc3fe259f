"""The clock of a search: between slices of work it is read, and the progress is reported."""

from __future__ import annotations

import time
from dataclasses import dataclass

from solvers.native.model.incumbent import VALUE, Incumbent
from solvers.native.model.problem_data import INF
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
