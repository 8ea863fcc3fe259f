"""What is built is feasible, and moves of single customers cannot improve it."""

from collections.abc import Callable

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solvers.construction import construct
from solvers.problem import Problem
from solvers.solution import cost, violations
from solvers.transportation import solution_of, why_short

LAW = settings(deadline=None, derandomize=True, max_examples=80)

BruteForce = Callable[[Problem], float | None]


@given(problem=st.from_type(Problem))
@LAW
def test_built_solution_is_feasible_and_exists_if_any_does(
    problem: Problem, brute_force: BruteForce
) -> None:
    """On small problems, a solution is built or it is proven that there is none."""
    assume(why_short(problem) is None)
    solution, infeasible = construct(problem)
    optimum = brute_force(problem)
    assert infeasible == (solution is None) == (optimum is None)
    if solution is not None:
        assert optimum is not None
        assert violations(problem, solution) == []
        assert cost(problem, solution).total >= optimum * (1 - 1e-9)


@given(problem=st.from_type(Problem))
@LAW
def test_no_move_of_a_customer_improves_a_built_solution(problem: Problem) -> None:
    """Without limits on supply, every solution that differs by one customer costs as much."""
    unlimited = Problem(**(vars(problem) | {"supply": np.full(problem.n_sources, 1e9)}))
    solution, _ = construct(unlimited)
    assume(solution is not None)
    assert solution is not None
    least = cost(unlimited, solution).total * (1 - 1e-6)
    for customer in range(problem.n_customers):
        for site in range(problem.n_sites):
            assignment = solution.assignment.copy()
            assignment[customer] = site
            moved = solution_of(unlimited, assignment)
            assert violations(unlimited, moved) or cost(unlimited, moved).total >= least
