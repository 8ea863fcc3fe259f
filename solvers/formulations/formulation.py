"""The interface of a formulation, and how its variables mean an assignment."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from solvers.formulations.program import Program
from solvers.problem import Floats, Integers, Problem
from solvers.solution import Solution


class Formulation(Protocol):
    """A model of the problem; the modules `direct` and `collapsed` of this package implement it.

    The last variables of its programs are z_kj, the site running fastest, and y_j.
    """

    NAME: str

    def formulate(self, problem: Problem) -> Program:
        """Write the problem as a mixed-integer program."""


def assignment_from_values(problem: Problem, values: Floats) -> Integers:
    """Return the site of each customer, shape (K,), from values of the variables, shape (n,).

    The values of z_kj are whole only up to the tolerance of a solver: the largest one counts.
    """
    sites, customers = problem.n_sites, problem.n_customers
    z = values[-(customers + 1) * sites : -sites].reshape(customers, sites)
    assignment: Integers = z.argmax(axis=1)
    return assignment


def siting_values(problem: Problem, assignment: Integers) -> Floats:
    """Return the values of z and y, shape (K J + J,), for an assignment, shape (K,)."""
    z = np.zeros((problem.n_customers, problem.n_sites))
    z[np.arange(problem.n_customers), assignment] = 1
    return np.concatenate([z.ravel(), z.max(axis=0)])


def values_of(problem: Problem, program: Program, solution: Solution) -> Floats:
    """Return the values of a program's variables, shape (n,), for a solution.

    The flows are left out where the program has no variables for them.
    """
    siting = siting_values(problem, solution.assignment)
    has_flows = program.n_variables > len(siting)
    return np.concatenate([solution.flow.ravel(), siting]) if has_flows else siting
