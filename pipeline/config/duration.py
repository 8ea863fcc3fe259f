"""Time spans as a person writes them."""

from __future__ import annotations

_UNITS = ((3600, "hour"), (60, "minute"), (1, "second"))


def describe_core_time(seconds: float) -> str:
    """Write an amount of work in one unit, such as ``41 core hours`` or ``12 core minutes``.

    Parameters
    ----------
    seconds : float
        Seconds of one core.
    """
    unit_s, unit = next((u for u in _UNITS if seconds >= u[0]), _UNITS[-1])
    amount = seconds / unit_s
    text = f"{amount:.2g}" if amount < 9.95 else f"{amount:,.0f}"
    return f"{text} core {unit}{'' if text == '1' else 's'}"


def describe_span(seconds: float) -> str:
    """Write a time span in its two largest units, such as ``3 h 20 min``."""
    seconds = max(0, round(seconds))
    for unit_s, unit, part_s, part in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= unit_s:
            return f"{seconds // unit_s:,} {unit} {seconds % unit_s // part_s} {part}"
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"
