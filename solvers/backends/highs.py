"""HiGHS: loads a program, solves it, translates the output. Also writes programs as MPS files."""

from __future__ import annotations

import math
from pathlib import Path

import highspy
import numpy as np
from highspy import HighsModelStatus, HighsStatus

from solvers.backends.backend import SolverOutput
from solvers.formulations.program import Program
from solvers.options import Options
from solvers.progress import Report
from solvers.result import Status

name = "highs"
version = ".".join(
    str(getattr(highspy, f"HIGHS_VERSION_{part}")) for part in ("MAJOR", "MINOR", "PATCH")
)

_STATUSES = {
    HighsModelStatus.kOptimal: Status.OPTIMAL,
    HighsModelStatus.kInfeasible: Status.INFEASIBLE,
    # All costs and variables are non-negative, so a program here is never unbounded.
    HighsModelStatus.kUnboundedOrInfeasible: Status.INFEASIBLE,
    HighsModelStatus.kTimeLimit: Status.TIME_LIMIT,
    HighsModelStatus.kInterrupt: Status.TIME_LIMIT,
}

_MIP_ABSOLUTE_GAP = 1e-9
"""So small that only the relative gap decides: small distances and alpha give tiny costs."""

_threads_of_process: int | None = None
"""Threads of the last solve in this process."""


class HighsError(RuntimeError):
    """A call to HiGHS failed; highspy itself returns a status and never raises."""


def description() -> str:
    """Return name, version and licence."""
    return f"HiGHS {version} (MIT licence)"


def why_unfit(program: Program) -> str | None:
    """Return None: HiGHS can solve every program."""
    return None


def solve(program: Program, options: Options, report: Report | None = None) -> SolverOutput:
    """Solve a program with HiGHS; a HiGHS error becomes an output with status error."""
    try:
        return _run(program, options, report)
    except HighsError as error:
        return SolverOutput(Status.ERROR, error=str(error))


def _run(program: Program, options: Options, report: Report | None) -> SolverOutput:
    _use_threads(options.threads)
    highs = load(program)
    for option, value in {
        "threads": options.threads,
        "time_limit": float(options.time_limit_s),
        "random_seed": options.seed,
        "mip_rel_gap": float(options.gap),
        "mip_abs_gap": _MIP_ABSOLUTE_GAP,
    }.items():
        _check(highs.setOptionValue(option, value), f"option {option} = {value}")
    if program.start is not None:
        start = highspy.HighsSolution()
        start.col_value = program.start
        _check(highs.setSolution(start), "setSolution")
    if report is not None:
        _subscribe(highs, report)
    _check(highs.run(), "run", allow_warning=True)
    return _output(highs)


def _subscribe(highs: highspy.Highs, report: Report) -> None:
    """Have HiGHS call the report now and then, and stop if it returns True."""

    def pass_on(event: highspy.HighsCallbackEvent) -> None:
        progress = event.data_out
        nodes = max(0, int(progress.mip_node_count))
        if report(nodes, None, float(progress.mip_primal_bound), float(progress.mip_dual_bound)):
            event.interrupt()

    highs.cbMipInterrupt.subscribe(pass_on)


def load(program: Program) -> highspy.Highs:
    """Return a HiGHS object that holds a program and writes no log.

    Raises
    ------
    HighsError
        HiGHS refuses the program.
    """
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    matrix, n = program.matrix, program.n_variables
    status = highs.passModel(
        n,
        program.n_rows,
        matrix.nnz,
        0,
        int(highspy.MatrixFormat.kColwise),
        int(highspy.HessianFormat.kTriangular),
        int(highspy.ObjSense.kMinimize),
        0.0,
        program.cost,
        np.zeros(n),
        program.upper,
        program.row_lower,
        program.row_upper,
        matrix.indptr.astype(np.int32),
        matrix.indices.astype(np.int32),
        matrix.data,
        np.empty(0, dtype=np.int32),
        np.empty(0, dtype=np.int32),
        np.empty(0),
        program.integer.astype(np.int32),
    )
    _check(status, "passModel")
    return highs


def write_mps(program: Program, path: Path) -> None:
    """Write a program, with the names of its rows and columns, as an MPS file.

    Raises
    ------
    HighsError
        The file cannot be written.
    """
    highs = load(program)
    for index, column in enumerate(program.columns):
        highs.passColName(index, column)
    for index, row in enumerate(program.rows):
        highs.passRowName(index, row)
    _check(highs.writeModel(str(path)), f"writing {path}")


def _output(highs: highspy.Highs) -> SolverOutput:
    """Translate the state of a HiGHS object that was run."""
    model_status = highs.getModelStatus()
    status = _STATUSES.get(model_status)
    if status is None:
        return SolverOutput(Status.ERROR, error=f"HiGHS: {highs.modelStatusToString(model_status)}")
    info = highs.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    has_bound = status is not Status.INFEASIBLE and math.isfinite(info.mip_dual_bound)
    if status is Status.TIME_LIMIT and not found:
        status = Status.NO_SOLUTION
    return SolverOutput(
        status=status,
        values=np.array(highs.getSolution().col_value) if found else None,
        bound=float(info.mip_dual_bound) if has_bound else None,
        nodes=max(0, int(info.mip_node_count)),
    )


def _use_threads(threads: int) -> None:
    """Reset HiGHS's scheduler if the process used another number of threads before.

    HiGHS has one scheduler per process, and `run` fails if the number of threads then changes.
    """
    global _threads_of_process
    if _threads_of_process not in (None, threads):
        highspy.Highs.resetGlobalScheduler(True)
    _threads_of_process = threads


def _check(status: HighsStatus, action: str, allow_warning: bool = False) -> None:
    """Raise `HighsError`, which names the action, if its status is an error."""
    accepted = (HighsStatus.kOk, HighsStatus.kWarning) if allow_warning else (HighsStatus.kOk,)
    if status not in accepted:
        raise HighsError(f"HiGHS {version}: {action}: {status.name}")
