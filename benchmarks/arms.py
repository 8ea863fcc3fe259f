"""The arms of a comparison: ways to solve one problem to a gap with one thread.

Every arm imports its solver by itself: OR-Tools and highspy do not go together in one process.
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
class Measured:
    """What an arm did with a problem.

    Parameters
    ----------
    seconds : float
        Wall time: of everything for the project's own methods, of the solver's call alone for
        others, whose models are built in Python.
    objective, bound : float or None
        Cost of the solution, and what it is proven not to go below.
    solved : bool
        Whether the gap is proven.
    """

    seconds: float
    objective: float | None
    bound: float | None
    solved: bool


@dataclass(frozen=True)
class Arm:
    """A way to solve: its title, its package, and how to call it with a gap and a time limit."""

    title: str
    package: str
    solve: Callable[[Problem, float, float], Measured]


def _method(solver: str, method: str) -> Callable[[Problem, float, float], Measured]:
    """Solve by a method of the project."""

    def run(problem: Problem, gap: float, limit_s: float) -> Measured:
        from solvers.solve import solve

        begin = time.perf_counter()
        result = solve(problem, Options(solver, method, gap, limit_s))
        seconds = time.perf_counter() - begin
        return Measured(seconds, result.objective, result.bound, result.status == "optimal")

    return run


def _scip(problem: Problem, gap: float, limit_s: float) -> Measured:
    """Solve the collapsed model by SCIP."""
    from pyscipopt import Model, quicksum

    program = collapsed.formulate(problem)
    model = Model()
    model.hideOutput()
    model.setParam("limits/gap", gap)
    model.setParam("limits/time", limit_s)
    model.setParam("lp/threads", 1)
    variables = [
        model.addVar(vtype="I", lb=0, ub=float(top), obj=float(cost))
        for top, cost in zip(program.upper, program.cost, strict=True)
    ]
    for columns, values, low, high in _rows(program):
        terms = quicksum(float(v) * variables[c] for c, v in zip(columns, values, strict=True))
        if low == high:
            model.addCons(terms == float(low))
        elif np.isfinite(low):
            model.addCons(terms >= float(low))
        else:
            model.addCons(terms <= float(high))
    begin = time.perf_counter()
    model.optimize()
    seconds = time.perf_counter() - begin
    objective = float(model.getObjVal()) if model.getNSols() > 0 else None
    solved = model.getStatus() in ("optimal", "gaplimit")
    return Measured(seconds, objective, float(model.getDualbound()), solved)


_GRAIN = 1000
"""CP-SAT takes whole costs: these are thousandths, exact to some 1e-7 of a total."""


def _cp_sat(problem: Problem, gap: float, limit_s: float) -> Measured:
    """Solve the collapsed model by OR-Tools CP-SAT."""
    from ortools.sat.python import cp_model

    program = collapsed.formulate(problem)
    model = cp_model.CpModel()
    variables = [model.new_bool_var("") for _ in range(program.n_variables)]
    for columns, values, low, high in _rows(program):
        terms = sum(int(v) * variables[c] for c, v in zip(columns, values, strict=True))
        whole = [int(np.clip(side, -(2**50), 2**50)) for side in (low, high)]
        model.add_linear_constraint(terms, *whole)
    costs = np.rint(program.cost * _GRAIN).astype(int)
    model.minimize(sum(int(c) * v for c, v in zip(costs, variables, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = limit_s
    solver.parameters.relative_gap_limit = gap
    begin = time.perf_counter()
    status = solver.solve(model)
    seconds = time.perf_counter() - begin
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    objective = solver.objective_value / _GRAIN if found else None
    bound = solver.best_objective_bound / _GRAIN
    return Measured(seconds, objective, bound, status == cp_model.OPTIMAL)


def _rows(program: Program) -> list[tuple[np.ndarray, np.ndarray, float, float]]:
    """Give the rows of a program: columns, coefficients and both bounds."""
    matrix = sparse.csr_array(program.matrix)
    cuts = list(zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True))
    return [
        (matrix.indices[a:b], matrix.data[a:b], low, high)
        for (a, b), low, high in zip(cuts, program.row_lower, program.row_upper, strict=True)
    ]


ARMS = {
    "native": Arm("sitesweep", "sitesweep", _method("highs", "native")),
    "highs-direct": Arm("HiGHS, (1)-(11)", "highspy", _method("highs", "direct")),
    "highs-collapsed": Arm("HiGHS, collapsed", "highspy", _method("highs", "collapsed")),
    "scip-collapsed": Arm("SCIP, collapsed", "pyscipopt", _scip),
    "cpsat-collapsed": Arm("CP-SAT, collapsed", "ortools", _cp_sat),
    "gurobi-direct": Arm("Gurobi, (1)-(11)", "gurobipy", _method("gurobi", "direct")),
    "gurobi-collapsed": Arm("Gurobi, collapsed", "gurobipy", _method("gurobi", "collapsed")),
}
"""All arms by name. Gurobi's terms forbid publishing what the last two measure."""

OPEN = tuple(name for name in ARMS if not name.startswith("gurobi"))
"""The arms that run unless others are asked for."""
