"""Describes the mistakes in a configuration: which keys, what was expected, what was found."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from pipeline.config.unknown_key import keys, unknown_key

_MAX_MISTAKES_SHOWN = 5
"""How many mistakes one message lists; an axis may have a million wrong values."""


def describe_mistakes(error: ValidationError, section: type[BaseModel]) -> str:
    """Describe the first `_MAX_MISTAKES_SHOWN` mistakes in one line.

    Parameters
    ----------
    error : pydantic.ValidationError
        The mistakes, as pydantic reports them.
    section : type of pydantic.BaseModel
        The section that was checked; its keys are those that an unknown key may have meant.
    """
    mistakes = error.errors()
    # pydantic also reports an axis with a wrong value as too short: skip that message.
    axes_with_wrong_values = {item["loc"][:-1] for item in mistakes}
    messages = [
        _message(item, section)
        for item in mistakes
        if item["type"] != "too_short" or item["loc"] not in axes_with_wrong_values
    ]
    n_hidden = len(messages) - _MAX_MISTAKES_SHOWN
    more = [f"and {n_hidden:,} more"] if n_hidden > 0 else []
    return "; ".join(messages[:_MAX_MISTAKES_SHOWN] + more)


def _message(error: Any, section: type[BaseModel]) -> str:
    """Describe one mistake: key, what was expected, what was found."""
    key = "".join(_key_part(part) for part in error["loc"]).removeprefix(".")
    if error["type"] == "value_error":
        message = error["msg"].removeprefix("Value error, ")
        return f"{key}: {message}" if key else message
    if error["type"] == "missing":
        return f"{key}: missing"
    if error["type"] == "extra_forbidden":
        return unknown_key(key, list(keys(section)))
    if error["type"] == "too_short":
        return f"{key}: expected at least one value"
    message = error["msg"].replace("Input should be", "expected")
    return f"{key}: {message}, got {error['input']!r:.80}"


def _key_part(part: str | int) -> str:
    """Write a position or a name as part of a key; a name may have a line break, a message not."""
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if part.isprintable() else f".{part!r}"
