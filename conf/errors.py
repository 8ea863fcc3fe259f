"""The one exception for mistakes a user can make."""


class UserError(Exception):
    """A mistake in a configuration, a path or a results folder, told in one line.

    The commands print the message and leave with exit code 2; no traceback is shown, because
    the cause lies outside the program.

    Parameters
    ----------
    message : str
        What is wrong, what was expected, and where; one line.
    """
