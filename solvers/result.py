"""The result of a solve: a solution with its certificate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from solvers.solution import Cost, Solution


class Status(StrEnum):
    """Why a solve stopped."""

    OPTIMAL = "optimal"
    """A solution is proven to be within the gap asked for."""
    TIME_LIMIT = "time_limit"
    """There is a solution, and its gap is larger than the one asked for: time ran out, a callback
    stopped the solve, or the proof of the solver did not pass the check; in the last two cases
    `Result.fallback_reason` says so."""
    NO_SOLUTION = "no_solution"
    """No solution was found in time, and infeasibility is not proven; if a callback stopped the
    solve, or a solver called the problem infeasible, `Result.fallback_reason` says so."""
    INFEASIBLE = "infeasible"
    """It is proven that no solution exists."""
    ERROR = "error"
    """The solver failed, or its output did not pass the check; `Result.error` gives the reason."""


@dataclass(frozen=True)
class Result:
    """A solution with its certificate, or the reason why there is none.

    Parameters
    ----------
    status : Status
        Why the solve stopped.
    method : str
        How it was solved: ``native``, by our own search alone; ``native+collapsed``, by the search
        and a MIP solver for the rest; ``collapsed`` or ``direct``, that whole model by a MIP
        solver.
    solver, solver_version : str
        The solver that was used last: a MIP solver, or ``native`` with the project's version.
    threads : int
        Threads the solver could use.
    fallback_reason : str or None
        Why the solver or the method is not the first choice of the options, why the MIP solver
        failed after the search, what was wrong in its output, or that a callback stopped the solve.
    solution : Solution or None
        The incumbent; present only if it passed the check against (2)-(11).
    cost : Cost or None
        Its cost, recomputed from the data.
    bound : float or None
        Proven lower bound on objective (1).
    nodes : int or None
        Branch-and-bound nodes.
    build_s, solve_s : float
        Seconds to formulate, and in the solver.
    error : str or None
        What failed, if the status is error; why no solution exists, if the status is infeasible.
    """

    status: Status
    method: str
    solver: str
    solver_version: str
    threads: int
    fallback_reason: str | None = None
    solution: Solution | None = None
    cost: Cost | None = None
    bound: float | None = None
    nodes: int | None = None
    build_s: float = 0.0
    solve_s: float = 0.0
    error: str | None = None

    @property
    def objective(self) -> float | None:
        """z1 of the incumbent; None, never 0, if there is no solution."""
        return None if self.cost is None else self.cost.total

    @property
    def gap(self) -> float | None:
        """(objective - bound) / objective, or None if either is missing."""
        if self.objective is None or self.bound is None:
            return None
        return relative_gap(self.objective, self.bound)


def relative_gap(objective: float, bound: float) -> float:
    """Return (objective - bound) / objective of two numbers >= 0; 0 if objective <= bound."""
    return 0.0 if objective <= bound else (objective - bound) / objective
