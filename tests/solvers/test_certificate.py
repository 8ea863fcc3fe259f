"""What becomes of a solver's answer: the certificate trusts the data, not the solver."""

from dataclasses import replace

import numpy as np
import pytest

from solvers.backends import select
from solvers.backends.backend import SolverOutput, SolverUnavailable
from solvers.formulations import collapsed
from solvers.formulations.program import Program
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result, Status, relative_gap
from solvers.solution import Solution
from solvers.solve import certify, solve

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
COST = 25.0
"""7 for raw material, 3 + 4 to the customers, 5 + 6 for the sites; the optimum."""
OVERLOADED = collapsed.expand(PROBLEM, np.array([True, False]), np.array([0, 0]))
"""Seven tonnes at a site that can make six."""


def certificate(
    status: Status,
    solution: Solution | None = BEST,
    bound: float | None = COST,
    gap: float = 1e-4,
    error: str | None = None,
) -> tuple[Status, float | None, str | None]:
    """Certify an answer; give the status, the cost and the error."""
    answer = SolverOutput(status, bound=bound, error=error)
    judged, kept, priced, message = certify(PROBLEM, answer, solution, gap)
    assert (kept is None) == (priced is None), "a solution and its cost come together"
    return judged, None if priced is None else priced.total, message


def test_optimal_answer_with_a_closed_gap_is_optimal() -> None:
    """What the solver says stands if the evidence supports it."""
    assert certificate(Status.OPTIMAL) == (Status.OPTIMAL, COST, None)
    assert certificate(Status.OPTIMAL, bound=24.0, gap=0.04) == (Status.OPTIMAL, COST, None)


def test_infeasible_solution_is_an_error() -> None:
    """A solution that violates a constraint does not count, and the constraint is named."""
    status, cost, error = certificate(Status.OPTIMAL, OVERLOADED, bound=1.0, gap=1.0)
    assert (status, cost) == (Status.ERROR, None)
    assert error is not None
    assert "(4)" in error
    assert "(3)" in error


@pytest.mark.parametrize("status", [Status.OPTIMAL, Status.TIME_LIMIT])
def test_bound_above_the_cost_is_an_error(status: Status) -> None:
    """A bound that a feasible solution undercuts is none."""
    judged, cost, error = certificate(status, bound=COST + 0.01)
    assert (judged, cost) == (Status.ERROR, None)
    assert error is not None
    assert "bound" in error


def test_bound_above_the_cost_by_rounding_is_none() -> None:
    """Sums in another order may differ in the last digits."""
    assert certificate(Status.OPTIMAL, bound=COST * (1 + 1e-12))[0] is Status.OPTIMAL


@pytest.mark.parametrize("bound", [24.0, 0.0, None])
def test_optimal_answer_with_an_open_gap_is_an_error(bound: float | None) -> None:
    """Called optimal, but the bound does not prove it to the gap asked for."""
    status, cost, error = certificate(Status.OPTIMAL, bound=bound)
    assert (status, cost) == (Status.ERROR, None)
    assert error is not None
    assert "optimal" in error


@pytest.mark.parametrize("status", [Status.OPTIMAL, Status.TIME_LIMIT])
def test_status_that_needs_a_solution_is_an_error_without_one(status: Status) -> None:
    """Optimal, or a time limit with an incumbent, without a solution is a contradiction."""
    judged, cost, error = certificate(status, solution=None)
    assert (judged, cost) == (Status.ERROR, None)
    assert error is not None
    assert "without a solution" in error


@pytest.mark.parametrize("status", [Status.INFEASIBLE, Status.NO_SOLUTION, Status.ERROR])
def test_status_without_a_solution_passes_with_its_message(status: Status) -> None:
    """Where nothing can be checked, the solver's word and its message are passed on."""
    judged = certificate(status, solution=None, bound=None, error="out of memory")
    assert judged == (status, None, "out of memory")


@pytest.mark.parametrize("status", [Status.INFEASIBLE, Status.NO_SOLUTION])
def test_feasible_solution_refutes_that_there_is_none(status: Status) -> None:
    """An answer that denies the solution it carries is not passed on."""
    judged, _, _ = certificate(status, bound=None)
    assert judged is not status


def test_time_limit_with_a_closed_gap_is_optimal() -> None:
    """The evidence counts, not the reason why the solver stopped."""
    assert certificate(Status.TIME_LIMIT) == (Status.OPTIMAL, COST, None)
    assert certificate(Status.TIME_LIMIT, bound=24.0, gap=0.04) == (Status.OPTIMAL, COST, None)


@pytest.mark.parametrize("bound", [24.0, 0.0])
def test_time_limit_with_an_open_gap_keeps_its_solution(bound: float) -> None:
    """Stopped in time: the incumbent counts, but not as optimal."""
    assert certificate(Status.TIME_LIMIT, bound=bound) == (Status.TIME_LIMIT, COST, None)


