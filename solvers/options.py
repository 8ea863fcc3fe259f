"""How a problem is to be solved."""

from __future__ import annotations

from dataclasses import dataclass

SOLVERS = ("auto", "gurobi", "highs")
METHODS = ("collapsed", "direct")


@dataclass(frozen=True)
class Options:
    """What a caller asks of `solvers.solve.solve`.

    Parameters
    ----------
    solver : str
        ``gurobi`` or ``highs``, which never fall back, or ``auto``: Gurobi where an environment
        starts and the model fits its licence, else HiGHS.
    method : str
        ``collapsed`` (where it is exact, else the direct model) or ``direct``.
    gap : float
        Relative gap at which a solution counts as optimal, >= 0.
    time_limit_s : float
        Seconds for the solver, > 0.
    threads : int
        Threads of the solver, >= 1; the same for all solves of a process.
    seed : int
        Random seed of the solver, >= 0.

    Raises
    ------
    ValueError
        A value is out of its range.
    """

    solver: str = "auto"
    method: str = "collapsed"
    gap: float = 1e-4
    time_limit_s: float = 120.0
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        expected = {
            f"solver: expected one of {', '.join(SOLVERS)}": self.solver in SOLVERS,
            f"method: expected one of {', '.join(METHODS)}": self.method in METHODS,
            "gap: expected a number >= 0": self.gap >= 0,
            "time_limit_s: expected a number > 0": self.time_limit_s > 0,
            "threads: expected a whole number >= 1": self.threads >= 1,
            "seed: expected a whole number >= 0": self.seed >= 0,
        }
        for message, holds in expected.items():
            if not holds:
                raise ValueError(f"{message}, got {getattr(self, message.split(':')[0])!r}")
