"""What is known of a problem before it is solved again: a solution and a lower bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvers.backends.backend import SolverOutput
from solvers.certificate import certified
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.solution import Solution, violations
from solvers.transportation import solution_of, why_short


@dataclass(frozen=True)
class Start:
    """What an earlier solve of the same problem found.

    Parameters
    ----------
    assignment : tuple of int or None
        Its incumbent: the site of each customer.
    bound : float or None
        A lower bound on the cost that it proved.

    Examples
    --------
    >>> import sitesweep as ss
    >>> problem = ss.draw_network("A6", "C3").problem(alpha=5)
    >>> found = ss.solve(problem)
    >>> start = ss.Start(tuple(found.solution.assignment), found.bound)
    >>> ss.solve(problem, ss.Options("highs", time_limit_s=1e-9), start)
    Result(optimal, z1 = 27,607, ...)
    """

    assignment: tuple[int, ...] | None = None
    bound: float | None = None

    def solution(self, problem: Problem) -> Solution | None:
        """Return the incumbent with its cheapest flows; None if there is none, or it is wrong."""
        if self.assignment is None or len(self.assignment) != problem.n_customers:
            return None
        assignment = np.array(self.assignment, dtype=np.int64)
        if assignment.min() < 0 or assignment.max() >= problem.n_sites or why_short(problem):
            return None
        solution = solution_of(problem, assignment)
        return None if violations(problem, solution) else solution

    def with_bound(self, problem: Problem, result: Result, gap: float) -> Result:
        """Return a result of the same problem with the better of both bounds, certified again.

        Parameters
        ----------
        problem : Problem
            The data.
        result : Result
            Of a solve to the gap.
        gap : float
            Relative gap at which a solution counts as optimal.
        """
        better = self.bound is not None and self.bound > (result.bound or 0.0)
        if not better or result.status in (Status.ERROR, Status.INFEASIBLE):
            return result
        unproven = Status.NO_SOLUTION if result.solution is None else Status.TIME_LIMIT
        output = SolverOutput(unproven, bound=self.bound, error=result.error)
        return certified(problem, result, output, result.solution, gap)
