"""The arms of the comparison: each is a way to solve a problem to a given gap on one thread.

An arm imports its solver only when it solves: OR-Tools and highspy cannot be loaded in one
process, and an arm can run without the packages of the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from solvers.formulations import collapsed
from solvers.formulations.program import Program
from solvers.options import Options
from solvers.problem import Problem


@dataclass(frozen=True)
class Measurement:
    """Time and result of one arm on one problem.

    Attributes
    ----------
    seconds : float
        Processor time. For the project's own solvers this includes building the model. For the
        others it is the solver's call alone, because their models are built in slow Python.
    objective : float or None
        Cost of the incumbent, tkm.
    bound : float or None
        Proven lower bound of the cost, tkm.
    solved : bool
        Whether the incumbent is proven optimal within the gap.
    """

    seconds: float
    objective: float | None
    bound: float | None
    solved: bool


@dataclass(frozen=True)
class Arm:
    """A way to solve a problem.

    Attributes
    ----------
    title : str
        Name in tables and in the legend of the figure.
    package : str
        Name of the package whose version is printed.
    solve : callable
        Takes a problem, the relative gap and the time limit in seconds.
    """

    title: str
    package: str
    solve: Callable[[Problem, float, float], Measurement]


def _project_arm(
    solver: str, model: str = "collapsed"
) -> Callable[[Problem, float, float], Measurement]:
    """Return a function that solves as `solvers.options.Options` says."""

    def run(problem: Problem, gap: float, limit_s: float) -> Measurement:
        from solvers.solve import solve

        begin = time.process_time()
        result = solve(problem, Options(solver, model, gap, limit_s))
        seconds = time.process_time() - begin
        return Measurement(seconds, result.objective, result.bound, result.status == "optimal")

    return run


def _solve_by_scip(problem: Problem, gap: float, limit_s: float) -> Measurement:
    """Solve the collapsed model by SCIP."""
    from pyscipopt import Model, quicksum

    program = collapsed.formulate(problem)
    model = Model()
    model.hideOutput()
    model.setParam("limits/gap", gap)
    model.setParam("limits/time", limit_s)
    model.setParam("lp/threads", 1)
    variables = [
        model.addVar(vtype="I", lb=0, ub=float(upper), obj=float(cost))
        for upper, cost in zip(program.upper, program.cost, strict=True)
    ]
    for columns, values, low, high in _rows(program):
        terms = quicksum(float(v) * variables[c] for c, v in zip(columns, values, strict=True))
        if low == high:
            model.addCons(terms == float(low))
        elif np.isfinite(low):
            model.addCons(terms >= float(low))
        else:
            model.addCons(terms <= float(high))
    begin = time.process_time()
    model.optimize()
    seconds = time.process_time() - begin
    objective = float(model.getObjVal()) if model.getNSols() > 0 else None
    solved = model.getStatus() in ("optimal", "gaplimit")
    return Measurement(seconds, objective, float(model.getDualbound()), solved)


_COST_SCALE = 1000
"""CP-SAT needs integer costs: they are rounded to thousandths, some 1e-7 of a total."""


def _solve_by_cp_sat(problem: Problem, gap: float, limit_s: float) -> Measurement:
    """Solve the collapsed model by OR-Tools CP-SAT."""
    from ortools.sat.python import cp_model

    program = collapsed.formulate(problem)
    model = cp_model.CpModel()
    variables = [model.new_bool_var("") for _ in range(program.n_variables)]
    for columns, values, low, high in _rows(program):
        terms = sum(int(v) * variables[c] for c, v in zip(columns, values, strict=True))
        sides = [int(np.clip(side, -(2**50), 2**50)) for side in (low, high)]
        model.add_linear_constraint(terms, *sides)
    costs = np.rint(program.cost * _COST_SCALE).astype(int)
    model.minimize(sum(int(c) * v for c, v in zip(costs, variables, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = limit_s
    solver.parameters.relative_gap_limit = gap
    begin = time.process_time()
    status = solver.solve(model)
    seconds = time.process_time() - begin
    has_solution = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    objective = solver.objective_value / _COST_SCALE if has_solution else None
    bound = solver.best_objective_bound / _COST_SCALE
    return Measurement(seconds, objective, bound, status == cp_model.OPTIMAL)


def _rows(program: Program) -> list[tuple[np.ndarray, np.ndarray, float, float]]:
    """Return the rows of a program: column indices, coefficients, and both sides."""
    matrix = sparse.csr_array(program.matrix)
    ranges = list(zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True))
    return [
        (matrix.indices[a:b], matrix.data[a:b], low, high)
        for (a, b), low, high in zip(ranges, program.row_lower, program.row_upper, strict=True)
    ]


ARMS = {
    "native": Arm("sitesweep", "sitesweep", _project_arm("native")),
    "highs-direct": Arm("HiGHS, (1)-(11)", "highspy", _project_arm("highs", "direct")),
    "highs-collapsed": Arm("HiGHS, collapsed", "highspy", _project_arm("highs")),
    "scip-collapsed": Arm("SCIP, collapsed", "pyscipopt", _solve_by_scip),
    "cpsat-collapsed": Arm("CP-SAT, collapsed", "ortools", _solve_by_cp_sat),
    "gurobi-direct": Arm("Gurobi, (1)-(11)", "gurobipy", _project_arm("gurobi", "direct")),
    "gurobi-collapsed": Arm("Gurobi, collapsed", "gurobipy", _project_arm("gurobi")),
}
"""All arms by name. Gurobi's terms forbid publishing what the last two measure."""

OPEN_ARMS = tuple(name for name in ARMS if not name.startswith("gurobi"))
"""The arms with open solvers, which run by default."""
