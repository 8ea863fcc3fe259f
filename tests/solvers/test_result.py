"""Objective and gap of a result."""

import pytest

from solvers.result import Result, Status, relative_gap


@pytest.mark.parametrize(
    ("objective", "bound", "gap"), [(10, 8, 0.2), (10, 10, 0), (10, 10.1, 0), (10, 0, 1), (0, 0, 0)]
)
def test_gap_is_a_fraction_of_the_objective(objective: float, bound: float, gap: float) -> None:
    """The gap lies between 0 and 1; it is 0 if the objective does not exceed the bound."""
    assert relative_gap(objective, bound) == pytest.approx(gap)


@pytest.mark.parametrize("status", list(Status))
def test_result_without_a_solution_has_no_objective(status: Status) -> None:
    """Without an incumbent, objective and gap are None, never 0."""
    result = Result(status, "direct", "highs", "1", threads=1, bound=3.0)
    assert result.objective is None
    assert result.gap is None
