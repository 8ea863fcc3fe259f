"""A program with names instead of arrays, to compare a formulation with the paper's formulas."""

from dataclasses import dataclass, field

import numpy as np

from solvers.formulations.program import Program
from solvers.problem import Problem

Row = tuple[dict[str, float], float, float]
"""Coefficients by variable, lower and upper bound."""


@dataclass
class NamedProgram:
    """A program as dictionaries by the names of its variables and rows, as in the paper."""

    cost: dict[str, float] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    upper: dict[str, float] = field(default_factory=dict)
    integer: dict[str, bool] = field(default_factory=dict)

    def add(self, name: str, cost: float, upper: float, integer: bool) -> None:
        """Add a variable."""
        self.cost[name], self.upper[name], self.integer[name] = cost, upper, integer


def by_names(program: Program) -> NamedProgram:
    """Convert the arrays of a program to names."""
    named = NamedProgram()
    for j, name in enumerate(program.columns):
        named.add(name, float(program.cost[j]), float(program.upper[j]), bool(program.integer[j]))
    dense = program.matrix.toarray()
    for i, name in enumerate(program.rows):
        row = {program.columns[j]: float(dense[i, j]) for j in np.flatnonzero(dense[i])}
        named.rows[name] = (row, float(program.row_lower[i]), float(program.row_upper[i]))
    return named


def nonzero(row: dict[str, float]) -> dict[str, float]:
    """Drop coefficients of 0: a capacity or a supply may be 0."""
    return {name: float(value) for name, value in row.items() if value}


def add_siting(program: NamedProgram, problem: Problem) -> None:
    """Add the rows of (2), (3), (4) and (8)."""
    d, s = problem.demand, problem.capacity
    sites, customers = range(1, problem.n_sites + 1), range(1, problem.n_customers + 1)
    infinity = float("inf")
    for k in customers:
        program.rows[f"c2_{k}"] = ({f"z_{k}_{j}": 1.0 for j in sites}, 1.0, 1.0)
    total = float(sum(d))
    program.rows["c3_1"] = (nonzero({f"y_{j}": s[j - 1] for j in sites}), total, infinity)
    for j in sites:
        load = {f"z_{k}_{j}": d[k - 1] for k in customers}
        program.rows[f"c4_{j}"] = (nonzero(load | {f"y_{j}": -s[j - 1]}), -infinity, 0.0)
        for k in customers:
            row = {f"z_{k}_{j}": 1.0, f"y_{j}": -1.0}
            program.rows[f"c8_{k}_{j}"] = (row, -infinity, 0.0)
