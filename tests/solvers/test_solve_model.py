"""A whole model, solved by a backend with a given output: what becomes of that output."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from solvers import construction, native
from solvers.backends import gurobi, select
from solvers.backends.backend import SolverOutput, SolverUnavailable
from solvers.cross_check import lower_bound
from solvers.formulations.program import Program
from solvers.options import Options
from solvers.packing import NO_PACKING, Undecided
from solvers.problem import Problem
from solvers.progress import Report
from solvers.result import Result, Status
from solvers.solve import solve

PROBLEM = Problem(
    inbound=[[10, 10]],
    outbound=[[10, 40], [40, 10]],
    demand=[3, 4],
    capacity=[6, 7],
    fixed_cost=[50, 60],
    supply=[99_999_999],
    alpha=1,
)
OPTIMUM = 250.0
"""Optimal cost: 70 for raw material, 30 + 40 to the customers, 50 + 60 for the sites.

Scaling leaves a program of this cost as it is, so an output for it has the units of the data.
"""


class ScriptedBackend:
    """A backend that returns given outputs, the last one again and again."""

    name = "scripted"
    version = "1"

    def __init__(self, *outputs: SolverOutput) -> None:
        self.outputs = list(outputs)

    def description(self) -> str:
        """Return name and version."""
        return "scripted 1"

    def why_unfit(self, program: Program) -> str | None:
        """Return None: every program is supported."""
        return None

    def solve(
        self, program: Program, options: Options, report: Report | None = None
    ) -> SolverOutput:
        """Return the next output."""
        return self.outputs.pop(0) if len(self.outputs) > 1 else self.outputs[0]


def solve_with_output(
    monkeypatch: pytest.MonkeyPatch, *outputs: SolverOutput, problem: Problem = PROBLEM
) -> Result:
    """Solve a problem with a solver that returns these outputs."""
    backend = ScriptedBackend(*outputs)
    monkeypatch.setattr(select, "backend", lambda name: backend)
    return solve(problem, Options(solver="highs"))


def solver_values(assignment: list[int], is_open: list[float]) -> np.ndarray:
    """Return the values of z and y in the collapsed model, as a solver returns them."""
    return np.concatenate([np.eye(2)[assignment].ravel(), is_open])


def test_values_within_the_tolerance_of_a_solver_become_an_exact_solution(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Values close to whole numbers give the exact solution and its exact cost."""
    output = SolverOutput(
        Status.OPTIMAL, solver_values([0, 1], [1, 1]) + 1e-7, bound=OPTIMUM + 1e-6, nodes=3
    )
    result = solve_with_output(monkeypatch, output)
    assert result.status is Status.OPTIMAL
    assert (result.solver, result.solver_version, result.nodes) == ("scripted", "1", 3)
    assert result.objective == OPTIMUM
    # The solver's bound exceeds the cost by rounding; the bound of the result does not.
    assert result.bound == OPTIMUM
    assert result.gap == 0


def test_wrong_solution_is_replaced_by_the_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven tonnes at a site of six: the known solution remains, and the reason names (4)."""
    output = SolverOutput(Status.OPTIMAL, solver_values([0, 0], [1, 0]), bound=1.0)
    result = solve_with_output(monkeypatch, output)
    assert result.status is Status.TIME_LIMIT
    assert result.objective == OPTIMUM
    assert result.fallback_reason is not None
    assert "its solution fails the check: " in result.fallback_reason
    assert "(4)" in result.fallback_reason


def test_the_assignment_alone_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site that serves a customer is open, and no other one, whatever y says."""
    output = SolverOutput(Status.OPTIMAL, solver_values([0, 1], [1, 0]), bound=OPTIMUM)
    result = solve_with_output(monkeypatch, output)
    assert (result.status, result.objective) == (Status.OPTIMAL, OPTIMUM)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (SolverOutput(Status.INFEASIBLE), "status infeasible, but a solution of cost 250.0 exists"),
        (
            SolverOutput(Status.OPTIMAL, solver_values([0, 1], [1, 1]), bound=OPTIMUM + 10),
            "bound 260.0 exceeds the cost 250.0 of a solution",
        ),
        (
            SolverOutput(Status.OPTIMAL, solver_values([0, 1], [1, 1]), bound=1.0),
            "status optimal, but cost 250.0 and bound ",
        ),
    ],
)
def test_wrong_proof_is_not_passed_on(
    monkeypatch: pytest.MonkeyPatch, output: SolverOutput, reason: str
) -> None:
    """What a solution refutes becomes a solution with an independent bound, and a reason."""
    result = solve_with_output(monkeypatch, output)
    assert result.status is Status.TIME_LIMIT
    assert result.objective == OPTIMUM
    assert result.bound is not None
    assert 0 < result.bound < OPTIMUM
    assert result.fallback_reason is not None
    assert result.fallback_reason.startswith(f"scripted: {reason}")


