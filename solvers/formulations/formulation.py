"""The interface of a formulation."""

from __future__ import annotations

from typing import Protocol

from solvers.formulations.program import Program
from solvers.problem import Floats, Problem
from solvers.solution import Solution


class Formulation(Protocol):
    """A model of the problem; the modules `direct` and `collapsed` of this package implement it."""

    NAME: str

    def formulate(self, problem: Problem) -> Program:
        """Write the problem as a mixed-integer program."""

    def solution_from_values(self, problem: Problem, values: Floats) -> Solution:
        """Return the solution for given values of the program's variables, shape (n,)."""
