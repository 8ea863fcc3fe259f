"""An axis of a sweep: distinct values, given as a list, as one value, or as a range."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

_LONGEST = 1_000_000

_RANGE = re.compile(r"^range\(([^,()]+),([^,()]+)(?:,([^,()]+))?\)$")


def _axis(value: Any) -> tuple[Any, ...]:
    """Read an axis: a list, one value, or ``range(start, stop, step)`` without its stop."""
    if isinstance(value, str) and (match := _RANGE.match(value.replace(" ", ""))):
        return _range(value, *match.groups("1"))
    return tuple(value) if isinstance(value, list) else (value,)


def _range(written: str, *texts: str) -> tuple[int | float, ...]:
    """List the values of a range, each the number a user would type: 3.4, not 3.4000000000000004.

    Decimals keep them so; an instance solved at one is found again under the other notation.
    """
    try:
        start, stop, step = (Decimal(text) for text in texts)
    except InvalidOperation:
        raise ValueError(f"expected range(start,stop,step) with numbers, got {written}") from None
    if not all(number.is_finite() for number in (start, stop, step)) or step <= 0:
        raise ValueError(f"expected finite numbers and a step > 0, got {written}")
    if (stop - start) / step > _LONGEST:
        raise ValueError(f"expected at most {_LONGEST:,} values, got {written}")
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
