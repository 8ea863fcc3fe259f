"""Run the native search first; a MIP solver takes what the search leaves unproven.

The search fixes z_kj at 0 for pairs of site and customer: every solution that uses such a pair
costs at least the cutoff, which lies just below the search's incumbent. The MIP solver gets the
collapsed program with those z fixed at 0, mostly a fraction of the whole. Its bound does not hold
for the solutions that were excluded. So the bound of both parts together is the smaller of the MIP
solver's bound and the cutoff.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from solvers import native
from solvers.backends.backend import SolverOutput
from solvers.certificate import certified
from solvers.construction import assign_cheaply
from solvers.formulations import collapsed
from solvers.formulations.formulation import siting_values
from solvers.formulations.program import Program
from solvers.native import Outcome, SearchParameters
from solvers.options import Options
from solvers.problem import Problem
from solvers.progress import Monitor
from solvers.result import Result, Status
from solvers.solution import Solution
from solvers.solve_model import solve_model

COMBINED_METHOD = f"{native.name}+{collapsed.NAME}"
"""Method of a result to which both the search and the MIP solver contributed."""

MANY_PAIRS = 200_000
"""With more pairs of site and customer, the search gets a first solution: its own may take long.
With more remaining pairs, a MIP solver gets none of them: it would end long after the time limit,
and its relaxation is weaker than that of the search."""


class Unproven(NamedTuple):
    """A search that has not closed the gap, and what a MIP solver needs to go on.

    Parameters
    ----------
    result : Result
        The certified result of the search.
    outcome : Outcome
        Of the search: its remaining pairs, its cutoff and its incumbent.
    remaining_s : float
        What the search left of the time limit.
    """

    result: Result
    outcome: Outcome
    remaining_s: float


def search(
    problem: Problem,
    options: Options,
    start: Solution | None,
    parameters: SearchParameters,
    monitor: Monitor | None,
) -> Result | Unproven:
    """Search; return the result, unless a MIP solver should go on.

    Parameters
    ----------
    problem : Problem
        One whose collapse is exact, and for which `native.why_unfit` returns None.
    options : Options
        The time limit holds for both parts together.
    start : Solution or None
        A feasible solution, the first incumbent of the search.
    parameters : SearchParameters
        Of the search.
    monitor : Monitor or None
        Gets the progress of the search.
    """
    native.warm_up()  # before the clock starts: compilation is no part of the solve
    begin = time.perf_counter()
    if monitor is not None:
        monitor.begin = begin
        monitor.write(
            f"{native.name} {native.version}: {problem.n_sites * problem.n_customers:,} pairs"
        )
    first = None if start is None else start.assignment
    if first is None and problem.n_sites * problem.n_customers > MANY_PAIRS:
        first = assign_cheaply(problem, collapsed.assignment_cost(problem), problem.fixed_cost)
    outcome = native.search(
        problem,
        options.gap,
        options.time_limit_s,
        options.seed,
        leave_few_pairs=True,
        start=first,
        parameters=parameters,
        report=None if monitor is None else monitor.report,
        threads=options.threads,
    )
    result = _search_result(problem, options, outcome, time.perf_counter() - begin)
    remaining_s = options.time_limit_s - (time.perf_counter() - begin)
    unproven = result.status in (Status.TIME_LIMIT, Status.NO_SOLUTION)
    if not unproven or remaining_s <= 0 or (monitor is not None and monitor.stopped):
        return result
    if np.count_nonzero(outcome.remaining_pairs) > MANY_PAIRS:
        return result
    return Unproven(result, outcome, remaining_s)


def finish(
    problem: Problem, options: Options, unproven: Unproven, monitor: Monitor | None
) -> Result:
    """Let a MIP solver take what a search left unproven.

    Parameters
    ----------
    problem, options : Problem, Options
        As in `search`.
    unproven : Unproven
        What the search left.
    monitor : Monitor or None
        Gets the progress of the MIP solver.

    Raises
    ------
    SolverUnavailable
        The solver is ``gurobi``, and no licence here covers the model.
    """
    outcome = unproven.outcome
    if monitor is not None:
        monitor.write(f"{np.count_nonzero(outcome.remaining_pairs):,} pairs remain")
        monitor.begin_restricted_part(outcome.nodes, outcome.cutoff)
    mip_result = solve_model(
        problem,
        replace(options, time_limit_s=unproven.remaining_s),
        collapsed,
        restrict=lambda program: restrict(problem, program, outcome),
        monitor=monitor,
    )
    return combine(problem, options, unproven.result, mip_result, outcome.cutoff)


def restrict(problem: Problem, program: Program, outcome: Outcome) -> Program:
    """Fix variables at 0 as the search did: its fixed pairs, and sites without a remaining pair.

    Variables that the incumbent uses stay free. The incumbent is the start of the MIP solver,
    which prunes by it from the first node on.

    Parameters
    ----------
    problem : Problem
        The data.
    program : Program
        The collapsed program of the problem.
    outcome : Outcome
        Of the search on the problem.
    """
    pairs = outcome.remaining_pairs
    upper = np.concatenate([pairs.ravel(), pairs.any(axis=0)])
    if outcome.assignment is None:
        return replace(program, upper=program.upper * upper)
    start = siting_values(problem, outcome.assignment)
    return replace(program, upper=program.upper * np.maximum(upper, start), start=start)


def combine(
    problem: Problem, options: Options, search_result: Result, mip_result: Result, cutoff: float
) -> Result:
    """Combine both parts: the cheaper solution, and the better of two bounds.

    Equation (47) of docs/algorithm.md.

    Parameters
    ----------
    problem, options : Problem, Options
        As in `search`.
    search_result : Result
        Of the search; its bound holds for the whole problem.
    mip_result : Result
        Of the MIP solver on the restricted program.
    cutoff : float
        Lower bound on the cost of every solution that the restriction excludes.
    """
    combined = replace(
        search_result,
        method=COMBINED_METHOD,
        solver=mip_result.solver,
        solver_version=mip_result.solver_version,
        fallback_reason=mip_result.fallback_reason,
        nodes=(search_result.nodes or 0) + (mip_result.nodes or 0),
        build_s=search_result.build_s + mip_result.build_s,
        solve_s=search_result.solve_s + mip_result.solve_s,
    )
    if mip_result.status is Status.ERROR:  # what the search proved still holds
        failure = f"{mip_result.solver}: {mip_result.error}"
        reasons = "; ".join(filter(None, [mip_result.fallback_reason, failure]))
        return replace(combined, fallback_reason=reasons)
    infeasible = mip_result.status is Status.INFEASIBLE
    mip_bound = math.inf if infeasible else mip_result.bound or 0.0
    bound = max(search_result.bound or 0.0, min(mip_bound, cutoff))
    cheaper = min(
        search_result,
        mip_result,
        key=lambda result: math.inf if result.objective is None else result.objective,
    )
    if cheaper.solution is not None:
        status = Status.TIME_LIMIT  # `certify` makes it optimal if the gap is closed
    else:
        status = Status.INFEASIBLE if math.isinf(bound) else Status.NO_SOLUTION
    finite_bound = bound if math.isfinite(bound) else None
    output = SolverOutput(status, bound=finite_bound, error=mip_result.error)
    return certified(problem, combined, output, cheaper.solution, options.gap)


def _search_result(problem: Problem, options: Options, outcome: Outcome, seconds: float) -> Result:
    """Return the certified result of a search that took ``seconds``."""
    output = SolverOutput(outcome.status, None, outcome.bound, outcome.nodes, outcome.reason)
    solution = None
    if outcome.assignment is not None:
        is_open = np.bincount(outcome.assignment, minlength=problem.n_sites) > 0
        solution = collapsed.expand(problem, is_open, outcome.assignment)
    result = Result(
        status=outcome.status,
        method=native.name,
        solver=native.name,
        solver_version=native.version,
        threads=options.threads,
        nodes=outcome.nodes,
        solve_s=seconds,
    )
    return certified(problem, result, output, solution, options.gap)
