"""Options are checked when they are made."""

from typing import Any

import pytest

from solvers.options import Options


def test_defaults_are_automatic_native_and_the_gap_of_the_paper() -> None:
    """The default is an automatic solver, the native search, and the paper's gap of 1e-4."""
    options = Options()
    assert (options.solver, options.model, options.gap) == ("auto", "collapsed", 1e-4)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("solver", "cplex"),
        ("solver", "Gurobi"),
        ("solver", None),
        ("model", "benders"),
        # auto and native choose their model by themselves.
        ("model", "direct"),
        ("gap", -1e-9),
        ("gap", float("nan")),
        ("gap", "small"),
        ("gap", None),
        ("time_limit_s", 0),
        ("time_limit_s", -1),
        ("time_limit_s", float("nan")),
        ("time_limit_s", "soon"),
        ("threads", 0),
        ("threads", -1),
        ("threads", 1.5),
        ("threads", "all"),
        ("seed", -1),
        ("seed", 0.5),
        # Both solvers keep their seed in a 32-bit integer.
        ("seed", 2**31),
    ],
)
def test_values_out_of_range_are_refused(field: str, value: Any) -> None:
    """A wrong value raises a ValueError of one line: field, what is expected, what was given."""
    with pytest.raises(ValueError, match=f"^{field}: expected ") as caught:
        Options(**{field: value})
    message = str(caught.value)
    assert message.endswith(f"got {value!r}")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("field", "value"),
    [("gap", 0), ("gap", 1), ("time_limit_s", 1e-9), ("threads", 1), ("seed", 2**31 - 1)],
)
def test_ends_of_the_ranges_are_allowed(field: str, value: float) -> None:
    """The ranges include their ends."""
    assert getattr(Options(**{field: value}), field) == value
