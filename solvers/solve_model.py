"""Solve a whole model with a MIP solver."""

from __future__ import annotations

import time
from collections.abc import Callable

from solvers.backends.select import select
from solvers.certificate import certify, reported_bound
from solvers.formulations.formulation import Formulation
from solvers.formulations.program import Program
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result


def solve_model(
    problem: Problem,
    options: Options,
    formulation: Formulation,
    method_reason: str | None = None,
    restrict: Callable[[Program], Program] | None = None,
) -> Result:
    """Formulate a problem, solve it with the solver of the options, and check the output.

    Parameters
    ----------
    problem, options : Problem, Options
        What to solve, and how.
    formulation : Formulation
        `solvers.formulations.direct` or `solvers.formulations.collapsed`.
    method_reason : str, optional
        Why this is not the method that was asked for.
    restrict : callable, optional
        Changes the program before it is solved, for example fixes variables. The result then holds
        for the restricted program.

    Raises
    ------
    SolverUnavailable
        ``solver="gurobi"`` and no licence here covers the model.
    """
    started = time.perf_counter()
    program = formulation.formulate(problem)
    if restrict is not None:
        program = restrict(program)
    built = time.perf_counter()
    backend, solver_reason = select(options.solver, program)
    solving = time.perf_counter()
    output = backend.solve(program, options)
    solved = time.perf_counter()
    solution = None
    if output.values is not None:
        solution = formulation.solution_from_values(problem, output.values)
    status, accepted, solution_cost, error = certify(problem, output, solution, options.gap)
    return Result(
        status=status,
        method=formulation.NAME,
        solver=backend.name,
        solver_version=backend.version,
        threads=options.threads,
        fallback_reason="; ".join(filter(None, [method_reason, solver_reason])) or None,
        solution=accepted,
        cost=solution_cost,
        bound=reported_bound(output, solution_cost, status),
        nodes=output.nodes,
        build_s=built - started,
        solve_s=solved - solving,
        error=error,
    )
