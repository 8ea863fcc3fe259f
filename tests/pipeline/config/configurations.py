"""Configurations, and values of keys, that several test modules use."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.sections import Config, flatten, validate


@functools.cache
def _defaults() -> dict[str, Any]:
    return compose("config", [])


def defaults() -> dict[str, Any]:
    """Return a copy of the default configuration as plain values."""
    return copy.deepcopy(_defaults())


def config_of(*words: str) -> Config:
    """Compose and check the configuration of a command line."""
    return validate(compose("config", list(words)))


def defaults_with(key: str, value: Any) -> dict[str, Any]:
    """Return the default configuration with another value under a dotted key."""
    values = defaults()
    *sections, last = key.split(".")
    functools.reduce(lambda section, name: section[name], sections, values)[last] = value
    return values


KEYS = sorted(flatten(_defaults()))
SECTIONS = ["sweep", "network", "solver", "engine", "store", "network.allocations"]

EXTREMES = ["0", "1", "5", "-3", "0.5", "1e-10", "1e-300", "1e300", "1e308", "-1e308"]
RANGES = st.lists(
    st.sampled_from([*EXTREMES, "inf", "nan", "-inf", "x", "", "1" + "0" * 400]),
    min_size=1,
    max_size=4,
).map(lambda parts: f"range({','.join(parts)})")


def user_error_message(check: Callable[[], Config]) -> str:
    """Return the message of a `UserError`, or an empty text if there is none."""
    try:
        check()
    except UserError as error:
        return str(error)
    return ""


def is_one_line(message: str) -> bool:
    """Return whether a message has no line break of any kind; it may be empty."""
    return len(message.splitlines()) <= 1
