"""The command run with a solver that logs each instance and takes at least a second for it.

usage: python -m tests.deploy.slow_sweep WORDS...

The log is the file `BEGUN` in the folder of the run: a letter for each instance that begins.
"""

from __future__ import annotations

import os
import time
from functools import partial

from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.engine.driver import run
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solve import solve
from solvers.start import Start

BEGUN = "begun"
"""Name of the log file."""


def solve_slowly(
    path: str, problem: Problem, options: Options, start: Start | None = None
) -> Result:
    """Append to the log, solve, and wait for a second: the core stays free."""
    with open(path, "a", encoding="ascii") as log:
        log.write(".")
    result = solve(problem, options, start)
    time.sleep(1)
    return result


def main(words: list[str]) -> int:
    """Run the sweep."""
    config = validate(compose("config", words))
    return run(config, partial(solve_slowly, os.path.join(config.out, BEGUN)))


if __name__ == "__main__":
    # Through the module's name, not as __main__, so that child processes can import the solver.
    from tests.deploy import slow_sweep as module

    run_command(module.main, __doc__)
