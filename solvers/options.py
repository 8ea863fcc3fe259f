"""The options of a solve."""

from __future__ import annotations

import math
from dataclasses import dataclass

BACKENDS = ("gurobi", "highs")
"""The MIP solvers: each is a module of `solvers.backends` and a value of ``solver``. ``auto`` and
``mip`` take the first one that can solve a model; HiGHS can solve every model."""
SOLVERS = ("auto", "native", "mip", *BACKENDS)
MODELS = ("collapsed", "direct")

SEARCHING = ("auto", "native")
"""Solvers that begin with our own search."""

LARGEST_SEED = 2**31 - 1
"""Both solvers take a 32-bit seed."""


@dataclass(frozen=True)
class Options:
    """Options of `solvers.solve.solve`.

    Parameters
    ----------
    solver : str
        ``auto``: our own search; what it cannot prove in its share of the time goes to Gurobi where
        gurobipy is installed and its licence covers the model, else to HiGHS. ``native``: the same
        with HiGHS, never Gurobi. ``mip``: no search of ours; Gurobi, else HiGHS. ``gurobi``,
        ``highs``: that solver alone, never another.
    model : str
        The model that ``mip``, ``gurobi`` and ``highs`` solve: ``collapsed`` or ``direct``, which
        is (1)-(11) term by term. Where the collapse is not exact, ``auto``, ``native`` and ``mip``
        take the direct model by themselves; ``gurobi`` and ``highs`` refuse.
    gap : float
        Relative gap at which a solution counts as optimal, >= 0.
    time_limit_s : float
        Seconds for search and solver together, > 0.
    threads : int
        Threads of the search's tree and of the MIP solver, >= 1; a change within a process restarts
        HiGHS's scheduler.
    seed : int
        Random seed of search and solver, from 0 to `LARGEST_SEED`.

    Raises
    ------
    ValueError
        A value is out of its range.

    Examples
    --------
    >>> from sitesweep import Options
    >>> Options("highs", gap=0, time_limit_s=60)
    Options(solver='highs', model='collapsed', gap=0, time_limit_s=60, threads=1, seed=0)
    """

    solver: str = "auto"
    model: str = "collapsed"
    gap: float = 1e-4
    time_limit_s: float = 300.0
    threads: int = 1
    seed: int = 0

    @property
    def searches(self) -> bool:
        """Whether our own search comes before a MIP solver."""
        return self.solver in SEARCHING

    def __post_init__(self) -> None:
        expected = {
            "solver": (f"one of {', '.join(SOLVERS)}", self.solver in SOLVERS),
            "model": (_expected_model(self.solver), self.model in _models_of(self.solver)),
            "gap": ("a number >= 0", _is_number(self.gap) and self.gap >= 0),
            "time_limit_s": (
                "a number > 0",
                _is_number(self.time_limit_s) and self.time_limit_s > 0,
            ),
            "threads": ("a whole number >= 1", _is_whole(self.threads) and self.threads >= 1),
            "seed": (
                f"a whole number from 0 to {LARGEST_SEED}",
                _is_whole(self.seed) and 0 <= self.seed <= LARGEST_SEED,
            ),
        }
        for name, (what, holds) in expected.items():
            if not holds:
                raise ValueError(f"{name}: expected {what}, got {getattr(self, name)!r}")


def _models_of(solver: str) -> tuple[str, ...]:
    return ("collapsed",) if solver in SEARCHING else MODELS


def _expected_model(solver: str) -> str:
    models = " or ".join(_models_of(solver))
    return f"{models} with solver {solver}" if solver in SEARCHING else models


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
