"""The front of the package: a problem in, a certified result out."""

from __future__ import annotations

import time
from types import ModuleType

from solvers import collapsed, direct
from solvers.backend import Answer, SolverUnavailable
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result, Status, relative_gap
from solvers.select import select
from solvers.solution import Cost, Solution, cost, violations

CERTIFICATE_TOLERANCE = 1e-6
"""Relative rounding between a solver's sums and ours; the feasibility tolerance of both solvers."""


def solve(problem: Problem, options: Options | None = None) -> Result:
    """Formulate a problem, solve it, and check the answer.

    A solver's word is not trusted: its solution is rounded, checked against (2)-(11) and priced
    from the data before it counts. What fails the check has status error and no solution.

    Parameters
    ----------
    problem : Problem
        What to solve.
    options : Options, optional
        How; the defaults of `Options` if left out.

    Returns
    -------
    Result
        The certificate. A solver that fails is a result with status error, too.

    Raises
    ------
    SolverUnavailable
        ``solver="gurobi"`` and no licence here covers the model.
    """
    options = options or Options()
    model, method_reason = _model(problem, options.method)
    started = time.perf_counter()
    program = model.formulate(problem)
    built = time.perf_counter()
    backend, solver_reason = select(options.solver, program)
    solving = time.perf_counter()
    answer = backend.solve(program, options)
    solved = time.perf_counter()
    solution = None if answer.values is None else model.read(problem, answer.values)
    status, solution, priced, error = certify(problem, answer, solution, options.gap)
    return Result(
        status=status,
        method=model.NAME,
        solver=backend.name,
        solver_version=backend.version,
        threads=options.threads,
        fallback_reason="; ".join(filter(None, [method_reason, solver_reason])) or None,
        solution=solution,
        cost=priced,
        bound=_bound(answer, priced, status),
        nodes=answer.nodes,
        build_s=built - started,
        solve_s=solved - solving,
        error=error,
    )


def certify(
    problem: Problem, answer: Answer, solution: Solution | None, gap: float
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


def _model(problem: Problem, method: str) -> tuple[ModuleType, str | None]:
    """Choose the model: the one asked for, or the direct one where the collapse is not exact."""
    if method == direct.NAME:
        return direct, None
    reason = collapsed.why_invalid(problem)
    return (collapsed, None) if reason is None else (direct, reason)


def _bound(answer: Answer, priced: Cost | None, status: Status) -> float | None:
    """Report a solver's bound; never above the cost, which it may exceed by rounding."""
    if priced is not None:
        return min(_finite(answer.bound), priced.total)
    return None if status is Status.ERROR else answer.bound


def _finite(bound: float | None) -> float:
    """Replace a missing bound, or one below it by rounding, by 0: no cost is negative."""
    return 0.0 if bound is None else max(0.0, bound)


__all__ = ["SolverUnavailable", "certify", "solve"]
