"""The entry point of the command ``sitesweep``, also as ``python -m sitesweep``."""

from __future__ import annotations

import sys
from typing import NoReturn

from sitesweep import hidden_package

USER_ERROR = 2
"""The same as in `pipeline.config.command`, which a file of the user may hide."""


def main() -> NoReturn:
    """Run the command, unless a file of the user hides a package that it needs."""
    if (reason := hidden_package()) is not None:
        print(f"error: {reason}", file=sys.stderr)
        sys.exit(USER_ERROR)
    from sitesweep import command

    command.main()


if __name__ == "__main__":
    main()
