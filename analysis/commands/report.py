"""Report on runs: the paper's tables beside ours, or quantiles by groups of your choice.

usage: sitesweep report [FOLDER ...] [out=FOLDER]
       sitesweep report [FOLDER ...] [by=[COLUMN,...]] [quantiles=[P,...]] [where="CONDITION"]
                        [reference_alpha=ALPHA] [out=FOLDER]

  outputs/paper         folder of the run (the default), or run=FOLDER; it may still be running;
                        several runs of the same networks are united
  out=FOLDER            where to write report.html (one file with all), tables/ and figures/; the
                        default is the folder of the run
  by=[allocation,scale] groups: columns of the results table, or clusters, the number of production
                        clusters (one, two); alpha is always one of them
  quantiles=[0.1,0.9]   probabilities, from 0 to 1; by default 0.1, 0.5 and 0.9
  where="alpha <= 5 and structure = 'C3'"
                        which rows: a condition in SQL over the columns of the results table
  reference_alpha=10    alpha that counts as 100 percent; by default 20, or the largest one

Without the last four keys, a run with instances of the paper's study prints Tables 2 to 6, each
cell as ours / paper / ratio. With two complete replications or more, it also prints and writes
what sitesweep claims does, into claims/. Any other run, and any question of your own, prints the
quantiles of the indicators in each group: a selection if there are many. tables/summary.csv, and
in percent tables/summary_relative.csv, have all groups. A number a-b is not known exactly, since
some rows are not proven optimal. docs/columns.md explains all columns.

Exit codes: 0 done, 1 the folder cannot be written, 2 it holds no results, or a key is wrong.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from analysis import printing
from analysis.question import Question
from analysis.report import report_runs
from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.folder import RunFolder, RunFolders
from pipeline.config.sections import check

MOST_RUNS = 100
"""Runs that one report unites at most."""


def _one_folder(value: Any) -> Any:
    if isinstance(value, list):  # the default, if there are several runs
        raise ValueError("missing, expected out=FOLDER if there are several runs")
    return value


class ReportConfig(Question):
    """Which runs to report on, where to write, and what is asked."""

    run: RunFolders
    out: Annotated[RunFolder, BeforeValidator(_one_folder)]


def main(words: list[str]) -> int:
    """Report on the runs that the command line names."""
    config = check(ReportConfig, compose("report", words, "run", MOST_RUNS, ("where",)))
    report_runs(config.run, config.out, printing.open_stdout(), config)
    return 0


if __name__ == "__main__":
    run_command(main, __doc__)
