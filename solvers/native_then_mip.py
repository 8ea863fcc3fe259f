"""Our own search first, and what it leaves unproven to a MIP solver.

The search strikes out pairs of site and customer: every solution that has one of them costs at
least the cutoff, which lies just below the search's incumbent. What is left is a collapsed program
with those z fixed at 0, mostly a fraction of the whole. Its bound says nothing about solutions that
were struck out, so the two parts together are bounded by the lesser of that bound and the cutoff.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np

from solvers import native
from solvers.backends.backend import SolverOutput
from solvers.certificate import certify, reported_bound
from solvers.formulations import collapsed
from solvers.formulations.program import Program
from solvers.native import Outcome
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.solution import Solution
from solvers.solve_model import solve_model

SHARE = 0.25
"""Fraction of the time limit that the search may use where little is left of the problem after its
root. Where much is left, a MIP solver does no better: the search goes on."""

BOTH = f"{native.name}+{collapsed.NAME}"
"""Method of a result to which both contributed."""


def solve(problem: Problem, options: Options) -> Result:
    """Search, and hand over what is left if the gap is not proven and there is time.

    Parameters
    ----------
    problem : Problem
        One whose collapse is exact, and which the search can take.
    options : Options
        The time limit holds for both parts together.

    Raises
    ------
    SolverUnavailable
        Something is left, ``solver="gurobi"`` and no licence here covers the model.
    """
    native.warm_up()  # before the clock starts: to compile is no part of the solve
    begin = time.perf_counter()
    outcome = native.search(
        problem,
        options.gap,
        options.time_limit_s,
        options.seed,
        few_pairs_limit_s=SHARE * options.time_limit_s,
    )
    searched = _result(problem, options, outcome, time.perf_counter() - begin)
    left = options.time_limit_s - (time.perf_counter() - begin)
    if searched.status not in (Status.TIME_LIMIT, Status.NO_SOLUTION) or left <= 0:
        return searched
    rest = solve_model(
        problem,
        replace(options, time_limit_s=left),
        collapsed,
        restrict=lambda program: restrict(problem, program, outcome),
    )
    return combine(problem, options, searched, rest, outcome.cutoff)


def restrict(problem: Problem, program: Program, outcome: Outcome) -> Program:
    """Fix at 0 what was struck out: pairs, and sites without any pair left.

    What the incumbent uses stays, and a solver starts from there: it prunes by it from the first
    node on.
    """
    left = np.concatenate([outcome.remaining_pairs.ravel(), outcome.remaining_pairs.any(axis=0)])
    if outcome.assignment is None:
        return replace(program, upper=program.upper * left)
    start = collapsed.write(problem, outcome.assignment)
    return replace(program, upper=program.upper * np.maximum(left, start), start=start)


def combine(
    problem: Problem, options: Options, searched: Result, rest: Result, cutoff: float
) -> Result:
    """Put both parts together: the cheaper solution, and the better of two bounds.

    Parameters
    ----------
    problem, options : Problem, Options
        What was asked for.
    searched : Result
        Of the search; its bound holds for the whole problem.
    rest : Result
        Of the restricted program.
    cutoff : float
        Bound of all that the restriction leaves out.
    """
    both = replace(
        searched,
        method=BOTH,
        solver=rest.solver,
        solver_version=rest.solver_version,
        fallback_reason=rest.fallback_reason,
        nodes=(searched.nodes or 0) + (rest.nodes or 0),
        build_s=searched.build_s + rest.build_s,
        solve_s=searched.solve_s + rest.solve_s,
    )
    if rest.status is Status.ERROR:  # what the search proved still stands
        failed = f"{rest.solver}: {rest.error}"
        reasons = "; ".join(filter(None, [rest.fallback_reason, failed]))
        return replace(both, fallback_reason=reasons)
    of_rest = math.inf if rest.status is Status.INFEASIBLE else rest.bound or 0.0
    bound = max(searched.bound or 0.0, min(of_rest, cutoff))
    best = min(searched, rest, key=lambda r: math.inf if r.objective is None else r.objective)
    if best.solution is not None:
        status = Status.TIME_LIMIT  # and the certificate makes it optimal if the gap is closed
    else:
        status = Status.INFEASIBLE if math.isinf(bound) else Status.NO_SOLUTION
    answer = SolverOutput(status, bound=bound if math.isfinite(bound) else None)
    return _certified(problem, options, both, answer, best.solution)


def _result(problem: Problem, options: Options, outcome: Outcome, seconds: float) -> Result:
    """Check the outcome of a search."""
    answer = SolverOutput(outcome.status, None, outcome.bound, outcome.nodes, outcome.reason)
    solution = None
    if outcome.assignment is not None:
        is_open = np.bincount(outcome.assignment, minlength=problem.n_sites) > 0
        solution = collapsed.expand(problem, is_open, outcome.assignment)
    found = Result(
        status=outcome.status,
        method=native.name,
        solver=native.name,
        solver_version=native.version,
        threads=options.threads,
        nodes=outcome.nodes,
        solve_s=seconds,
    )
    return _certified(problem, options, found, answer, solution)


def _certified(
    problem: Problem,
    options: Options,
    result: Result,
    answer: SolverOutput,
    solution: Solution | None,
) -> Result:
    """Complete a result with what the evidence supports."""
    status, kept, priced, error = certify(problem, answer, solution, options.gap)
    return replace(
        result,
        status=status,
        solution=kept,
        cost=priced,
        bound=reported_bound(answer, priced, status),
        error=error,
    )