def test_bound_below_zero_by_rounding_certifies_a_cost_of_zero() -> None:
    """A solution that costs nothing is optimal: a bound of -1e-12 must not divide by it."""
    free = replace(PROBLEM, inbound=[[0, 0]], outbound=np.zeros((2, 2)), fixed_cost=[0, 0])
    answer = SolverOutput(Status.OPTIMAL, bound=-1e-12)
    status, _, priced, error = certify(free, answer, BEST, 0.0)
    assert (status, error) == (Status.OPTIMAL, None)
    assert priced is not None
    assert priced.total == 0


@pytest.mark.parametrize(
    ("objective", "bound", "gap"), [(10, 8, 0.2), (10, 10, 0), (10, 10.1, 0), (10, 0, 1), (0, 0, 0)]
)
def test_gap_is_a_fraction_of_the_objective(objective: float, bound: float, gap: float) -> None:
    """The gap lies between 0 and 1, and is 0 at the bound."""
    assert relative_gap(objective, bound) == pytest.approx(gap)


@pytest.mark.parametrize("status", list(Status))
def test_result_without_a_solution_has_no_objective(status: Status) -> None:
    """No incumbent is None, never 0."""
    result = Result(status, "direct", "highs", "1", threads=1, bound=3.0)
    assert result.objective is None
    assert result.gap is None


class Scripted:
    """A backend that answers what it is told."""

    name = "scripted"
    version = "1"

    def __init__(self, answer: SolverOutput) -> None:
        self.answer = answer

    def why_unfit(self, program: Program) -> str | None:
        """Take every program."""
        return None

    def solve(self, program: Program, options: Options) -> SolverOutput:
        """Give the answer."""
        return self.answer


def solve_scripted(monkeypatch: pytest.MonkeyPatch, answer: SolverOutput) -> Result:
    """Solve the problem with a solver that gives this answer."""
    monkeypatch.setitem(select.BACKENDS, "highs", Scripted(answer))
    return solve(PROBLEM, Options(solver="highs", method="collapsed"))


def values(assignment: list[int], is_open: list[float]) -> np.ndarray:
    """Give the variables z, y of the collapsed model as a solver would."""
    return np.concatenate([np.eye(2)[assignment].ravel(), is_open])


def test_solver_that_rounds_within_its_tolerance_is_understood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Values a little off whole numbers become the exact solution and its exact cost."""
    answer = SolverOutput(Status.OPTIMAL, values([0, 1], [1, 1]) + 1e-7, bound=COST + 1e-6, nodes=3)
    result = solve_scripted(monkeypatch, answer)
    assert result.status is Status.OPTIMAL
    assert (result.solver, result.solver_version, result.nodes) == ("scripted", "1", 3)
    assert result.objective == COST
    # The solver's bound exceeds the cost by its own rounding: the result never shows that.
    assert result.bound == COST
    assert result.gap == 0


@pytest.mark.parametrize(
    ("assignment", "is_open", "family"),
    [([0, 0], [1, 0], "(4)"), ([0, 1], [1, 0], "(8)")],
)
def test_solver_that_lies_is_an_error(
    monkeypatch: pytest.MonkeyPatch, assignment: list[int], is_open: list[float], family: str
) -> None:
    """A wrong solution becomes an error that names the constraint, never a number."""
    result = solve_scripted(
        monkeypatch, SolverOutput(Status.OPTIMAL, values(assignment, is_open), bound=1.0)
    )
    assert result.status is Status.ERROR
    assert result.solution is None
    assert result.objective is None
    assert result.bound is None
    assert result.error is not None
    assert family in result.error


def test_incumbent_always_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A time limit before the solver's first bound leaves 0: no cost here is negative."""
    answer = SolverOutput(Status.TIME_LIMIT, values([0, 1], [1, 1]), bound=None)
    result = solve_scripted(monkeypatch, answer)
    assert result.status is Status.TIME_LIMIT
    assert result.objective == COST
    assert result.bound == 0
    assert result.gap == 1


def test_no_solution_keeps_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an incumbent there is no objective and no gap, but what was proven stays."""
    result = solve_scripted(monkeypatch, SolverOutput(Status.NO_SOLUTION, bound=20.0))
    assert result.status is Status.NO_SOLUTION
    assert (result.objective, result.bound, result.gap) == (None, 20.0, None)


def test_solver_that_fails_is_an_error_with_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of the solver is a result with its message."""
    result = solve_scripted(monkeypatch, SolverOutput(Status.ERROR, error="out of memory"))
    assert (result.status, result.error) == (Status.ERROR, "out of memory")
    assert result.objective is None


def test_solver_that_raises_unavailable_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing licence is the caller's business: an exception, not a result."""
    scripted = Scripted(SolverOutput(Status.ERROR))
    monkeypatch.setattr(scripted, "why_unfit", lambda program: "no licence here")
    monkeypatch.setitem(select.BACKENDS, "gurobi", scripted)
    with pytest.raises(SolverUnavailable, match=r"^no licence here$"):
        solve(PROBLEM, Options(solver="gurobi", method="collapsed"))
