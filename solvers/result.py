"""What came of a problem: the certificate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from solvers.solution import Cost, Solution


class Status(StrEnum):
    """Why a solve stopped."""

    OPTIMAL = "optimal"
    """A solution is proven to lie within the gap asked for."""
    TIME_LIMIT = "time_limit"
    """Time ran out: there is a solution and a bound, further apart than the gap asked for."""
    NO_SOLUTION = "no_solution"
    """Time ran out before any solution was found."""
    INFEASIBLE = "infeasible"
    """It is proven that no solution exists."""
    ERROR = "error"
    """The solver failed, or its answer did not pass the check; `Result.error` says how."""


@dataclass(frozen=True)
class Result:
    """A solution with its certificate, or the reason why there is none.

    Parameters
    ----------
    status : Status
        Why the solve stopped.
    method : str
        How it was solved: ``native``, by our own search alone; ``native+collapsed``, with a MIP
        solver on what the search left; ``collapsed`` or ``direct``, that whole model by one.
    solver, solver_version : str
        Who solved it, or gave the last word: a MIP solver, or ``native`` with the project's
        version.
    threads : int
        Threads the solver could use.
    fallback_reason : str or None
        Why the solver or the method is not the one that was asked for first.
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
        What failed, if the status is error; why there is no solution, if the native search proved
        that.
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
        """z1 of the incumbent, or None: never 0 for want of a solution."""
        return None if self.cost is None else self.cost.total

    @property
    def gap(self) -> float | None:
        """(objective - bound) / objective, or None where either is missing."""
        if self.objective is None or self.bound is None:
            return None
        return relative_gap(self.objective, self.bound)


def relative_gap(objective: float, bound: float) -> float:
    """Distance of a bound from an objective, as a fraction of the objective; both >= 0."""
    return 0.0 if objective <= bound else (objective - bound) / objective
