"""The progress of a solve: lines of a log, and a callback that may stop it."""

from __future__ import annotations

import logging
import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from solvers.result import Result, Status, relative_gap

LOGGER = logging.getLogger("sitesweep")

LOG_INTERVAL_S = 2.0
"""A line of the log is at most this long after the one before if a slice of work is shorter."""
CALL_INTERVAL_S = 0.1
"""Seconds between two calls of the callback if neither incumbent nor bound is better."""

COLUMNS = (
    ("time, s", 9),
    ("nodes", 11),
    ("open", 9),
    ("incumbent", 18),
    ("bound", 18),
    ("gap", 11),
)
"""Titles and widths of the columns of the log."""

STOPPED = "the callback stopped the solve"


@dataclass(frozen=True)
class Progress:
    """What a solve has reached.

    The numbers are those of the solver, before the check: the numbers of the `Result` hold.

    Parameters
    ----------
    seconds : float
        Since the solve began.
    nodes : int
        Branch-and-bound nodes so far.
    open_nodes : int or None
        Nodes in the queue; None if the solver does not say.
    incumbent : float or None
        Cost of the best solution so far; it never rises.
    bound : float or None
        Lower bound on the cost of every solution; it never falls.

    Examples
    --------
    >>> import sitesweep as ss
    >>> problem = ss.draw_network("A1", "C3").problem(alpha=5)
    >>> def good_enough(progress: ss.Progress) -> bool:
    ...     return progress.gap is not None and progress.gap < 0.05
    >>> ss.solve(problem, ss.Options("highs"), callback=good_enough).gap < 0.05
    True
    """

    seconds: float
    nodes: int
    open_nodes: int | None
    incumbent: float | None
    bound: float | None

    @property
    def gap(self) -> float | None:
        """(incumbent - bound) / incumbent, or None if either is missing."""
        if self.incumbent is None or self.bound is None:
            return None
        return relative_gap(self.incumbent, self.bound)


Callback = Callable[[Progress], bool | None]
"""Gets the progress between slices of work; the solve stops if it returns True."""

Report = Callable[[int, int | None, float, float], bool]
"""Nodes, open nodes, incumbent (inf for none), bound (-inf for none) -> whether to stop."""


class Monitor:
    """Passes the progress of one solve to the callback and the log.

    Parameters
    ----------
    callback : Callback or None
        An exception in it stops the solve; `finish` raises it again.
    log : bool
        Whether to write lines to the log.
    """

    def __init__(self, callback: Callback | None, log: bool) -> None:
        self._callback, self._log = callback, log
        self.begin = time.perf_counter()
        self.stopped = False
        self._failure: BaseException | None = None
        self._incumbent, self._bound = math.inf, -math.inf
        self._nodes_before, self._largest_bound = 0, math.inf
        self._called_at = self._logged_at = -math.inf
        self._logged_incumbent = math.inf

    def write(self, line: str) -> None:
        """Write a line to the log, if there is one."""
        if self._log:
            LOGGER.info(line)

    def begin_restricted_part(self, nodes: int, cutoff: float) -> None:
        """Begin a part that leaves out solutions that cost at least ``cutoff``.

        Parameters
        ----------
        nodes : int
            Nodes of the parts before.
        cutoff : float
            The bounds of this part hold for all solutions only up to here.
        """
        self._nodes_before, self._largest_bound = nodes, cutoff

    def report(self, nodes: int, open_nodes: int | None, incumbent: float, bound: float) -> bool:
        """Take the progress of a solver; return whether it is to stop. A `Report`."""
        bound = min(bound, self._largest_bound)
        better = incumbent < self._incumbent or bound > self._bound
        self._incumbent = min(self._incumbent, incumbent)
        self._bound = max(self._bound, min(bound, self._incumbent))
        now = time.perf_counter()
        if not self.stopped and (better or now - self._called_at >= CALL_INTERVAL_S):
            self._called_at = now
            self._pass_on(
                Progress(
                    seconds=now - self.begin,
                    nodes=self._nodes_before + nodes,
                    open_nodes=open_nodes,
                    incumbent=self._incumbent if self._incumbent < math.inf else None,
                    bound=self._bound if self._bound > -math.inf else None,
                )
            )
        return self.stopped

    def _pass_on(self, progress: Progress) -> None:
        """Write a line if one is due, and call the callback."""
        now = self.begin + progress.seconds
        improved = self._incumbent < self._logged_incumbent
        if self._log and (improved or now - self._logged_at >= LOG_INTERVAL_S):
            if self._logged_at == -math.inf:
                LOGGER.info("".join(f"{title:>{width}}" for title, width in COLUMNS))
            self._logged_at, self._logged_incumbent = now, self._incumbent
            LOGGER.info(_row(progress))
        if self._callback is not None:
            try:
                self.stopped = bool(self._callback(progress))
            except BaseException as failure:  # solvers in other languages would lose it
                self._failure, self.stopped = failure, True

    def finish(self, result: Result) -> Result:
        """Return a result that says if the callback stopped the solve; write the last line.

        Raises
        ------
        BaseException
            What the callback raised.
        """
        if self._failure is not None:
            raise self._failure
        if self.stopped and result.status in (Status.TIME_LIMIT, Status.NO_SOLUTION):
            reasons = filter(None, [result.fallback_reason, STOPPED])
            result = replace(result, fallback_reason="; ".join(reasons))
        if self._log:
            LOGGER.info(_last_line(result, time.perf_counter() - self.begin))
        return result


@contextmanager
def printed_log() -> Iterator[None]:
    """Let the lines of the log pass; print them on stdout if no handler takes them."""
    handler = None if _has_handler(LOGGER) else logging.StreamHandler(sys.stdout)
    level = LOGGER.level
    LOGGER.setLevel(logging.INFO)
    if handler is not None:
        LOGGER.addHandler(handler)
    try:
        yield
    finally:
        LOGGER.setLevel(level)
        if handler is not None:
            LOGGER.removeHandler(handler)


def _has_handler(logger: logging.Logger | None) -> bool:
    """Return whether a logger, or one above that it passes its lines to, has a real handler."""
    if logger is None:
        return False
    if any(not isinstance(handler, logging.NullHandler) for handler in logger.handlers):
        return True
    return logger.propagate and _has_handler(logger.parent)


def _row(progress: Progress) -> str:
    """Return a line of the table."""
    cells = (
        f"{progress.seconds:.1f}",
        f"{progress.nodes:,}",
        "-" if progress.open_nodes is None else f"{progress.open_nodes:,}",
        _cost(progress.incumbent),
        _cost(progress.bound),
        _percent(progress.gap),
    )
    return "".join(f"{cell:>{width}}" for cell, (_, width) in zip(cells, COLUMNS, strict=True))


def _last_line(result: Result, seconds: float) -> str:
    """Return why a solve stopped, and with what."""
    why = result.error or result.fallback_reason
    return (
        f"{result.status} after {seconds:.2f} s and {result.nodes or 0:,} nodes, "
        f"method {result.method}: cost {_cost(result.objective)}, bound {_cost(result.bound)}, "
        f"gap {_percent(result.gap)}{f' ({why})' if why else ''}"
    )


def _cost(value: float | None) -> str:
    return "-" if value is None else f"{value:,.10g}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.4f} %"
