"""The options of a solve."""

from __future__ import annotations

import math
from dataclasses import dataclass

SOLVERS = ("auto", "gurobi", "highs")
METHODS = ("native", "collapsed", "direct")

LARGEST_SEED = 2**31 - 1
"""Both solvers take a 32-bit seed."""


@dataclass(frozen=True)
class Options:
    """Options of `solvers.solve.solve`.

    Parameters
    ----------
    solver : str
        ``gurobi`` or ``highs``, which never fall back, or ``auto``: Gurobi where an environment
        starts and the model fits its licence, else HiGHS.
    method : str
        ``native``: our own search on the collapsed problem; the solver takes what the search
        cannot prove in its share of the time. ``collapsed``: the solver takes the whole collapsed
        model. ``direct``: the solver takes the direct model. Where the collapse is not exact,
        ``native`` and ``collapsed`` use the direct model, too.
    gap : float
        Relative gap at which a solution counts as optimal, >= 0.
    time_limit_s : float
        Seconds for search and solver together, > 0.
    threads : int
        Threads of the solver, >= 1; a change within a process restarts HiGHS's scheduler.
    seed : int
        Random seed of search and solver, from 0 to `LARGEST_SEED`.

    Raises
    ------
    ValueError
        A value is out of its range.
    """

    solver: str = "auto"
    method: str = "native"
    gap: float = 1e-4
    time_limit_s: float = 300.0
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        expected = {
            "solver": (f"one of {', '.join(SOLVERS)}", self.solver in SOLVERS),
            "method": (f"one of {', '.join(METHODS)}", self.method in METHODS),
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


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
