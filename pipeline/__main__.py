"""``python -m pipeline`` runs a sweep: see `pipeline.commands.run`."""

from pipeline.commands import run
from pipeline.config.command import run_command

if __name__ == "__main__":
    run_command(run.main, run.__doc__)
