"""The choice of the MIP solver for a program."""

from __future__ import annotations

from solvers.backends import highs
from solvers.backends.backend import Backend, SolverUnavailable
from solvers.formulations.program import Program
from solvers.options import SEARCHING

WITHOUT_GUROBI = ("native", "highs")
"""Values of `solvers.options.Options.solver` that never use Gurobi."""


def backend(name: str) -> Backend:
    """Return a backend by its name, ``gurobi`` or ``highs``.

    Raises
    ------
    SolverUnavailable
        gurobipy, which is optional, cannot be imported.
    """
    if name == "highs":
        return highs
    try:
        from solvers.backends import gurobi
    except ImportError as error:
        raise SolverUnavailable(f"gurobipy cannot be imported: {error}") from error
    return gurobi


def select(solver: str, program: Program) -> tuple[Backend, str | None]:
    """Choose the backend for a program.

    Parameters
    ----------
    solver : str
        As in `solvers.options.Options`.
    program : Program
        The program to solve.

    Returns
    -------
    backend, fallback_reason
        The reason is None unless ``auto`` or ``mip`` could not choose Gurobi.

    Raises
    ------
    SolverUnavailable
        ``gurobi`` was asked for and cannot solve the program.
    """
    if solver in WITHOUT_GUROBI:
        return backend("highs"), None
    try:
        gurobi = backend("gurobi")
    except SolverUnavailable as error:
        if solver == "gurobi":
            raise
        return backend("highs"), str(error)
    reason = gurobi.why_unfit(program)
    if reason is None:
        return gurobi, None
    if solver == "gurobi":
        raise SolverUnavailable(reason)
    return backend("highs"), reason


def describe(solver: str) -> str:
    """Return one line that names what solves on this machine, with versions and licences.

    Parameters
    ----------
    solver : str
        As in `solvers.options.Options`.

    Raises
    ------
    SolverUnavailable
        ``gurobi`` was asked for, and gurobipy or a licence is missing here.
    """
    search = "native search, then " if solver in SEARCHING else ""
    return search + _describe_mip_solver(solver)


def _describe_mip_solver(solver: str) -> str:
    if solver in WITHOUT_GUROBI:
        return highs.description()
    try:
        gurobi_line = backend("gurobi").description()
    except SolverUnavailable as error:
        if solver == "gurobi":
            raise
        return f"{highs.description()}, because {error}"
    return (
        gurobi_line
        if solver == "gurobi"
        else f"{gurobi_line}, HiGHS {highs.version} for larger models"
    )
