"""Exceptions with one-line messages: a user's mistake, and a failure outside the program."""

import re

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def one_line(error: object, max_length: int = 300) -> str:
    """Turn the error message of a library into one line without colour codes, and shorten it."""
    return " ".join(_COLOUR.sub("", str(error)).split())[:max_length]


class UserError(Exception):
    """A user's mistake in a configuration, a path or a results folder.

    The commands print the message and exit with code 2. They show no traceback, because the cause
    lies outside the program.

    Parameters
    ----------
    message : str
        What is wrong, what was expected, and where; one line.

    Examples
    --------
    >>> import sitesweep as ss
    >>> try:
    ...     ss.draw_network("A9", "C3")
    ... except ss.UserError as error:
    ...     print(error)
    allocation: unknown 'A9', expected one of A1, A2, A3, A4, A5, A6, A7
    """


class Failure(Exception):
    """Something outside the program failed during a run: a full disk, unreachable storage.

    The commands print the message and exit with code 1. Committed rows stay, and the same command
    continues the run once the cause is removed.

    Parameters
    ----------
    message : str
        What failed, where, and how to continue; one line.
    """
