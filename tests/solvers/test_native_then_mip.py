"""The native search and a MIP solver together: what is handed over, and how bounds combine."""

from collections.abc import Callable

import numpy as np
import pytest

from solvers import native, native_then_mip
from solvers.backends import select
from solvers.backends.backend import SolverOutput
from solvers.formulations import collapsed
from solvers.formulations.program import Program
from solvers.native.model.parameters import RootParameters, SearchParameters
from solvers.options import Options
from solvers.problem import Problem
from solvers.progress import Report
from solvers.result import Result, Status
from solvers.solve import solve

Network = Callable[..., Problem]

UNPROVEN_SEEDS = (0, 1, 3, 5, 6, 7)
"""Seeds of problems that the search does not prove at its root node."""


@pytest.fixture
def small_problem(network: Network) -> Problem:
    """Return a feasible problem of 4 sites and 9 customers."""
    return network(2, 4, 9, tightness=1.5, alpha=2.0, seed=1)


SHORT_SEARCH = SearchParameters(root=RootParameters(rounds=1), few_pairs_time_share=0)
"""So little time and so few rounds for the search that HiGHS gets the rest."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", UNPROVEN_SEEDS)
def test_search_and_solver_together_prove_the_optimum(network: Network, seed: int) -> None:
    """If the search leaves something, the result equals that of the MIP solver alone."""
    problem = network(3, 8, 20, tightness=1.15, alpha=(2.0, 20.0)[seed % 2], seed=seed)
    exact = solve(problem, Options(solver="highs", gap=0))
    result = solve(problem, Options(solver="native", gap=0), parameters=SHORT_SEARCH)
    assert (result.method, result.solver) == ("native+collapsed", "highs")
    assert result.status is Status.OPTIMAL, result.error
    assert result.objective == pytest.approx(exact.objective, rel=1e-8)
    assert result.bound == pytest.approx(exact.objective, rel=1e-8)


def test_restriction_keeps_only_the_remaining_pairs(small_problem: Problem) -> None:
    """All other pairs, and sites without a remaining pair, are fixed at 0."""
    program = collapsed.formulate(small_problem)
    remaining = np.zeros((small_problem.n_customers, small_problem.n_sites), dtype=bool)
    remaining[:, 0] = True
    outcome = native.Outcome(Status.TIME_LIMIT, None, None, 0, remaining, 1.0)
    restricted = native_then_mip.restrict(small_problem, program, outcome)
    free = {name for name, upper in zip(program.columns, restricted.upper, strict=True) if upper}
    assert free == {"y_1"} | {f"z_{k + 1}_1" for k in range(small_problem.n_customers)}


def result_of(status: Status, problem: Problem, has_solution: bool, bound: float | None) -> Result:
    """Return a result with the given status and bound, with the optimum as solution or without."""
    best = solve(problem, Options(solver="highs", gap=0))
    assert best.solution is not None
    assert best.cost is not None
    solution = best.solution if has_solution else None
    return Result(status, "x", "highs", "1", 1, None, solution, best.cost, bound)


@pytest.mark.parametrize(
    ("mip_status", "bound", "cutoff", "expected"),
    [
        (Status.OPTIMAL, 1.0, 0.9, 0.9),  # the optimum may use pairs that were fixed at 0
        (Status.OPTIMAL, 0.95, 0.99, 0.95),
        (Status.INFEASIBLE, None, 0.99, 0.99),
        (Status.TIME_LIMIT, 0.1, 0.99, 0.5),  # the search's own bound is better
    ],
)
def test_bound_of_the_restricted_program_counts_only_up_to_the_cutoff(
    small_problem: Problem,
    mip_status: Status,
    bound: float | None,
    cutoff: float,
    expected: float,
) -> None:
    """The combined bound is valid for the whole problem; all bounds as fractions of the optimum."""
    options = Options(gap=0)
    optimum = solve(small_problem, Options(solver="highs", gap=0)).objective
    assert optimum is not None
    of_search = result_of(Status.TIME_LIMIT, small_problem, True, 0.5 * optimum)
    mip_bound = None if bound is None else bound * optimum
    of_mip = result_of(mip_status, small_problem, bound is not None, mip_bound)
    both = native_then_mip.combine(small_problem, options, of_search, of_mip, cutoff * optimum)
    assert both.bound == pytest.approx(expected * optimum)
    assert both.objective == pytest.approx(optimum)
    assert both.status is Status.TIME_LIMIT


def test_failure_of_the_solver_keeps_what_the_search_proved(
    monkeypatch: pytest.MonkeyPatch, hard_problem: Problem
) -> None:
    """Incumbent and bound of the search stay in the result, which reports the failure."""

    class Failing:
        name, version = "failing", "1"

        def why_unfit(self, program: Program) -> str | None:
            return None

        def solve(
            self, program: Program, options: Options, report: Report | None = None
        ) -> SolverOutput:
            return SolverOutput(Status.ERROR, error="out of memory")

    monkeypatch.setattr(select, "backend", lambda name: Failing())
    result = solve(hard_problem, Options(solver="native"), parameters=SHORT_SEARCH)
    assert result.status is Status.TIME_LIMIT
    assert result.solution is not None
    assert result.fallback_reason == "failing: out of memory"
