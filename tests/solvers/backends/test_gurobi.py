"""Gurobi: the restricted licence, and the translation of its status."""

from collections.abc import Callable

import gurobipy
import pytest

from solvers.backends import gurobi
from solvers.formulations import collapsed
from solvers.formulations.program import Program
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Status
from solvers.solve import solve

OneSite = Callable[[int], Problem]


@pytest.fixture
def licensed_program(hard_program: Program) -> Program:
    """Return the hard program; skip if no Gurobi licence here covers it."""
    if (reason := gurobi.why_unfit(hard_program)) is not None:
        pytest.skip(reason)
    return hard_program


@pytest.mark.usefixtures("restricted")
def test_model_of_exactly_2000_rows_fits_the_restricted_licence(one_site: OneSite) -> None:
    """The limit includes 2,000 rows: 999 customers and one site have 2 x 999 + 2 rows."""
    problem = one_site(999)
    assert collapsed.formulate(problem).n_rows == 2000
    result = solve(problem, Options(solver="gurobi"))
    # Each customer costs 2 x 1 + 1, the site 5.
    assert (result.status, result.solver, result.objective) == (Status.OPTIMAL, "gurobi", 3002)


@pytest.mark.usefixtures("restricted")
def test_restricted_licence_limits_variables_too(one_site: OneSite) -> None:
    """A model with few rows and 2,001 variables does not fit."""
    program = collapsed.formulate(one_site(1))
    assert gurobi.why_unfit(program) is None

    class TooManyVariables:
        n_variables, n_rows = 2001, 1

    class LargestAllowed:
        n_variables, n_rows = 2000, 2000

    reason = gurobi.why_unfit(TooManyVariables)  # type: ignore[arg-type]
    assert reason is not None
    assert "2,001 variables" in reason
    assert gurobi.why_unfit(LargestAllowed) is None  # type: ignore[arg-type]


def test_time_limit_before_a_solution_is_no_solution(licensed_program: Program) -> None:
    """A time limit without an incumbent becomes the status no solution."""
    with gurobi._load(licensed_program) as model:
        model.Params.TimeLimit = 0
        model.optimize()
        assert model.Status == gurobipy.GRB.TIME_LIMIT
        output = gurobi._output(model)
    assert output.status is Status.NO_SOLUTION
    assert output.values is None


def test_status_of_a_model_that_was_never_optimised_is_an_error(licensed_program: Program) -> None:
    """A status without a translation is an error that names it."""
    with gurobi._load(licensed_program) as model:
        model.update()
        output = gurobi._output(model)
    assert output.status is Status.ERROR
    assert output.error == f"Gurobi: unexpected status {gurobipy.GRB.LOADED}"
