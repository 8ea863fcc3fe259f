"""Lay a run beside the paper: Tables 2 to 6 and Figure 6.

usage: python -m analysis [run=FOLDER]

  run=outputs/paper   folder of the run (the default); it may still be running

Prints the tables, each cell as ours / paper / ratio, and writes FOLDER/tables/ and
FOLDER/figures/. Exit codes: 0 done, 1 the folder cannot be written, 2 no results there.
"""

from analysis import terminal
from analysis.report import report
from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.errors import UserError


def main(words: list[str]) -> int:
    """Report on the run that the words name."""
    folder = compose("report", words)["run"]
    if not isinstance(folder, str) or not folder:
        raise UserError(f"run: expected the folder of a run, got {folder!r}")
    report(folder, terminal.stdout())
    return 0


if __name__ == "__main__":
    run_command(main, __doc__)
