"""``python -m pipeline`` runs a sweep: see `pipeline.commands.run`."""

import sys

from sitesweep import hidden_package

if __name__ == "__main__":
    if (reason := hidden_package()) is not None:
        print(f"error: {reason}", file=sys.stderr)
        sys.exit(2)

    from pipeline.commands import run
    from pipeline.config.command import run_command

    run_command(run.main, run.__doc__)
