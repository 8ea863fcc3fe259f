"""What a MIP solver claims, held against what is known independently of it.

A solver proves within its tolerances, and a wrong proof looks like a right one. But a solution that
exists refutes the status infeasible, and every bound above its cost. Infeasibility itself must
follow from the data by an argument of our own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers import native
from solvers.backends.backend import SolverOutput
from solvers.certificate import CERTIFICATE_TOLERANCE, exceeds
from solvers.formulations.collapsed import assignment_cost
from solvers.problem import Floats, Problem
from solvers.result import Status, relative_gap
from solvers.solution import Solution, cost, violations
from solvers.transportation import solution_of

ROUNDING = 1e-9
"""Relative rounding of the lower bound."""


def lower_bound(problem: Problem) -> float:
    """Return a lower bound on objective (1) that no solver computed.

    Equation (50) of docs/algorithm.md.

    Each customer pays for its cheapest site that is large enough, with its share of the fixed cost:
    its demand divided by the most that the site can serve. No set of customers of a site has shares
    of more than 1.
    """
    most = np.minimum(problem.capacity, problem.total_demand)
    fits = problem.demand[:, None] <= most
    share = np.divide(problem.demand[:, None], most, out=np.zeros(fits.shape), where=fits)
    price: Floats = np.where(fits, assignment_cost(problem) + share * problem.fixed_cost, np.inf)
    total = float(price.min(axis=1).sum())
    return total * (1 - ROUNDING) if np.isfinite(total) else 0.0


def cross_check(
    problem: Problem,
    output: SolverOutput,
    solution: Solution | None,
    known: Solution | None,
    gap: float,
) -> tuple[SolverOutput, Solution | None, str | None]:
    """Correct the output of a solver by a known solution.

    Parameters
    ----------
    problem : Problem
        The data.
    output : SolverOutput
        Of the solver, without the status error; with the status infeasible, ``error`` says what
        else proves it.
    solution : Solution or None
        The solution that the solver's values stand for.
    known : Solution or None
        A feasible solution of the program that the solver solved.
    gap : float
        Relative gap at which a solution counts as optimal.

    Returns
    -------
    output, solution, reason
        The output that is left: without a wrong status and without a wrong bound. The cheaper of
        both solutions. Why the output is not the solver's own, or None.
    """
    faults = []
    if solution is not None and (violated := violations(problem, solution)):
        faults.append(f"its solution fails the check: {'; '.join(violated)}")
        solution = None
    infeasible = output.status is Status.INFEASIBLE
    if infeasible and output.error is not None and known is None:
        return output, None, None
    solutions = [each for each in (solution, known) if each is not None]
    if not solutions:
        if infeasible:
            faults.append("status infeasible, which no other argument proves")
        bound = None if infeasible else output.bound
        return replace(output, status=Status.NO_SOLUTION, bound=bound), None, _join(faults)
    best = min(solutions, key=lambda each: cost(problem, each).total)
    total, bound = cost(problem, best).total, output.bound
    if infeasible:
        faults.append(f"status infeasible, but a solution of cost {total!r} exists")
    elif bound is not None and exceeds(bound, total):
        faults.append(f"bound {bound!r} exceeds the cost {total!r} of a solution")
        bound = None
    bound = max(bound or 0.0, min(lower_bound(problem), total))
    open_gap = relative_gap(total, bound) > gap + CERTIFICATE_TOLERANCE
    if output.status is Status.OPTIMAL and open_gap and not faults:
        faults.append(f"status optimal, but cost {total!r} and bound {bound!r} leave a larger gap")
    return replace(output, status=Status.TIME_LIMIT, bound=bound), best, _join(faults)


def confirm_infeasible(
    problem: Problem, output: SolverOutput, time_limit_s: float
) -> tuple[SolverOutput, Solution | None]:
    """Hold the status infeasible of a solver against the native search, where it can search.

    The search leaves out the supplies, which are known to suffice.

    Returns
    -------
    output : SolverOutput
        With the reason, if the search proves that there is no solution.
    solution : Solution or None
        The first one that the search found.
    """
    if time_limit_s <= 0 or native.why_unfit(problem) is not None:
        return output, None
    native.warm_up()
    outcome = native.search(problem, 1.0, time_limit_s)
    if outcome.assignment is not None:
        return output, solution_of(problem, outcome.assignment)
    return replace(output, error=outcome.reason), None


def _join(faults: list[str]) -> str | None:
    return "; ".join(faults) or None
