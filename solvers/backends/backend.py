"""The interface of a MIP solver, and its output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from solvers.formulations.program import Program
from solvers.options import Options
from solvers.problem import Floats
from solvers.progress import Report
from solvers.result import Status


class SolverUnavailable(RuntimeError):
    """A solver cannot solve a model here: no licence, too large for it, or the wrong model."""


@dataclass(frozen=True, eq=False)
class SolverOutput:
    """The output of a solver, not yet checked.

    Parameters
    ----------
    status : Status
        Why it stopped, according to the solver.
    values : ndarray, shape (n,), or None
        The variables in its incumbent.
    bound : float or None
        Its lower bound; None if it has no finite one.
    nodes : int or None
        Branch-and-bound nodes.
    error : str or None
        Its message, if it failed; why no solution exists, if that is proven independently.
    """

    status: Status
    values: Floats | None = None
    bound: float | None = None
    nodes: int | None = None
    error: str | None = None


class Backend(Protocol):
    """A MIP solver; the modules `highs` and `gurobi` of this package implement it."""

    name: str
    version: str

    def description(self) -> str:
        """Return name, version and licence in words; raise `SolverUnavailable` without one."""

    def why_unfit(self, program: Program) -> str | None:
        """Return why the solver cannot solve a program here, or None if it can."""

    def solve(
        self, program: Program, options: Options, report: Report | None = None
    ) -> SolverOutput:
        """Solve a program; a reached limit or a failure is a status, never an exception.

        If there is a report, it gets the progress, and the solver stops when it returns True: like
        a time limit.
        """
