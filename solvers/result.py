"""The result of a solve: a solution with its certificate."""

from __future__ import annotations

import html
from dataclasses import dataclass
from enum import StrEnum

from solvers.solution import Cost, Solution

NO_GAP = 1e-9
"""Smaller gaps are shown as 0: they are rounding."""


class Status(StrEnum):
    """Why a solve stopped.

    Examples
    --------
    >>> from sitesweep import Status
    >>> [status.value for status in Status]
    ['optimal', 'time_limit', 'no_solution', 'infeasible', 'error']
    """

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

    Examples
    --------
    >>> from sitesweep import draw_network, solve
    >>> result = solve(draw_network("A6", "C3").problem(alpha=5))
    >>> result.status, result.cost.fixed, result.solution.open_sites
    (<Status.OPTIMAL: 'optimal'>, 5000.0, array([...]))
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

    def __repr__(self) -> str:
        facts = [self.status.value]
        if self.objective is not None and self.gap is not None:
            facts += [f"z1 = {self.objective:,.0f}", f"gap {self._gap_text()}"]
        elif self.bound is not None:
            facts += [f"z1 >= {self.bound:,.0f}"]
        if self.solution is not None:
            n_open, n_sites = len(self.solution.open_sites), len(self.solution.is_open)
            facts += [f"{n_open} of {n_sites} sites open"]
        return f"Result({', '.join(facts)}, {self.solve_s:.1f} s)"

    def _repr_html_(self) -> str:
        facts = {"status": self.status.value, "proven by": self.method}
        if self.cost is not None:
            facts |= {
                "z1": f"{self.cost.total:,.0f}",
                "first stage": f"{self.cost.first:,.0f}",
                "second stage": f"{self.cost.second:,.0f}",
                "fixed cost": f"{self.cost.fixed:,.0f}",
            }
        if self.bound is not None:
            facts |= {"bound": f"{self.bound:,.0f}"}
        if self.gap is not None:
            facts |= {"gap": self._gap_text()}
        reason = "; ".join(filter(None, [self.fallback_reason, self.error]))
        facts |= {"time": f"{self.solve_s:.1f} s"} | ({"reason": reason} if reason else {})
        rows = (f"<tr><th>{k}</th><td>{html.escape(v)}</td></tr>" for k, v in facts.items())
        return f"<table>{''.join(rows)}</table>"

    def _gap_text(self) -> str:
        gap = self.gap or 0.0
        return "0" if gap < NO_GAP else f"{100 * gap:.2g} %"

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
