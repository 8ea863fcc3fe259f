"""The certificate trusts the data, not the solver."""

from dataclasses import replace

import numpy as np
import pytest

from solvers.backends.backend import SolverOutput
from solvers.certificate import certify
from solvers.formulations import collapsed
from solvers.problem import Problem
from solvers.result import Status
from solvers.solution import Solution

PROBLEM = Problem(
    inbound=[[1, 1]],
    outbound=[[1, 4], [4, 1]],
    demand=[3, 4],
    capacity=[6, 7],
    fixed_cost=[5, 6],
    supply=[99_999_999],
    alpha=1,
)
BEST = collapsed.expand(PROBLEM, np.array([True, True]), np.array([0, 1]))
OPTIMUM = 25.0
"""Optimal cost: 7 for raw material, 3 + 4 to the customers, 5 + 6 for the sites."""
OVERLOADED = collapsed.expand(PROBLEM, np.array([True, False]), np.array([0, 0]))
"""Seven tonnes at a site with a capacity of six."""


def certified(
    status: Status,
    solution: Solution | None = BEST,
    bound: float | None = OPTIMUM,
    gap: float = 1e-4,
    error: str | None = None,
) -> tuple[Status, float | None, str | None]:
    """Certify an output; return status, total cost and error."""
    output = SolverOutput(status, bound=bound, error=error)
    new_status, accepted, cost, message = certify(PROBLEM, output, solution, gap)
    assert (accepted is None) == (cost is None), "solution and cost must come together"
    return new_status, None if cost is None else cost.total, message


def test_optimal_output_with_a_closed_gap_is_optimal() -> None:
    """The status of the solver is confirmed if the evidence supports it."""
    assert certified(Status.OPTIMAL) == (Status.OPTIMAL, OPTIMUM, None)
    assert certified(Status.OPTIMAL, bound=24.0, gap=0.04) == (Status.OPTIMAL, OPTIMUM, None)


def test_infeasible_solution_is_an_error() -> None:
    """A solution that violates a constraint gives an error that names the constraint."""
    status, cost, error = certified(Status.OPTIMAL, OVERLOADED, bound=1.0, gap=1.0)
    assert (status, cost) == (Status.ERROR, None)
    assert error is not None
    assert "(4)" in error
    assert "(3)" in error


@pytest.mark.parametrize("status", [Status.OPTIMAL, Status.TIME_LIMIT])
def test_bound_above_the_cost_is_an_error(status: Status) -> None:
    """A lower bound that exceeds the cost of a feasible solution is wrong."""
    new_status, cost, error = certified(status, bound=OPTIMUM + 0.01)
    assert (new_status, cost) == (Status.ERROR, None)
    assert error is not None
    assert "bound" in error


def test_bound_above_the_cost_by_rounding_is_accepted() -> None:
    """Sums in another order may differ in the last digits."""
    assert certified(Status.OPTIMAL, bound=OPTIMUM * (1 + 1e-12))[0] is Status.OPTIMAL


@pytest.mark.parametrize("bound", [24.0, 0.0, None])
def test_optimal_output_with_an_open_gap_is_an_error(bound: float | None) -> None:
    """Status optimal, but the bound does not prove the gap asked for."""
    status, cost, error = certified(Status.OPTIMAL, bound=bound)
    assert (status, cost) == (Status.ERROR, None)
    assert error is not None
    assert "optimal" in error


@pytest.mark.parametrize("status", [Status.OPTIMAL, Status.TIME_LIMIT])
def test_status_that_needs_a_solution_is_an_error_without_one(status: Status) -> None:
    """The statuses optimal and time limit mean that a solution exists."""
    new_status, cost, error = certified(status, solution=None)
    assert (new_status, cost) == (Status.ERROR, None)
    assert error is not None
    assert "without a solution" in error


@pytest.mark.parametrize("status", [Status.INFEASIBLE, Status.NO_SOLUTION, Status.ERROR])
def test_status_without_a_solution_passes_with_its_message(status: Status) -> None:
    """If nothing can be checked, the solver's status and message are passed on."""
    new_status = certified(status, solution=None, bound=None, error="out of memory")
    assert new_status == (status, None, "out of memory")


@pytest.mark.parametrize("status", [Status.INFEASIBLE, Status.NO_SOLUTION])
def test_feasible_solution_refutes_a_status_without_solution(status: Status) -> None:
    """A status that contradicts the solution in the same output is not passed on."""
    new_status, _, _ = certified(status, bound=None)
    assert new_status is not status


def test_time_limit_with_a_closed_gap_is_optimal() -> None:
    """The evidence decides, not the reason why the solver stopped."""
    assert certified(Status.TIME_LIMIT) == (Status.OPTIMAL, OPTIMUM, None)
    assert certified(Status.TIME_LIMIT, bound=24.0, gap=0.04) == (Status.OPTIMAL, OPTIMUM, None)


@pytest.mark.parametrize("bound", [24.0, 0.0])
def test_time_limit_with_an_open_gap_keeps_its_solution(bound: float) -> None:
    """The incumbent at the time limit is kept, but not as optimal."""
    assert certified(Status.TIME_LIMIT, bound=bound) == (Status.TIME_LIMIT, OPTIMUM, None)


def test_bound_below_zero_by_rounding_certifies_a_cost_of_zero() -> None:
    """A solution of cost 0 is optimal with a bound of -1e-12; nothing divides by 0."""
    free = replace(PROBLEM, inbound=[[0, 0]], outbound=np.zeros((2, 2)), fixed_cost=[0, 0])
    output = SolverOutput(Status.OPTIMAL, bound=-1e-12)
    status, _, cost, error = certify(free, output, BEST, 0.0)
    assert (status, error) == (Status.OPTIMAL, None)
    assert cost is not None
    assert cost.total == 0
