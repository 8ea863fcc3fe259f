"""Compare a run with the paper: Tables 2 to 6 and Figure 6.

usage: sitesweep report [FOLDER] [out=FOLDER]

  outputs/paper   folder of the run (the default), or run=FOLDER; it may still be running
  out=FOLDER      where to write tables/ and figures/; the default is the folder of the run

Prints the tables, each cell as ours / paper / ratio. With two complete replications or more, it
also prints and writes what sitesweep claims does, into claims/. Exit codes: 0 done, 1 the folder
cannot be written, 2 it holds no results.
"""

from analysis import printing
from analysis.report import report_run
from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.folder import RunFolder
from pipeline.config.sections import Section, check


class ReportConfig(Section):
    """Which run to report on, and where to write."""

    run: RunFolder
    out: RunFolder


def main(words: list[str]) -> int:
    """Report on the run that the command line names."""
    config = check(ReportConfig, compose("report", words, "run"))
    report_run(config.run, config.out, printing.open_stdout())
    return 0


if __name__ == "__main__":
    run_command(main, __doc__)
