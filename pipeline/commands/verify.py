"""Check every stored solution of a run again, using only the paper's model and the seed.

usage: python -m pipeline.commands.verify [run=FOLDER]

  run=outputs/paper   folder of the run (the default); it may still be running

Compares each data file with its SHA-256. Then draws each network again, checks the stored sites and
assignment against constraints (2)-(11), recomputes z1 to z4 and the gap from them, and checks that
no dual bound exceeds the cost and no instance has two rows. Only an infeasible row is solved again,
without Gurobi: it passes if it is proven infeasible once more. Exit codes: 0 all pass, 1 some fail
or a data file is damaged, 2 no results in that folder.
"""

from __future__ import annotations

from pipeline.config.command import FAILED, run_command
from pipeline.config.compose import compose
from pipeline.config.folder import RunFolder
from pipeline.config.sections import NetworkConfig, Section, SolverConfig, check
from pipeline.results import provenance
from pipeline.results.recheck import Recheck
from pipeline.results.table import data_files, open_table
from pipeline.results.verification import verify


class VerifyConfig(Section):
    """Which run to check."""

    run: RunFolder


def main(words: list[str]) -> int:
    """Check the run that the command line names."""
    run = check(VerifyConfig, compose("verify", words)).run
    files = data_files(open_table(run))
    configuration = provenance.read(run)["configuration"]
    recheck = Recheck(
        configuration["seed"],
        check(NetworkConfig, configuration["network"]),
        check(SolverConfig, configuration["solver"]).options,
    )
    report = verify(run, files, recheck)
    print(report)
    return FAILED if report.failing or report.damaged else 0


if __name__ == "__main__":
    run_command(main, __doc__)
