"""The cutoff, and bounds where all costs are whole numbers."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvers.native.model.incumbent import (
    VALUE,
    Incumbent,
    cost_step,
    cutoff_of,
    make_incumbent,
    rounded_up,
)
from solvers.native.model.problem_data import INF, ProblemData

WHOLE = ProblemData(
    cost=np.array([[3.0, 4.0], [5.0, 1.0]]),
    capacity=np.array([7, 7]),
    demand=np.array([3, 4]),
    fixed_cost=np.array([10.0, 20.0]),
    by_demand=np.array([1, 0]),
    total_demand=7,
)
DataOf = Callable[[int], ProblemData]


def incumbent_of(value: float, data: ProblemData = WHOLE) -> Incumbent:
    """Return an incumbent of the given cost."""
    incumbent = make_incumbent(data, 1.0)
    incumbent.scalars[VALUE] = value
    return incumbent


@pytest.mark.parametrize(
    ("fixed_cost", "cost", "step"),
    [(10.0, 3.0, 1.0), (10.5, 3.0, 0.0), (10.0, 3.25, 0.0), (2.0**41, 3.0, 0.0)],
)
def test_costs_are_whole_only_if_all_are(fixed_cost: float, cost: float, step: float) -> None:
    """One fraction is enough for costs that are not whole; so is a sum beyond 2**40."""
    data = WHOLE._replace(
        fixed_cost=np.array([fixed_cost, 20.0]), cost=np.array([[cost, 4.0], [5.0, 1.0]])
    )
    assert cost_step(data) == step


def test_without_an_incumbent_everything_is_of_interest() -> None:
    """There is no cutoff yet."""
    assert cutoff_of(incumbent_of(INF), 0.1) == INF


@given(st.integers(1, 2**40), st.sampled_from([0.0, 1e-9, 1e-4, 0.5]))
def test_cutoff_keeps_the_next_better_whole_cost(value: int, gap: float) -> None:
    """A cost one below the incumbent is below the cutoff, unless the gap excuses it."""
    cutoff = cutoff_of(incumbent_of(float(value)), gap)
    assert cutoff <= value * (1 - gap)
    assert value - 1 < cutoff or cutoff == value * (1 - gap)


@given(st.integers(1, 2**40))
def test_a_bound_at_the_cutoff_proves_the_incumbent(value: int) -> None:
    """Rounded up, the cutoff of gap 0 is the cost of the incumbent."""
    incumbent = incumbent_of(float(value))
    assert rounded_up(cutoff_of(incumbent, 0.0), incumbent) == value


@given(st.integers(0, 2**40), st.floats(0, 1, exclude_min=True))
def test_no_whole_cost_lies_between_a_bound_and_what_it_is_rounded_to(
    cost: int, below: float
) -> None:
    """A bound at most as high as a whole cost is still so after rounding."""
    assert rounded_up(cost - below, incumbent_of(1.0)) <= cost


def test_other_bounds_stay_as_they_are(small_data: DataOf) -> None:
    """With fractions among the costs, and for infinite bounds, nothing is rounded."""
    data = small_data(1)
    assert rounded_up(26.5, incumbent_of(30.0, data)) == 26.5
    assert rounded_up(INF, incumbent_of(30.0)) == INF
    assert rounded_up(-INF, incumbent_of(30.0)) == -INF
