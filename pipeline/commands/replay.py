"""Solve an instance that ended in error again, using only its bundle.

usage: sitesweep replay RUN/failures/NAME

  FOLDER   folder of the bundle, local or in an object store, or bundle=FOLDER

Problem and solver options are those of the bundle. The result is printed on stdout. The solver runs
in the process of the command, not in a child process, so that the failure can be debugged: if the
solver crashes, or hangs for longer than time limit plus engine.grace_s, the command ends and writes
the stack of every thread to stderr. Exit codes: 0 solved, 1 the instance ends in error again,
2 a mistake in the command line, or no bundle in that folder.
"""

from __future__ import annotations

import faulthandler
import json
from typing import Annotated, Any

from pydantic import Field

from pipeline.config.command import FAILED, run_command
from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.folder import join_path
from pipeline.config.sections import Config, Section, check
from pipeline.engine.deadline import STDERR, deadline
from pipeline.engine.worker import Solve
from pipeline.network.instance_io import problem_from
from pipeline.results import storage
from pipeline.results.failure_bundles import PROBLEM, RUN_METADATA
from pipeline.results.schema import describe_coordinate
from solvers.problem import ProblemError
from solvers.result import Status
from solvers.solve import solve as default_solve


class ReplayConfig(Section):
    """Which bundle to replay."""

    bundle: Annotated[str, Field(min_length=1)]


def main(words: list[str], solve: Solve = default_solve) -> int:
    """Solve the instance of the bundle that the command line names."""
    bundle = check(ReplayConfig, compose("replay", words, "bundle")).bundle
    description, configuration = _read(bundle, PROBLEM), _read(bundle, RUN_METADATA)
    try:
        problem = problem_from(description)
        config = check(Config, configuration["configuration"])
    except (KeyError, TypeError, ProblemError) as error:
        raise UserError(f"{bundle} is not a bundle of this version of sitesweep: {error}") from None
    faulthandler.enable(STDERR)
    with deadline(config.solver.time_limit_s + config.engine.grace_s):
        result = solve(problem, config.solver.options, None)
    print(describe_coordinate(description["coordinate"]))
    print(f"status     {result.status}" + (f": {result.error}" if result.error else ""))
    print(f"objective  {result.objective}")
    print(f"bound      {result.bound}")
    print(f"solved by  {result.method}, {result.solver} {result.solver_version}")
    return FAILED if result.status is Status.ERROR else 0


def _read(bundle: str, name: str) -> dict[str, Any]:
    try:
        content = json.loads(storage.read(bundle, name))
    except OSError as error:
        raise UserError(f"no bundle in {bundle}: {error}") from None
    except ValueError as error:
        raise UserError(f"{join_path(bundle, name)} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise UserError(f"{join_path(bundle, name)} was not written by sitesweep")
    return content


if __name__ == "__main__":
    run_command(main, __doc__)
