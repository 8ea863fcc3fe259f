"""The choice of the MIP solver for a program."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import cast

from solvers.backends import highs
from solvers.backends.backend import Backend, SolverUnavailable
from solvers.formulations.program import Program
from solvers.options import BACKENDS, SEARCHING


def backend(name: str) -> Backend:
    """Return a backend by its name, one of `solvers.options.BACKENDS`.

    Raises
    ------
    SolverUnavailable
        A library that it needs, such as gurobipy, which is optional, cannot be imported.
    """
    try:
        return cast(Backend, import_module(f"solvers.backends.{name}"))
    except ImportError as error:
        raise SolverUnavailable(f"{error.name} cannot be imported: {error}") from error


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
        The reason is None unless ``auto`` or ``mip`` could not take their first choice.

    Raises
    ------
    SolverUnavailable
        One solver alone was asked for and cannot solve the program.
    """
    reasons: list[str] = []
    for name in _candidates(solver):
        try:
            candidate = backend(name)
            reason = candidate.why_unfit(program)
        except SolverUnavailable as error:
            reason = str(error)
        if reason is None:
            return candidate, "; ".join(reasons) or None
        reasons.append(reason)
    raise SolverUnavailable("; ".join(reasons))


def describe(solver: str) -> str:
    """Return one line that names what solves on this machine, with versions and licences.

    Parameters
    ----------
    solver : str
        As in `solvers.options.Options`.

    Raises
    ------
    SolverUnavailable
        One solver alone was asked for, and its library or a licence is missing here.
    """
    search = "native search, then " if solver in SEARCHING else ""
    return search + _describe_mip_solver(*_candidates(solver)[:2])


def may_use_licence(solver: str) -> bool:
    """Return whether a value of ``solver`` may take a backend whose use a licence can limit."""
    return "gurobi" in _candidates(solver)


def release_licences() -> None:
    """Close what this process holds of licences; the next solve that needs one opens it again."""
    if (gurobi := sys.modules.get("solvers.backends.gurobi")) is not None:
        gurobi.close_environment()


def _candidates(solver: str) -> tuple[str, ...]:
    """Return the backends that a value of ``solver`` may take, the first choice first."""
    if solver in BACKENDS:
        return (solver,)
    return (highs.name,) if solver == "native" else BACKENDS


def _describe_mip_solver(first: str, second: str | None = None) -> str:
    try:
        description = backend(first).description()
    except SolverUnavailable as error:
        if second is None:
            raise
        return f"{backend(second).description()}, because {error}"
    if second is None:
        return description
    return f"{description}, {backend(second).description()} for larger models"
