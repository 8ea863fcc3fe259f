"""Solves that only wait: searches, or models for a MIP solver; and a driver that runs a sweep.

usage: python -m benchmarks.simulated_stages [key=value ...]

The words are those of sitesweep run. An instance of alpha `SEARCHED` waits in the first stage;
every other one leaves its model to the second stage at once, and waits there with a licence. Each
begin and end is a line of the file that the variable `LOG` names. Every row says that no solution
was found.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.engine.driver import run
from pipeline.engine.licences import Rest, Stages
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.stages import Unfinished, WholeModel
from solvers.start import Start

LOG = "SITESWEEP_SIMULATED_STAGES"
SEARCHED = 20.0
SEARCH_S = 5.0
LICENCE_HELD_S = 0.02


def begin(problem: Problem, options: Options, start: Start | None = None) -> Result | Unfinished:
    """Wait if this is a search; else leave the model to the second stage."""
    if problem.alpha != SEARCHED:
        return WholeModel("collapsed", None, None)
    _note("search")
    time.sleep(SEARCH_S)
    _note("searched")
    return _no_solution(options)


def finish(problem: Problem, options: Options, start: Start | None, rest: Rest) -> Result:
    """Hold a licence for a while."""
    _note("take")
    time.sleep(LICENCE_HELD_S)
    _note("give back")
    return _no_solution(options)


def _no_solution(options: Options) -> Result:
    return Result(Status.NO_SOLUTION, "none", "none", "0", options.threads)


def _note(event: str) -> None:
    """Append a line to the log; short appends are atomic."""
    with Path(os.environ[LOG]).open("a") as log:
        log.write(f"{time.monotonic()} {event}\n")


def read_events(log: Path) -> list[tuple[float, str]]:
    """Return the moments, s, and events of a log in the order of time."""
    lines = [line.split(" ", 1) for line in log.read_text().splitlines()]
    return sorted((float(moment_s), event) for moment_s, event in lines)


def main(words: list[str]) -> int:
    """Run the sweep that the words describe."""
    # A child process cannot import functions of __main__, which this module is here.
    from benchmarks import simulated_stages as module

    return run(validate(compose("config", words)), stages=Stages(module.begin, module.finish))


if __name__ == "__main__":
    run_command(main, __doc__)
