"""An axis of a sweep: distinct values, given as a list, as one value, or as a range."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

_MAX_VALUES = 1_000_000

_RANGE = re.compile(r"^range\(([^,()]+),([^,()]+)(?:,([^,()]+))?\)$")


def _axis(value: Any) -> tuple[Any, ...]:
    """Read an axis: a list, one value, or ``range(start, stop, step)``, which excludes its stop."""
    if isinstance(value, str) and (match := _RANGE.match(value.replace(" ", ""))):
        return _range(value, *match.groups("1"))
    return tuple(value) if isinstance(value, list) else (value,)


def _range(text: str, *numbers: str) -> tuple[int | float, ...]:
    """List the values of a range as a user would type them: 3.4, not 3.4000000000000004.

    Decimal arithmetic makes them exact: an instance solved at a value of a range is found again
    when the same value is given in a list.
    """
    try:
        start, stop, step = (Decimal(number) for number in numbers)
    except InvalidOperation:
        raise ValueError(f"expected range(start,stop,step) with numbers, got {text}") from None
    if not all(number.is_finite() for number in (start, stop, step)) or step <= 0:
        raise ValueError(f"expected finite numbers and a step > 0, got {text}")
    if (stop - start) / step > _MAX_VALUES:
        raise ValueError(f"expected at most {_MAX_VALUES:,} values, got {text}")
    count = max(0, math.ceil((stop - start) / step))
    values = [start + index * step for index in range(count)]
    return tuple(int(value) if value == int(value) else float(value) for value in values)


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) < len(values):
        raise ValueError("expected distinct values")
    return values


T = TypeVar("T")

Axis = Annotated[
    tuple[T, ...],
    Field(min_length=1),
    BeforeValidator(_axis),
    AfterValidator(_distinct),
]
"""Distinct values of one axis of the sweep."""
