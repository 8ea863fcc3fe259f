"""Sizes of the programs of both formulations, and assignments read from their variables."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.formulations import collapsed, direct
from solvers.formulations.formulation import (
    Formulation,
    assignment_from_values,
    siting_values,
)
from solvers.problem import Problem
from solvers.solution import cost

LAW = settings(deadline=None, derandomize=True, max_examples=60)

PROBLEM = Problem(
    inbound=[[1, 2.5, 3], [4, 5, 6]],
    outbound=[[7, 8, 9], [1, 2, 3], [4, 5, 6.5], [3, 2, 1]],
    demand=[3, 4, 5, 6],
    capacity=[9, 12, 10],
    fixed_cost=[10, 20, 15],
    supply=[99_999_999, 99_999_999],
    alpha=2,
)


@given(problem=st.from_type(Problem))
@LAW
def test_programs_have_the_sizes_of_the_formulas(problem: Problem) -> None:
    """The direct model has I J + K J + J variables, the collapsed one K J + J; names are unique."""
    i, j, k = problem.n_sources, problem.n_sites, problem.n_customers
    siting_rows = k + 1 + j + k * j
    sizes = {
        direct: (i * j + k * j + j, siting_rows + i + j + i * j),
        collapsed: (k * j + j, siting_rows),
    }
    for formulation, (variables, rows) in sizes.items():
        program = formulation.formulate(problem)
        assert (program.n_variables, program.n_rows) == (variables, rows)
        assert program.matrix.shape == (rows, variables)
        assert program.matrix.has_sorted_indices
        for values in (program.cost, program.upper, program.integer, program.columns):
            assert len(values) == variables
        for values in (program.row_lower, program.row_upper, program.rows):
            assert len(values) == rows
        assert len(set(program.columns)) == variables
        assert len(set(program.rows)) == rows


@pytest.mark.parametrize("formulation", [direct, collapsed], ids=["direct", "collapsed"])
def test_values_of_a_solution_give_its_assignment_back(formulation: Formulation) -> None:
    """Values of x, z and y in the order of the columns give the assignment they stand for."""
    assignment = np.array([1, 0, 2, 1])
    solution = collapsed.expand(PROBLEM, np.array([True, True, True]), assignment)
    value = {f"z_{k + 1}_{j + 1}": 1.0 for k, j in enumerate(assignment)}
    value |= {f"y_{j + 1}": 1.0 for j in range(3)}
    value |= {f"x_{i + 1}_{j + 1}": solution.flow[i, j] for i in range(2) for j in range(3)}
    program = formulation.formulate(PROBLEM)
    values = np.array([value.get(name, 0.0) for name in program.columns])
    nearly = values + np.where(values > 0, -1e-6, 1e-6)
    assert assignment_from_values(PROBLEM, nearly).tolist() == assignment.tolist()
    siting = siting_values(PROBLEM, assignment)
    assert values[-len(siting) :].tolist() == siting.tolist()
    # The same values satisfy the rows, and the objective is the cost of the solution.
    activity = program.matrix @ values
    assert (activity >= program.row_lower).all()
    assert (activity <= program.row_upper).all()
    assert program.cost @ values == pytest.approx(cost(PROBLEM, solution).total, rel=1e-12)
