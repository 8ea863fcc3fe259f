"""A hard program, and a fixture for tests of Gurobi's restricted licence."""

import pytest

from solvers.backends import gurobi
from solvers.backends.backend import SolverUnavailable
from solvers.formulations import collapsed
from solvers.formulations.program import Program
from solvers.problem import Problem


@pytest.fixture(scope="session")
def hard_program(hard_problem: Problem) -> Program:
    """Return the collapsed model of the hard problem."""
    return collapsed.formulate(hard_problem)


@pytest.fixture
def restricted() -> None:
    """Skip unless Gurobi runs here under the restricted licence of its package."""
    try:
        licence = gurobi.licence()
    except SolverUnavailable as error:
        pytest.skip(str(error))
    if not licence.restricted:
        pytest.skip(f"Gurobi has another licence here: {licence}")
