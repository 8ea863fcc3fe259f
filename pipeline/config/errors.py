"""Exceptions told in one line: a user's mistake, and a failure of what the program stands on."""

import re

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def one_line(error: object, most: int = 300) -> str:
    """Give what a library says of an error as one line without colours, of so many characters."""
    return " ".join(_COLOUR.sub("", str(error)).split())[:most]


class UserError(Exception):
    """A mistake in a configuration, a path or a results folder, told in one line.

    The commands print the message and leave with exit code 2; no traceback is shown, because
    the cause lies outside the program.

    Parameters
    ----------
    message : str
        What is wrong, what was expected, and where; one line.
    """


class Failure(Exception):
    """Something outside the program failed while it worked: a full disk, a store that is gone.

    The commands print the message and leave with exit code 1. What was committed stays, and the
    same command goes on once the cause is gone.

    Parameters
    ----------
    message : str
        What failed, where, and how to go on; one line.
    """
