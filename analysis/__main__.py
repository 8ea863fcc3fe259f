"""Compare a run with the paper: Tables 2 to 6 and Figure 6.

usage: python -m analysis [run=FOLDER]

  run=outputs/paper   folder of the run (this is the default); the run may still be going on

Prints the tables, each cell as ours / paper / ratio, and writes FOLDER/tables/ and
FOLDER/figures/. Exit codes: 0 done, 1 the folder cannot be written, 2 it holds no results.
"""

from analysis import printing
from analysis.report import report_run
from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.errors import UserError


def main(words: list[str]) -> int:
    """Report on the run that ``run=`` names."""
    folder = compose("report", words)["run"]
    if not isinstance(folder, str) or not folder:
        raise UserError(f"run: expected the folder of a run, got {folder!r}")
    report_run(folder, printing.open_stdout())
    return 0


if __name__ == "__main__":
    run_command(main, __doc__)
