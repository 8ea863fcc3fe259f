"""A solver that only takes processor time, or none, and a driver that runs a sweep with it.

usage: python -m benchmarks.no_solve [key=value ...]

The words are those of sitesweep run; the variable `BURN_S` says how many seconds of processor time
each solve takes, 0 if it is not set. Every row says that no solution was found.
"""

from __future__ import annotations

import os
import time

from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.engine.driver import run
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.start import Start

BURN_S = "SITESWEEP_BURN_S"


def solve_nothing(problem: Problem, options: Options, start: Start | None = None) -> Result:
    """Take the processor time, and return the status that says that there is no solution yet."""
    end_s = time.process_time() + float(os.environ.get(BURN_S, "0"))
    while time.process_time() < end_s:
        pass
    return Result(Status.NO_SOLUTION, "none", "none", "0", options.threads)


def main(words: list[str]) -> int:
    """Run the sweep that the words describe."""
    # A child process cannot import a function of __main__, which this module is here.
    from benchmarks.no_solve import solve_nothing as solve

    return run(validate(compose("config", words)), solve)


if __name__ == "__main__":
    run_command(main, __doc__)
