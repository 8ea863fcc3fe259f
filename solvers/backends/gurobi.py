"""Gurobi: loads a program, solves it, translates the output. Also finds out the licence."""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import gurobipy
import numpy as np
from gurobipy import GRB, GurobiError

from solvers.backends.backend import SolverOutput, SolverUnavailable
from solvers.formulations.program import Program
from solvers.options import Options
from solvers.progress import Report
from solvers.result import Status

name = "gurobi"
version = ".".join(str(part) for part in gurobipy.gurobi.version())

RESTRICTED_SIZE = 2000
"""Largest number of variables, and of rows, under the licence inside the gurobipy package."""

_TOO_LARGE = 10010
"""Gurobi's error number for a model beyond a size-limited licence."""

_STATUSES = {
    GRB.OPTIMAL: Status.OPTIMAL,
    GRB.INFEASIBLE: Status.INFEASIBLE,
    # All costs and variables are non-negative, so a program here is never unbounded.
    GRB.INF_OR_UNBD: Status.INFEASIBLE,
    GRB.TIME_LIMIT: Status.TIME_LIMIT,
    GRB.INTERRUPTED: Status.TIME_LIMIT,
}


@dataclass(frozen=True)
class Licence:
    """The licence of a Gurobi environment.

    Parameters
    ----------
    restricted : bool
        Whether it is the size-limited, non-production licence of the gurobipy package.
    expires : datetime.date or None
        Its last day, if it has one.
    """

    restricted: bool
    expires: datetime.date | None

    def __str__(self) -> str:
        kind = (
            f"restricted licence, non-production use, up to {RESTRICTED_SIZE:,} variables and rows"
            if self.restricted
            else "own licence"
        )
        return f"{kind}, expires {self.expires}" if self.expires else kind


@functools.cache
def environment() -> gurobipy.Env:
    """Return the one environment of this process; licences are counted by environment.

    Raises
    ------
    SolverUnavailable
        No licence lets an environment start here.
    """
    try:
        # OutputFlag comes first: it silences the licence banner on stdout.
        return gurobipy.Env(params={"OutputFlag": 0})
    except GurobiError as error:
        raise SolverUnavailable(f"Gurobi {version} does not start: {error}") from error


def close_environment() -> None:
    """Close the environment of this process, if there is one: others may then use its licence."""
    if environment.cache_info().currsize:
        environment().dispose()
        environment.cache_clear()


@functools.cache
def licence() -> Licence:
    """Return the licence of `environment`.

    Gurobi has no call that returns the kind of a licence. So a model with one variable more than
    the restricted licence allows is solved, to see whether Gurobi refuses it.

    Raises
    ------
    SolverUnavailable
        No licence lets an environment start here.
    """
    with gurobipy.Model(env=environment()) as model:
        model.addMVar(RESTRICTED_SIZE + 1)
        try:
            model.optimize()
            restricted = False
        except GurobiError as error:
            if error.errno != _TOO_LARGE:
                raise SolverUnavailable(f"Gurobi {version} does not solve: {error}") from error
            restricted = True
        last_day = str(model.LicenseExpiration)
    no_end = last_day in ("0", "99999999")
    expires = None if no_end else datetime.datetime.strptime(last_day, "%Y%m%d").date()
    return Licence(restricted, expires)


def description() -> str:
    """Return name, version and licence; raise `SolverUnavailable` without a licence.

    No environment stays open: the process that describes a solver seldom solves.
    """
    try:
        return f"Gurobi {version} ({licence()})"
    finally:
        close_environment()


def why_unfit(program: Program) -> str | None:
    """Return why no licence here covers a program, or None if one does."""
    try:
        restricted = licence().restricted
    except SolverUnavailable as error:
        return str(error)
    if restricted and max(program.n_variables, program.n_rows) > RESTRICTED_SIZE:
        return (
            f"the model has {program.n_variables:,} variables and {program.n_rows:,} rows, "
            f"Gurobi's restricted licence allows {RESTRICTED_SIZE:,}"
        )
    return None


def solve(program: Program, options: Options, report: Report | None = None) -> SolverOutput:
    """Solve a program with Gurobi; a Gurobi error becomes an output with status error."""
    try:
        with _load(program) as model:
            model.Params.Threads = options.threads
            model.Params.TimeLimit = options.time_limit_s
            model.Params.Seed = options.seed
            model.Params.MIPGap = options.gap
            if program.start is not None:
                model.setAttr("Start", program.start.tolist())
            model.optimize(None if report is None else _callback(report))
            return _output(model)
    except GurobiError as error:
        return SolverOutput(Status.ERROR, error=f"Gurobi {error.errno}: {error}")


def _callback(report: Report) -> Callable[[gurobipy.Model, int], None]:
    """Return a callback of Gurobi that calls the report, and stops if it returns True."""

    def pass_on(model: gurobipy.Model, where: int) -> None:
        if where != GRB.Callback.MIP:
            return
        incumbent = model.cbGet(GRB.Callback.MIP_OBJBST)
        bound = model.cbGet(GRB.Callback.MIP_OBJBND)
        if report(
            int(model.cbGet(GRB.Callback.MIP_NODCNT)),
            int(model.cbGet(GRB.Callback.MIP_NODLFT)),
            incumbent if incumbent < GRB.INFINITY else math.inf,
            bound if bound > -GRB.INFINITY else -math.inf,
        ):
            model.terminate()

    return pass_on


def _load(program: Program) -> gurobipy.Model:
    """Make a Gurobi model of a program whose rows have one finite bound, or two equal ones."""
    equal = program.row_lower == program.row_upper
    at_least = ~equal & np.isfinite(program.row_lower)
    matrix = program.matrix
    return gurobipy.loadModel(
        env=environment(),
        numvars=program.n_variables,
        numconstrs=program.n_rows,
        obj=program.cost,
        lb=np.zeros(program.n_variables),
        ub=program.upper,
        vtype=np.where(program.integer, GRB.INTEGER, GRB.CONTINUOUS),
        constr_csc=(matrix.data, matrix.indices, matrix.indptr),
        sense=np.where(equal, GRB.EQUAL, np.where(at_least, GRB.GREATER_EQUAL, GRB.LESS_EQUAL)),
        rhs=np.where(equal | at_least, program.row_lower, program.row_upper),
    )


def _output(model: gurobipy.Model) -> SolverOutput:
    """Translate the state of a model that was optimised."""
    status = _STATUSES.get(model.Status)
    if status is None:
        return SolverOutput(Status.ERROR, error=f"Gurobi: unexpected status {model.Status}")
    found = model.SolCount > 0
    if status is Status.TIME_LIMIT and not found:
        status = Status.NO_SOLUTION
    has_bound = status is not Status.INFEASIBLE and math.isfinite(model.ObjBound)
    return SolverOutput(
        status=status,
        values=np.array(model.getAttr("X")) if found else None,
        bound=float(model.ObjBound) if has_bound else None,
        nodes=int(model.NodeCount),
    )
