"""Check every stored solution of a run again, using only the paper's model and the seed.

usage: sitesweep verify [FOLDER]

  outputs/paper   folder of the run (the default), or run=FOLDER; it may still be running

Compares each data file with its SHA-256. Then draws each network again, checks the stored sites and
assignment against constraints (2)-(11), recomputes z1 to z4 and the gap from them, and checks that
no dual bound exceeds the cost and no instance has two rows. Only an infeasible row is solved again,
without Gurobi, in a child process with a deadline: it passes if it is proven infeasible once more.
Exit codes: 0 all pass, 1 some fail or a data file is damaged, 2 no results in that folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from pipeline.config.command import FAILED, run_command
from pipeline.config.compose import compose
from pipeline.config.folder import RunFolder
from pipeline.config.sections import Section, check, validate
from pipeline.engine.interface import error_table
from pipeline.engine.isolation import solve_isolated
from pipeline.engine.worker import SolveContext
from pipeline.results import provenance
from pipeline.results.recheck import Recheck
from pipeline.results.table import data_files, open_table
from pipeline.results.verification import verify
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job


class VerifyConfig(Section):
    """Which run to check."""

    run: RunFolder


def main(words: list[str]) -> int:
    """Check the run that the command line names."""
    run = check(VerifyConfig, compose("verify", words, "run")).run
    files = data_files(open_table(run))
    config = validate(provenance.read(run)["configuration"])
    options = replace(config.solver.options, solver="native", model="collapsed")
    context = SolveContext(
        config.network, config.run_id, config.seed, options, config.engine.grace_s
    )
    report = verify(run, files, Recheck(config, partial(solve_again, context)))
    print(report)
    return FAILED if report.failing or report.damaged else 0


def solve_again(
    context: SolveContext, network: NetworkCoordinate, alpha: float
) -> Mapping[str, Any]:
    """Solve an instance in a child process; return its row, an error row if the process failed."""
    chunk = (Job(network, (alpha,), predicted_s=0.0),)
    result = solve_isolated(context, chunk, attempt=1)
    rows = result.rows
    for _, failure in result.failures:
        rows = error_table(context.run_columns, chunk, 1, failure.reason)
    row: dict[str, Any] = rows.to_pylist()[0]
    return row


if __name__ == "__main__":
    run_command(main, __doc__)
