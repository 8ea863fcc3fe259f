"""The certificate: a solver's output is checked against the data of the problem."""

from __future__ import annotations

from dataclasses import replace

from solvers.backends.backend import SolverOutput
from solvers.problem import Problem
from solvers.result import Result, Status, relative_gap
from solvers.solution import Cost, Solution, cost, violations

CERTIFICATE_TOLERANCE = 1e-6
"""Relative rounding between a solver's sums and ours; the feasibility tolerance of both solvers."""


def certify(
    problem: Problem, output: SolverOutput, solution: Solution | None, gap: float
) -> tuple[Status, Solution | None, Cost | None, str | None]:
    """Check a solver's output against the data.

    Equation (51) of docs/algorithm.md.

    Parameters
    ----------
    problem : Problem
        The data.
    output : SolverOutput
        Status, bound and message of the solver.
    solution : Solution or None
        The solution that the solver's values stand for.
    gap : float
        Relative gap at which a solution counts as optimal.

    Returns
    -------
    status, solution, cost, error
        The status that the evidence supports. Solution and cost are None unless the solution is
        feasible and its cost does not contradict the bound; ``error`` says what failed.
    """
    if output.status is Status.ERROR:
        return Status.ERROR, None, None, output.error
    if solution is None:
        if output.status in (Status.OPTIMAL, Status.TIME_LIMIT):
            return Status.ERROR, None, None, f"status {output.status} without a solution"
        return output.status, None, None, output.error
    violated = violations(problem, solution)
    if violated:
        return Status.ERROR, None, None, "solution check failed: " + "; ".join(violated)
    solution_cost = cost(problem, solution)
    objective = solution_cost.total
    if output.status not in (Status.OPTIMAL, Status.TIME_LIMIT):
        error = f"status {output.status}, but a solution of cost {objective!r} exists"
        return Status.ERROR, None, None, error
    bound = _nonnegative_bound(output.bound)
    if exceeds(bound, objective):
        error = f"bound {bound!r} exceeds the cost {objective!r} of a feasible solution"
        return Status.ERROR, None, None, error
    gap_reached = relative_gap(objective, bound) <= gap + CERTIFICATE_TOLERANCE
    if output.status is Status.OPTIMAL and not gap_reached:
        error = f"status optimal, but cost {objective!r} and bound {bound!r} leave a larger gap"
        return Status.ERROR, None, None, error
    return (Status.OPTIMAL if gap_reached else Status.TIME_LIMIT), solution, solution_cost, None


def exceeds(bound: float, objective: float) -> bool:
    """Return whether a bound lies above the cost of a solution by more than rounding."""
    return bound > objective * (1 + CERTIFICATE_TOLERANCE) + CERTIFICATE_TOLERANCE**2


def certified(
    problem: Problem, result: Result, output: SolverOutput, solution: Solution | None, gap: float
) -> Result:
    """Return a result completed with what the evidence supports; the arguments are of `certify`."""
    status, accepted, solution_cost, error = certify(problem, output, solution, gap)
    return replace(
        result,
        status=status,
        solution=accepted,
        cost=solution_cost,
        bound=reported_bound(output, solution_cost, status),
        error=error,
    )


def reported_bound(
    output: SolverOutput, solution_cost: Cost | None, status: Status
) -> float | None:
    """Return the bound to report: never above the cost, which a solver may exceed by rounding.

    Parameters
    ----------
    output : SolverOutput
        Of the solver.
    solution_cost, status : Cost or None, Status
        As `certify` returned them.
    """
    if solution_cost is not None:
        return min(_nonnegative_bound(output.bound), solution_cost.total)
    return None if status is Status.ERROR else output.bound


def _nonnegative_bound(bound: float | None) -> float:
    """Return 0 for a missing bound, or for one below 0 by rounding: no cost is negative."""
    return 0.0 if bound is None else max(0.0, bound)
