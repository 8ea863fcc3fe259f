"""Decide the paper's claims from the replications of a run, with intervals.

usage: sitesweep claims [FOLDER] [out=FOLDER]

  outputs/replicated   folder of the run (the default), or run=FOLDER; it may still be running
  out=FOLDER           where to write; the default is claims/ in the folder of the run

Prints every claim with its verdict, and how many of the paper's numbers a study with one draw
would not have printed. Writes claims.csv (sentence, definition, number, interval, verdict),
replications.csv (every cell of Tables 2 to 6), outside.csv, claims.md (ten claims as a table) and
a figure. Exit codes: 0 done, 1 the folder cannot be written, 2 no allocation has two replications
with all structures and alphas of the paper.
"""

from __future__ import annotations

from analysis import printing, replication_report
from analysis.print_replications import print_replications
from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.errors import Failure, UserError
from pipeline.config.folder import RunFolder
from pipeline.config.sections import Section, check
from pipeline.results.storage import staging_folder
from pipeline.results.table import read_results


class ClaimsConfig(Section):
    """Which run to read, and where to write."""

    run: RunFolder
    out: RunFolder


def main(words: list[str]) -> int:
    """Decide the claims from the run that the command line names."""
    config = check(ClaimsConfig, compose("claims", words, "run"))
    report = replication_report.build(read_results(config.run), config.run)
    if report is None:
        raise UserError(
            f"{config.run}: no allocation has two replications with all structures and alphas of "
            "the paper: expected a run such as that of sweep=replicated"
        )
    try:
        with staging_folder(config.out) as folder:
            paths = replication_report.write(report, folder)
    except OSError as error:
        raise Failure(f"cannot write to {config.out}: {error}") from error
    console = printing.open_stdout()
    print_replications(console, report)
    console.print(f"\n{config.out}: {', '.join(path.name for path in paths)}", markup=False)
    return 0


if __name__ == "__main__":
    run_command(main, __doc__)
