"""A scaled program has the solutions of the original one, and no others within a tolerance."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.odd_problems import draw_odd_problem
from solvers.formulations import collapsed, direct
from solvers.formulations.formulation import Formulation, siting_values
from solvers.problem import Floats, Problem
from solvers.scaling import ROW_SIZES, ScaledProgram, scale
from solvers.solution import Solution, cost, violations
from solvers.transportation import solution_of, why_short

TOLERANCE = 1e-6
"""Feasibility tolerance of both solvers."""

ODD_PROBLEMS = [draw_odd_problem(7, number) for number in range(80)]
MAX_ASSIGNMENTS = 32
FINEST = max(ROW_SIZES)
"""In this scale, a tonne of billions is more than the tolerance."""


def solutions(problem: Problem) -> Iterator[Solution]:
    """Yield the cheapest solution with each of the first assignments, feasible or not."""
    assignments = itertools.product(range(problem.n_sites), repeat=problem.n_customers)
    for assignment in itertools.islice(assignments, MAX_ASSIGNMENTS):
        yield solution_of(problem, np.array(assignment))


def values_of(formulation: Formulation, problem: Problem, solution: Solution) -> Floats:
    """Return the values of the variables of a program for a solution."""
    siting = siting_values(problem, solution.assignment)
    if formulation is collapsed:
        return siting
    return np.concatenate([solution.flow.ravel(), siting])


def accepts(scaled: ScaledProgram, values: Floats) -> bool:
    """Return whether values of the original variables keep all rows and bounds for a solver."""
    program, values = scaled.program, values / scaled.unit
    activity = program.matrix @ values
    return bool(
        (values <= program.upper + TOLERANCE).all()
        and (activity >= program.row_lower - TOLERANCE).all()
        and (activity <= program.row_upper + TOLERANCE).all()
    )


@pytest.mark.parametrize("formulation", [collapsed, direct], ids=["collapsed", "direct"])
def test_scaled_program_accepts_exactly_the_feasible_solutions(formulation: Formulation) -> None:
    """In the finest scale, a solution is accepted if and only if it is feasible."""
    accepted = refused = 0
    for problem in ODD_PROBLEMS:
        inexact = formulation is collapsed and collapsed.why_inexact(problem) is not None
        if inexact or why_short(problem) is not None:
            continue
        program = formulation.formulate(problem)
        candidates = list(solutions(problem))
        feasible = [each for each in candidates if not violations(problem, each)]
        known_cost = max((cost(problem, each).total for each in feasible), default=np.inf)
        scaled = scale(program, known_cost, FINEST)
        for solution in candidates:
            values = values_of(formulation, problem, solution)
            is_feasible = not violations(problem, solution)
            assert accepts(scaled, values) == is_feasible
            accepted, refused = accepted + is_feasible, refused + (not is_feasible)
            if is_feasible:
                objective = scaled.program.cost @ (values / scaled.unit) / scaled.cost_factor
                assert objective == pytest.approx(cost(problem, solution).total, rel=1e-9)
    assert min(accepted, refused) > 100


@pytest.mark.parametrize("formulation", [collapsed, direct], ids=["collapsed", "direct"])
def test_scaled_program_keeps_a_solution_of_the_known_cost(formulation: Formulation) -> None:
    """With the cost of a solution as the known cost, that solution itself is still accepted."""
    for problem in ODD_PROBLEMS:
        inexact = formulation is collapsed and collapsed.why_inexact(problem) is not None
        if inexact or why_short(problem) is not None:
            continue
        for solution in itertools.islice(solutions(problem), 8):
            if not violations(problem, solution):
                program = formulation.formulate(problem)
                scaled = scale(program, cost(problem, solution).total)
                assert accepts(scaled, values_of(formulation, problem, solution))


@pytest.mark.parametrize("formulation", [collapsed, direct], ids=["collapsed", "direct"])
def test_coefficients_of_a_scaled_program_are_small(formulation: Formulation) -> None:
    """No coefficient exceeds the range of a row, and no cost the known cost."""
    for problem in ODD_PROBLEMS:
        for row_size in ROW_SIZES:
            scaled = scale(formulation.formulate(problem), 1e3, row_size)
            assert (np.abs(scaled.program.matrix.data) <= row_size).all()
        assert (scaled.program.cost <= 1e3 * scaled.cost_factor * (1 + 1e-6)).all()


def test_program_of_moderate_numbers_is_not_changed() -> None:
    """Powers of two and bounds that change nothing would only make a solver take another path."""
    problem = Problem(
        inbound=[[1, 2.5], [4, 5]],
        outbound=[[7, 8], [1, 2], [4, 5]],
        demand=[30, 40, 50],
        capacity=[90, 110],
        fixed_cost=[100, 200],
        supply=[99_999_999, 99_999_999],
        alpha=2,
    )
    program = collapsed.formulate(problem)
    scaled = scale(program, known_cost=2_000.0)
    assert scaled.cost_factor == 1
    assert (scaled.unit == 1).all()
    assert (scaled.program.matrix != program.matrix).nnz == 0
    assert scaled.program.upper.tolist() == program.upper.tolist()
