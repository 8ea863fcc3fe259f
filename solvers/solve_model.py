"""A whole model handed to a MIP solver."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import ModuleType

from solvers.backends.select import select
from solvers.certificate import certify, reported_bound
from solvers.formulations.program import Program
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result


def solve_model(
    problem: Problem,
    options: Options,
    model: ModuleType,
    reason: str | None = None,
    restrict: Callable[[Program], Program] | None = None,
) -> Result:
    """Formulate a problem, hand it to the solver of the options, and check the answer.

    Parameters
    ----------
    problem, options : Problem, Options
        What to solve, and how.
    model : module
        `solvers.formulations.direct` or `solvers.formulations.collapsed`.
    reason : str, optional
        Why it is not the method that was asked for.
    restrict : callable, optional
        What to do with the program before it is solved. The result is then one of the restricted
        program.

    Raises
    ------
    SolverUnavailable
        ``solver="gurobi"`` and no licence here covers the model.
    """
    started = time.perf_counter()
    program = model.formulate(problem)
    if restrict is not None:
        program = restrict(program)
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
        fallback_reason="; ".join(filter(None, [reason, solver_reason])) or None,
        solution=solution,
        cost=priced,
        bound=reported_bound(answer, priced, status),
        nodes=answer.nodes,
        build_s=built - started,
        solve_s=solved - solving,
        error=error,
    )
