"""The certificate: a solver's answer held against the data."""

from __future__ import annotations

from solvers.backends.backend import SolverOutput
from solvers.problem import Problem
from solvers.result import Status, relative_gap
from solvers.solution import Cost, Solution, cost, violations

CERTIFICATE_TOLERANCE = 1e-6
"""Relative rounding between a solver's sums and ours; the feasibility tolerance of both solvers."""


def certify(
    problem: Problem, answer: SolverOutput, solution: Solution | None, gap: float
) -> tuple[Status, Solution | None, Cost | None, str | None]:
    """Hold a solver's answer against the data.

    Returns
    -------
    status, solution, cost, error
        The status that the evidence supports. Solution and cost are None unless the solution is
        feasible and its cost does not contradict the bound; ``error`` says what failed.
    """
    if answer.status is Status.ERROR:
        return Status.ERROR, None, None, answer.error
    if solution is None:
        if answer.status in (Status.OPTIMAL, Status.TIME_LIMIT):
            return Status.ERROR, None, None, f"status {answer.status} without a solution"
        return answer.status, None, None, answer.error
    broken = violations(problem, solution)
    if broken:
        return Status.ERROR, None, None, "solution check failed: " + "; ".join(broken)
    priced = cost(problem, solution)
    if answer.status not in (Status.OPTIMAL, Status.TIME_LIMIT):
        error = f"called {answer.status}, but a solution of cost {priced.total!r} exists"
        return Status.ERROR, None, None, error
    bound = _finite(answer.bound)
    if bound > priced.total * (1 + CERTIFICATE_TOLERANCE) + CERTIFICATE_TOLERANCE**2:
        error = f"bound {bound!r} exceeds the cost {priced.total!r} of a feasible solution"
        return Status.ERROR, None, None, error
    reached = relative_gap(priced.total, bound) <= gap + CERTIFICATE_TOLERANCE
    if answer.status is Status.OPTIMAL and not reached:
        error = f"called optimal with cost {priced.total!r} and bound {bound!r}"
        return Status.ERROR, None, None, error
    return (Status.OPTIMAL if reached else Status.TIME_LIMIT), solution, priced, None


def reported_bound(answer: SolverOutput, priced: Cost | None, status: Status) -> float | None:
    """Report a solver's bound; never above the cost, which it may exceed by rounding."""
    if priced is not None:
        return min(_finite(answer.bound), priced.total)
    return None if status is Status.ERROR else answer.bound


def _finite(bound: float | None) -> float:
    """Replace a missing bound, or one below it by rounding, by 0: no cost is negative."""
    return 0.0 if bound is None else max(0.0, bound)
