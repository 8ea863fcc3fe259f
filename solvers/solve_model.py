"""Solve a whole model with a MIP solver."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

from solvers.backends.backend import Backend, SolverOutput
from solvers.backends.select import select
from solvers.certificate import certify, reported_bound
from solvers.construction import construct
from solvers.cross_check import confirm_infeasible, cross_check
from solvers.formulations.formulation import (
    Formulation,
    assignment_from_values,
    siting_values,
    values_of,
)
from solvers.formulations.program import Program
from solvers.options import Options
from solvers.packing import NO_PACKING, why_too_small
from solvers.problem import Problem
from solvers.progress import Monitor, Report
from solvers.result import Result, Status
from solvers.scaling import ROW_SIZES, scale
from solvers.solution import Solution, cost
from solvers.transportation import solution_of, why_short


def solve_model(
    problem: Problem,
    options: Options,
    formulation: Formulation,
    method_reason: str | None = None,
    restrict: Callable[[Program], Program] | None = None,
    start: Solution | None = None,
    monitor: Monitor | None = None,
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
    start : Solution, optional
        A feasible solution, from which the solver starts.
    monitor : Monitor, optional
        Gets the progress of the solver.

    Raises
    ------
    SolverUnavailable
        ``solver="gurobi"`` and no licence here covers the model.
    """
    started = time.perf_counter()
    program = formulation.formulate(problem)
    if start is not None:
        program = replace(program, start=values_of(problem, program, start))
    if restrict is not None:
        program = restrict(program)
    backend, solver_reason = select(options.solver, program)
    why_infeasible, known = _what_is_known(problem, program)
    built = time.perf_counter()
    if why_infeasible is not None:
        output = SolverOutput(Status.INFEASIBLE, nodes=0, error=why_infeasible)
        solution, fault = None, None
    else:
        output, solution, fault = _solve_scaled(
            problem, options, backend, program, known, restrict is None, monitor
        )
    solved = time.perf_counter()
    status, accepted, solution_cost, error = certify(problem, output, solution, options.gap)
    reasons = [method_reason, solver_reason, fault and f"{backend.name}: {fault}"]
    return Result(
        status=status,
        method=formulation.NAME,
        solver=backend.name,
        solver_version=backend.version,
        threads=options.threads,
        fallback_reason="; ".join(filter(None, reasons)) or None,
        solution=accepted,
        cost=solution_cost,
        bound=reported_bound(output, solution_cost, status),
        nodes=output.nodes,
        build_s=built - started,
        solve_s=solved - built,
        error=error,
    )


def _what_is_known(problem: Problem, program: Program) -> tuple[str | None, Solution | None]:
    """Return why a problem is infeasible, if that is easy to prove; else a solution, if any."""
    why_infeasible = why_too_small(problem) or why_short(problem)
    if why_infeasible is not None:
        return why_infeasible, None
    built, infeasible = construct(problem)
    if infeasible:
        return NO_PACKING, None
    solutions = [] if built is None else [built]
    if program.start is not None:
        solutions.append(solution_of(problem, assignment_from_values(problem, program.start)))
    siting = slice(-(problem.n_customers + 1) * problem.n_sites, None)
    inside = [
        solution
        for solution in solutions
        if (siting_values(problem, solution.assignment) <= program.upper[siting]).all()
    ]
    return None, min(inside, key=lambda each: cost(problem, each).total, default=None)


def _solve_scaled(
    problem: Problem,
    options: Options,
    backend: Backend,
    program: Program,
    known: Solution | None,
    is_whole_problem: bool,
    monitor: Monitor | None,
) -> tuple[SolverOutput, Solution | None, str | None]:
    """Solve a program in one scale after the other, until nothing refutes the output.

    Returns
    -------
    output, solution, fault
        As of `cross_check`; a bound in the units of the program.
    """
    if monitor is not None:
        size = f"{program.n_rows:,} rows, {program.n_variables:,} variables"
        monitor.write(f"{backend.name} {backend.version}: {size}")
    deadline = time.perf_counter() + options.time_limit_s
    remaining_s, fault = options.time_limit_s, None
    for row_size in ROW_SIZES:
        known_cost = math.inf if known is None else cost(problem, known).total
        scaled = scale(program, known_cost, row_size)
        output = backend.solve(
            scaled.program,
            replace(options, time_limit_s=remaining_s),
            None if monitor is None else _unscaled(monitor.report, scaled.cost_factor),
        )
        if output.bound is not None:
            output = replace(output, bound=output.bound / scaled.cost_factor)
        remaining_s = deadline - time.perf_counter()
        failed = output.status is Status.ERROR
        if output.status is Status.INFEASIBLE and known is None and is_whole_problem:
            output, known = confirm_infeasible(problem, output, remaining_s)
        solution = None
        if output.values is not None:
            solution = solution_of(problem, assignment_from_values(problem, output.values))
        if not failed:
            output, known, fault = cross_check(problem, output, solution, known, options.gap)
        remaining_s = deadline - time.perf_counter()
        stopped = monitor is not None and monitor.stopped
        if remaining_s <= 0 or stopped or not (failed or fault):
            break
    return output, None if failed else known, fault


def _unscaled(report: Report, cost_factor: float) -> Report:
    """Return a report for the costs of a scaled program."""
    return lambda nodes, open_nodes, incumbent, bound: report(
        nodes, open_nodes, incumbent / cost_factor, bound / cost_factor
    )
