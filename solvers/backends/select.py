"""The choice of the MIP solver for a program."""

from __future__ import annotations

from solvers.backends import gurobi, highs
from solvers.backends.backend import Backend, SolverUnavailable
from solvers.formulations.program import Program

BACKENDS: dict[str, Backend] = {
    "gurobi": gurobi,
    "highs": highs,
}


def select(solver: str, program: Program) -> tuple[Backend, str | None]:
    """Choose the backend for a program.

    Parameters
    ----------
    solver : str
        ``gurobi`` or ``highs``, which never fall back, or ``auto``.
    program : Program
        The program to solve.

    Returns
    -------
    backend, fallback_reason
        The reason is None unless ``auto`` could not choose Gurobi.

    Raises
    ------
    SolverUnavailable
        ``gurobi`` was asked for and cannot solve the program.
    """
    if solver == "highs":
        return BACKENDS["highs"], None
    reason = BACKENDS["gurobi"].why_unfit(program)
    if reason is None:
        return BACKENDS["gurobi"], None
    if solver == "gurobi":
        raise SolverUnavailable(reason)
    return BACKENDS["highs"], reason


def describe(solver: str) -> str:
    """Return one line that names the solver on this machine and its licence.

    Raises
    ------
    SolverUnavailable
        ``gurobi`` was asked for and has no licence here.
    """
    highs_line = f"HiGHS {highs.version}"
    if solver == "highs":
        return f"{highs_line} (MIT licence)"
    try:
        gurobi_line = f"Gurobi {gurobi.version} ({gurobi.licence()})"
    except SolverUnavailable as error:
        if solver == "gurobi":
            raise
        return f"{highs_line} (MIT licence), because {error}"
    return gurobi_line if solver == "gurobi" else f"{gurobi_line}, {highs_line} for larger models"
