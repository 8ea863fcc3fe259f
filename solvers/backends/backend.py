"""What a MIP solver must offer, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from solvers.formulations.program import Program
from solvers.options import Options
from solvers.problem import Floats
from solvers.result import Status


class SolverUnavailable(RuntimeError):
    """A solver cannot take a model here: no licence, or the model exceeds it."""


@dataclass(frozen=True, eq=False)
class SolverOutput:
    """A solver's own word, not yet checked.

    Parameters
    ----------
    status : Status
        Why it stopped, as it says.
    values : ndarray or None
        Its best values of the variables.
    bound : float or None
        Its lower bound; None where it has no finite one.
    nodes : int or None
        Branch-and-bound nodes.
    error : str or None
        Its message, where it failed.
    """

    status: Status
    values: Floats | None = None
    bound: float | None = None
    nodes: int | None = None
    error: str | None = None


class Backend(Protocol):
    """A MIP solver; implemented by the modules ``highs_backend`` and ``gurobi_backend``."""

    name: str
    version: str

    def why_unfit(self, program: Program) -> str | None:
        """Say why the solver cannot take this program here, or None if it can."""

    def solve(self, program: Program, options: Options) -> SolverOutput:
        """Solve a program; limits are answers, never exceptions."""