@pytest.mark.parametrize("status", [Status.INFEASIBLE, Status.ERROR])
def test_second_scale_may_bring_the_proof(monkeypatch: pytest.MonkeyPatch, status: Status) -> None:
    """After a wrong output the program is solved in another scale; a right one then counts."""
    wrong = SolverOutput(status)
    right = SolverOutput(Status.OPTIMAL, solver_values([0, 1], [1, 1]), bound=OPTIMUM)
    result = solve_with_output(monkeypatch, wrong, right)
    assert (result.status, result.objective, result.bound) == (Status.OPTIMAL, OPTIMUM, OPTIMUM)
    assert result.fallback_reason is None


@pytest.mark.parametrize(
    ("capacity", "fits_search", "status", "reason"),
    [
        (6, True, Status.INFEASIBLE, None),
        (6, False, Status.NO_SOLUTION, "status infeasible, which no other argument proves"),
        (7, True, Status.TIME_LIMIT, "status infeasible, but a solution of cost "),
    ],
)
def test_infeasible_needs_a_second_proof(
    monkeypatch: pytest.MonkeyPatch,
    capacity: float,
    fits_search: bool,
    status: Status,
    reason: str | None,
) -> None:
    """Customers of 3, 4 and 4 t in two sites: if the packing is undecided, the search decides."""

    def undecided(problem: Problem) -> None:
        raise Undecided

    monkeypatch.setattr(construction, "assign_cheaply", lambda *arguments: None)
    monkeypatch.setattr(construction, "find_packing", undecided)
    if not fits_search:
        monkeypatch.setattr(native, "why_unfit", lambda problem: "too large")
    problem = replace(
        PROBLEM, outbound=[[1, 1]] * 3, demand=[3, 4, 4], capacity=[capacity, capacity]
    )
    result = solve_with_output(monkeypatch, SolverOutput(Status.INFEASIBLE), problem=problem)
    assert result.status is status
    if reason is None:
        assert result.fallback_reason is None
        assert result.error == NO_PACKING
    else:
        assert result.fallback_reason is not None
        assert result.fallback_reason.startswith(f"scripted: {reason}")


def test_incumbent_at_the_time_limit_is_at_most_the_known_cost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The cheaper of the solver's solution and the known one is kept; no limit finds nothing."""
    result = solve_with_output(monkeypatch, SolverOutput(Status.NO_SOLUTION, bound=210.0))
    assert result.status is Status.TIME_LIMIT
    assert (result.objective, result.bound) == (OPTIMUM, 210.0)


def test_incumbent_always_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A time limit before the solver's first bound leaves the bound that no solver computed."""
    output = SolverOutput(Status.TIME_LIMIT, solver_values([0, 1], [1, 1]), bound=None)
    result = solve_with_output(monkeypatch, output)
    assert result.status is Status.TIME_LIMIT
    assert result.objective == OPTIMUM
    assert result.bound == pytest.approx(lower_bound(PROBLEM))


def test_failure_of_the_solver_is_an_error_with_its_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A solver that fails gives a result with status error and its message."""
    result = solve_with_output(monkeypatch, SolverOutput(Status.ERROR, error="out of memory"))
    assert (result.status, result.error) == (Status.ERROR, "out of memory")
    assert result.objective is None


def test_unavailable_solver_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing licence raises an exception; it does not become a result."""
    backend = ScriptedBackend(SolverOutput(Status.ERROR))
    monkeypatch.setattr(backend, "why_unfit", lambda program: "no licence here")
    monkeypatch.setattr(select, "backend", lambda name: backend)
    with pytest.raises(SolverUnavailable, match=r"^no licence here$"):
        solve(PROBLEM, Options(solver="gurobi"))


def test_reasons_of_both_fallbacks_are_kept(
    one_site: Callable[[int], Problem], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If neither the model nor the solver is the first choice, the result has both reasons."""
    monkeypatch.setattr(gurobi, "why_unfit", lambda program: "no licence here")
    binding = Problem(
        inbound=[[1]],
        outbound=[[1]],
        demand=[2],
        capacity=[2],
        fixed_cost=[5],
        supply=[3],
        alpha=2,
    )
    result = solve(binding, Options(solver="mip"))
    assert (result.method, result.solver) == ("direct", "highs")
    assert result.fallback_reason == "1 of 1 sources may bind; no licence here"
    assert solve(one_site(1), Options(solver="mip")).fallback_reason == "no licence here"
