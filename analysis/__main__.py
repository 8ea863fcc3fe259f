"""``python -m analysis`` reports on a run: see `analysis.commands.report`."""

from analysis.commands import report
from pipeline.config.command import run_command

if __name__ == "__main__":
    run_command(report.main, report.__doc__)
