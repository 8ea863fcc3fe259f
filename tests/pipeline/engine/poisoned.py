"""The commands of the sweep with a solver that some instances are poison to.

usage: python poisoned.py run | replay WORDS...

The poison is known by alpha alone, so that it acts wherever the instance turns up.
"""

from __future__ import annotations

import ctypes
import os
import signal

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

CRASHES, HANGS, IS_KILLED, DEVOURS = 3.0, 5.0, 7.0, 11.0


def poisoned(problem: Problem, options: Options) -> Result:
    """Solve a problem, unless it is poison."""
    if problem.alpha == CRASHES:
        os.kill(os.getpid(), signal.SIGSEGV)
    if problem.alpha == HANGS:
        ctypes.PyDLL(None).sleep(3600)  # and it keeps the interpreter's lock
    if problem.alpha == IS_KILLED:
        os.kill(os.getpid(), signal.SIGKILL)
    if problem.alpha == DEVOURS:
        np.ones(2**50)
    return solve(problem, options)


def noted(path: str, problem: Problem, options: Options) -> Result:
    """Note which instance it is; then solve it, or die of it."""
    with open(path, "a", encoding="ascii") as notes:
        notes.write(f"{problem.alpha:g} ")
    return poisoned(problem, options)


def main(words: list[str]) -> int:
    """Do as the first word says."""
    command, *rest = words
    if command == "replay":
        return replay.main(rest, poisoned)
    return run(validate(compose("config", rest)), poisoned)


if __name__ == "__main__":
    run_command(main, __doc__)
