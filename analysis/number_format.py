"""Formats the numbers of a table: rounded as in the paper, and as a range where they are one."""

from collections.abc import Callable

MISSING = "\N{EN DASH}"
"""Printed in place of a missing number."""

AT_LEAST = "\N{GREATER-THAN OR EQUAL TO}"
"""Printed before a number that has no proven upper end."""

UNKNOWN = "?"
"""Printed in place of a number of which nothing is proven."""

RANGE_NOTE = (
    f"a-b: more time for the rows that are not proven optimal may give any number from a to b; "
    f"{AT_LEAST}a: a or more; {UNKNOWN}: any number."
)
"""Explains what `format_range` returns."""

Format = Callable[[float], str]
"""Turns a number into text."""


def _whole(number: float) -> str:
    return f"{number:,.0f}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _decimal_if_not_whole(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def one_decimal(number: float) -> str:
    """Format a number with one decimal: percentages of a reference."""
    return f"{number:.1f}"


def two_decimals(number: float) -> str:
    """Format a number with two decimals: ratios."""
    return f"{number:.2f}"


FORMATS: dict[str, Format] = {
    "z1": _whole,
    "z2": _whole,
    "z3_first": _percent,
    "z3_second": _percent,
    "z4": _decimal_if_not_whole,
}
"""Indicator -> format: z1 and z2 in whole tkm, shares in whole percent, z4 with a decimal only if
it is not whole."""


def format_number(number: float | None, form: Format) -> str:
    """Format a number, with `MISSING` for None."""
    return MISSING if number is None else form(number)


def format_range(least: float | None, greatest: float | None, form: Format) -> str:
    """Format a number that is proven to lie between two ends.

    Parameters
    ----------
    least, greatest : float or None
        Both ends, not negative; None if there is no number. The greatest end may be infinite.
    form : callable
        Formats each end.

    Returns
    -------
    str
        One number if both ends are the same after rounding, else both with a hyphen between.
        Without an upper end, the lower end after `AT_LEAST`; if it is 0, `UNKNOWN`. `MISSING`
        if there is no number.
    """
    if least is None or greatest is None:
        return MISSING
    if greatest == float("inf"):
        return f"{AT_LEAST}{form(least)}" if least > 0 else UNKNOWN
    low, high = form(least), form(greatest)
    return low if low == high else f"{low}-{high}"
