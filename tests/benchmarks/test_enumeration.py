"""Odd problems are reproducible, and a verdict on a result follows from the exact optimum."""

import pytest

from benchmarks.enumeration import GAP, judge
from benchmarks.exact import enumerate_optimum
from benchmarks.odd_problems import draw_odd_problem
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.solution import Cost


def test_odd_problems_are_reproducible_and_differ() -> None:
    """Seed and number decide the problem; about half of the problems are feasible."""
    problems = [draw_odd_problem(0, number) for number in range(100)]
    again = draw_odd_problem(0, 99)
    assert problems[99].outbound.tolist() == again.outbound.tolist()
    assert problems[99].supply.tolist() == again.supply.tolist()
    feasible = sum(enumerate_optimum(problem) is not None for problem in problems)
    assert 40 <= feasible <= 80


def result(status: Status, objective: float | None, bound: float | None) -> Result:
    """Return a result with a cost and a bound."""
    found = None if objective is None else Cost(0.0, 0.0, objective)
    return Result(status, "direct", "highs", "1", 1, cost=found, bound=bound)


@pytest.mark.parametrize(
    ("given_result", "optimum", "verdict"),
    [
        (result(Status.OPTIMAL, 100.0, 100.0), 100, "agrees"),
        (result(Status.OPTIMAL, 100.0, 99.995), 100, "agrees"),
        (result(Status.OPTIMAL, 101.0, 101.0), 100, "wrong"),
        (result(Status.OPTIMAL, 101.0, 100.0), 100, "wrong"),
        (result(Status.OPTIMAL, 99.0, 99.0), 100, "wrong"),
        (result(Status.TIME_LIMIT, 101.0, 100.5), 100, "wrong"),
        (result(Status.TIME_LIMIT, 101.0, 90.0), 100, "unproven"),
        (result(Status.NO_SOLUTION, None, 90.0), 100, "unproven"),
        (result(Status.INFEASIBLE, None, None), 100, "wrong"),
        (result(Status.ERROR, None, None), 100, "wrong"),
        (result(Status.INFEASIBLE, None, None), None, "agrees"),
        (result(Status.OPTIMAL, 1.0, 1.0), None, "wrong"),
        (result(Status.NO_SOLUTION, None, None), None, "unproven"),
    ],
)
def test_verdict_follows_from_the_exact_optimum(
    given_result: Result, optimum: int | None, verdict: str
) -> None:
    """Contradictions are wrong; what is not proven is unproven."""
    exact = None if optimum is None else enumerate_optimum(one_customer(optimum))
    assert judge(given_result, exact, GAP).partition(":")[0] == verdict


def one_customer(fixed_cost: float) -> Problem:
    """Return a problem whose optimum is its fixed cost."""
    return Problem([[0]], [[0]], [1], [1], [fixed_cost], [1], 1)
