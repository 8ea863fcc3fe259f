"""The commands run and replay with a solver that some instances crash, hang or kill.

usage: python -m tests.pipeline.engine.poisoned run | replay WORDS...

An instance is poison if its alpha is one of the values below, whatever its network is. A run logs
the alpha of each instance that it begins to a file `BEGUN` in its folder.
"""

from __future__ import annotations

import ctypes
import os
import signal
from functools import partial

import numpy as np

from pipeline.commands import replay
from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.engine.driver import run
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solve import solve
from solvers.start import Start

CRASHES, HANGS, IS_KILLED, EXHAUSTS_MEMORY = 3.0, 5.0, 7.0, 11.0
"""The alpha of each kind of poison."""

BEGUN = "begun"
"""Name of the log file of a run."""

WORDS = [
    *("sweep=smoke", "sweep.allocation=[A6]", "sweep.structure=[C1]", "solver=highs"),
    *("solver.time_limit_s=3", "engine.grace_s=2"),
]
"""A sweep of one network in which an instance counts as hung after 5 s."""

EXPECTED_FAILURES = {
    CRASHES: ("ended by SIGSEGV", "Segmentation fault"),
    HANGS: ("hung: more than 5 s", "in poisoned"),
    IS_KILLED: ("ended by SIGKILL, as when memory runs out", ""),
}
"""Alpha -> parts of the reason and of the log of its process failure, in that sweep."""


def poisoned(problem: Problem, options: Options, start: Start | None = None) -> Result:
    """Solve a problem, unless it is poison."""
    if problem.alpha == CRASHES:
        os.kill(os.getpid(), signal.SIGSEGV)
    if problem.alpha == HANGS:
        ctypes.PyDLL(None).sleep(3600)  # PyDLL keeps the interpreter lock
    if problem.alpha == IS_KILLED:
        os.kill(os.getpid(), signal.SIGKILL)
    if problem.alpha == EXHAUSTS_MEMORY:
        np.ones(2**50)
    return solve(problem, options, start)


def logged_and_poisoned(
    path: str, problem: Problem, options: Options, start: Start | None = None
) -> Result:
    """Append the alpha of the instance to a log file, then solve it unless it is poison."""
    with open(path, "a", encoding="ascii") as log:
        log.write(f"{problem.alpha:g} ")
    return poisoned(problem, options, start)


def main(words: list[str]) -> int:
    """Run the command that the first word names."""
    command, *rest = words
    if command == "replay":
        return replay.main(rest, poisoned)
    config = validate(compose("config", rest))
    return run(config, partial(logged_and_poisoned, os.path.join(config.out, BEGUN)))


if __name__ == "__main__":
    # Through the module's name, not as __main__, so that child processes can import the solver.
    from tests.pipeline.engine import poisoned as module

    run_command(module.main, __doc__)
