"""Wrong claims of a solver are refuted by what is known, and infeasibility needs a second proof."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.backends.backend import SolverOutput
from solvers.cross_check import confirm_infeasible, cross_check, lower_bound
from solvers.problem import Problem
from solvers.result import Status
from solvers.solution import violations

LAW = settings(deadline=None, derandomize=True, max_examples=80)

BruteForce = Callable[[Problem], float | None]


def packing_problem(capacity: float) -> Problem:
    """Return three customers of 3 t and two sites."""
    return Problem(
        inbound=[[1, 1]],
        outbound=np.ones((3, 2)),
        demand=[3, 3, 3],
        capacity=[capacity, capacity],
        fixed_cost=[1, 1],
        supply=[99_999_999],
        alpha=2,
    )


@given(problem=st.from_type(Problem))
@LAW
def test_lower_bound_is_at_most_the_optimum(problem: Problem, brute_force: BruteForce) -> None:
    """No solution costs less than the bound."""
    optimum = brute_force(problem)
    assert optimum is None or 0 <= lower_bound(problem) <= optimum


def test_infeasible_without_another_proof_is_no_solution() -> None:
    """If nothing else is known, the claim of a solver is reported, not passed on."""
    output, solution, reason = cross_check(
        packing_problem(6), SolverOutput(Status.INFEASIBLE), None, None, 0.0
    )
    assert (output.status, output.bound, solution) == (Status.NO_SOLUTION, None, None)
    assert reason == "status infeasible, which no other argument proves"


def test_native_search_confirms_that_customers_do_not_pack() -> None:
    """Sites of 5 t take one customer each: the search proves it, and the status stays."""
    problem = packing_problem(5)
    output, known = confirm_infeasible(problem, SolverOutput(Status.INFEASIBLE), 10.0)
    assert known is None
    checked, _, reason = cross_check(problem, output, None, None, 0.0)
    assert (checked.status, reason) == (Status.INFEASIBLE, None)
    assert checked.error == "no packing of whole customers into the sites keeps all capacities"


def test_native_search_refutes_infeasible() -> None:
    """Sites of 6 t take two customers: the search finds that, and its solution remains."""
    problem = packing_problem(6)
    output, known = confirm_infeasible(problem, SolverOutput(Status.INFEASIBLE), 10.0)
    assert known is not None
    checked, solution, reason = cross_check(problem, output, None, known, 0.0)
    assert checked.status is Status.TIME_LIMIT
    assert solution is not None
    assert violations(problem, solution) == []
    assert reason is not None
    assert reason.startswith("status infeasible, but a solution of cost ")


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_without_time_nothing_is_confirmed(seconds: float) -> None:
    """The output stays as it is, without a reason."""
    output, known = confirm_infeasible(packing_problem(5), SolverOutput(Status.INFEASIBLE), seconds)
    assert (output.error, known) == (None, None)
