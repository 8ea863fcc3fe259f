"""A problem refuses wrong data, and its data cannot change."""

import dataclasses
import math
import re
from typing import Any

import numpy as np
import pytest

from solvers.problem import Problem, ProblemError

GOOD: dict[str, Any] = {
    "inbound": [[1, 2, 3], [4, 5, 6]],
    "outbound": [[7, 8, 9], [1, 2, 3], [4, 5, 6], [7, 8, 9]],
    "demand": [1, 2, 3, 4],
    "capacity": [5, 6, 7],
    "fixed_cost": [10, 20, 30],
    "supply": [100, 200],
    "alpha": 2,
}
ARRAYS = [name for name in GOOD if name != "alpha"]


def refusal(**changed: Any) -> str:
    """Return the message with which a problem is refused."""
    with pytest.raises(ProblemError) as caught:
        Problem(**(GOOD | changed))
    return str(caught.value)


def test_good_data_keep_their_values_and_sizes() -> None:
    """A problem holds the values it was made from."""
    problem = Problem(**GOOD)
    assert (problem.n_sources, problem.n_sites, problem.n_customers) == (2, 3, 4)
    assert problem.total_demand == 10
    assert problem.alpha == 2.0
    for name in ARRAYS:
        assert getattr(problem, name).tolist() == GOOD[name]


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -1])
def test_numbers_out_of_range_are_refused(name: str, value: float) -> None:
    """Infinite, nan and negative numbers are refused; one line names the field."""
    array = np.array(GOOD[name], dtype=float)
    array.flat[-1] = value
    message = refusal(**{name: array})
    assert message.startswith(f"{name}: expected ")
    assert "\n" not in message


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize(
    "value",
    [
        "many",
        None,
        [[1, 2], [3]],
        {"a": 1},
        np.array([["a", "b"], ["c", "d"]]),
        np.ones((9, 9)),
        1.0,
        [],
    ],
    ids=["text", "none", "ragged", "dict", "array-of-text", "shape", "scalar", "empty"],
)
def test_values_that_are_no_array_of_the_right_shape_are_refused(name: str, value: Any) -> None:
    """Text, ragged lists and other shapes are refused; one line names the field."""
    message = refusal(**{name: value})
    assert message.startswith(f"{name}: expected ")
    assert "\n" not in message


@pytest.mark.parametrize("demand", [[0, 2, 3, 4], [1.5, 2, 3, 4]])
def test_demand_is_in_whole_tonnes(demand: list[float]) -> None:
    """A customer demands a whole number of tonnes, at least one."""
    message = refusal(demand=demand)
    assert message.startswith("demand: expected whole tonnes >= 1")
    assert "\n" not in message


@pytest.mark.parametrize(
    "alpha",
    [0, -1, -0.0, np.nan, np.inf, -np.inf, True, False, "2", None, [2], np.float64("nan")],
)
def test_alpha_is_a_finite_number_above_zero(alpha: Any) -> None:
    """Alpha is refused, in one line, unless it is a finite number > 0."""
    message = refusal(alpha=alpha)
    assert message.startswith("alpha: expected ")
    assert "\n" not in message


@pytest.mark.parametrize("alpha", [2, 2.0, np.int64(2), np.float32(2)])
def test_alpha_becomes_a_plain_float(alpha: Any) -> None:
    """Every kind of number is stored as the same float."""
    stored = Problem(**(GOOD | {"alpha": alpha})).alpha
    assert type(stored) is float
    assert stored == 2.0


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_are_copied(name: str) -> None:
    """Changes of the caller's array after construction do not change the problem."""
    array = np.array(GOOD[name], dtype=float)
    problem = Problem(**(GOOD | {name: array}))
    array += 1
    assert getattr(problem, name).tolist() == GOOD[name]


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_are_read_only(name: str) -> None:
    """Writing into an array of a problem raises."""
    array = getattr(Problem(**GOOD), name)
    with pytest.raises(ValueError, match="read-only"):
        array.flat[0] = 1


@pytest.mark.parametrize("name", GOOD)
def test_fields_cannot_be_replaced(name: str) -> None:
    """A problem is frozen; `dataclasses.replace` makes a changed copy."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(Problem(**GOOD), name, 1)


def test_replace_checks_again() -> None:
    """A changed copy is validated like a new problem."""
    problem = Problem(**GOOD)
    assert dataclasses.replace(problem, alpha=7).alpha == 7.0
    with pytest.raises(ProblemError, match=r"^supply: expected"):
        dataclasses.replace(problem, supply=[-1, 2])


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("demand", {"demand": [2.0**53, 1, 1, 1]}),
        ("demand", {"demand": [1e300, 1e300, 1, 1]}),
        ("alpha", {"alpha": 2.0**50}),
        ("inbound", {"inbound": [[1, 2, 3], [4, 5, 1e305]]}),
        ("outbound", {"outbound": np.full((4, 3), 1e300)}),
        ("fixed_cost", {"fixed_cost": [1e308, 1e308, 1e308]}),
    ],
)
def test_magnitudes_that_doubles_cannot_hold_are_refused(name: str, changed: Any) -> None:
    """Tonnes from 2**53 on are not whole numbers any more, and costs must not overflow."""
    message = refusal(**changed)
    assert message.startswith(f"{name}: expected ")
    assert "\n" not in message


def test_large_capacities_and_supplies_are_accepted() -> None:
    """No sum of them is needed: what exceeds the demand counts as unlimited."""
    problem = Problem(**(GOOD | {"capacity": [1e300, 1e300, 1], "supply": [1e300, 1e300]}))
    assert problem.total_demand == 10


def test_a_problem_with_another_alpha_shares_its_data() -> None:
    """Only alpha differs, the given problem stays as it was, and alpha is checked again."""
    problem = Problem(**GOOD)
    other = problem.with_alpha(5)
    assert (problem.alpha, other.alpha) == (2.0, 5.0)
    for name in ARRAYS:
        assert getattr(other, name) is getattr(problem, name)
    for alpha, expected in [(0, "> 0"), (math.nan, "finite"), (1e300, "2**53 t"), ("2", "number")]:
        with pytest.raises(ProblemError, match=f"alpha: .*{re.escape(expected)}"):
            problem.with_alpha(alpha)  # type: ignore[arg-type]
