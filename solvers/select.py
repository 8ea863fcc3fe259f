"""Which solver takes a program, and why."""

from __future__ import annotations

from solvers import gurobi_backend, highs_backend
from solvers.backend import Backend, SolverUnavailable
from solvers.program import Program

BACKENDS: dict[str, Backend] = {
    "gurobi": gurobi_backend,
    "highs": highs_backend,
}


def select(solver: str, program: Program) -> tuple[Backend, str | None]:
    """Choose the backend for a program.

    Parameters
    ----------
    solver : str
        ``gurobi`` or ``highs``, which never fall back, or ``auto``.
    program : Program
        What is to be solved.

    Returns
    -------
    backend, fallback_reason
        The reason is None unless ``auto`` could not take Gurobi.

    Raises
    ------
    SolverUnavailable
        ``gurobi`` was asked for and cannot take the program.
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
    """Say in one line which solver will run on this machine, under which licence.

    Raises
    ------
    SolverUnavailable
        ``gurobi`` was asked for and has no licence here.
    """
    highs = f"HiGHS {highs_backend.version}"
    if solver == "highs":
        return f"{highs} (MIT licence)"
    try:
        gurobi = f"Gurobi {gurobi_backend.version} ({gurobi_backend.licence()})"
    except SolverUnavailable as error:
        if solver == "gurobi":
            raise
        return f"{highs} (MIT licence), because {error}"
    return gurobi if solver == "gurobi" else f"{gurobi}, {highs} for larger models"
