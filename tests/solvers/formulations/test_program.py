"""The sparse arrays of both models, against the paper's formulas written out as loops."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

import gurobipy
import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.backends import gurobi, highs
from solvers.formulations import collapsed, direct
from solvers.formulations.program import Program
from solvers.options import Options
from solvers.problem import Problem
from solvers.solve import solve

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

Row = tuple[dict[str, float], float, float]
"""Coefficients by variable, lower and upper bound."""


@dataclass
class Written:
    """A program by names: what a person would write down from the paper."""

    cost: dict[str, float] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    upper: dict[str, float] = field(default_factory=dict)
    integer: dict[str, bool] = field(default_factory=dict)

    def add(self, name: str, cost: float, upper: float, integer: bool) -> None:
        """Add a variable."""
        self.cost[name], self.upper[name], self.integer[name] = cost, upper, integer


def by_names(program: Program) -> Written:
    """Take a program's arrays apart."""
    written = Written()
    for j, name in enumerate(program.columns):
        written.add(name, float(program.cost[j]), float(program.upper[j]), bool(program.integer[j]))
    dense = program.matrix.toarray()
    for i, name in enumerate(program.rows):
        row = {program.columns[j]: float(dense[i, j]) for j in np.flatnonzero(dense[i])}
        written.rows[name] = (row, float(program.row_lower[i]), float(program.row_upper[i]))
    return written


def nonzero(row: dict[str, float]) -> dict[str, float]:
    """Drop coefficients of 0: a capacity or a supply may be nothing."""
    return {name: float(value) for name, value in row.items() if value}


def write_siting(written: Written, problem: Problem) -> None:
    """Write (2), (3), (4) and (8)."""
    d, s = problem.demand, problem.capacity
    sites, customers = range(1, problem.n_sites + 1), range(1, problem.n_customers + 1)
    infinity = float("inf")
    for k in customers:
        written.rows[f"c2_{k}"] = ({f"z_{k}_{j}": 1.0 for j in sites}, 1.0, 1.0)
    total = float(sum(d))
    written.rows["c3_1"] = (nonzero({f"y_{j}": s[j - 1] for j in sites}), total, infinity)
    for j in sites:
        load = {f"z_{k}_{j}": d[k - 1] for k in customers}
        written.rows[f"c4_{j}"] = (nonzero(load | {f"y_{j}": -s[j - 1]}), -infinity, 0.0)
        for k in customers:
            row = {f"z_{k}_{j}": 1.0, f"y_{j}": -1.0}
            written.rows[f"c8_{k}_{j}"] = (row, -infinity, 0.0)


def write_direct(problem: Problem) -> Written:
    """Write (1)-(11) with loops over the indices of the paper."""
    t, c, d, p = problem.inbound, problem.outbound, problem.demand, problem.supply
    sites, customers = range(1, problem.n_sites + 1), range(1, problem.n_customers + 1)
    sources = range(1, problem.n_sources + 1)
    whole = all(float(problem.alpha * int(tonnes)).is_integer() for tonnes in d)
    written = Written()
    for i in sources:
        for j in sites:
            written.add(f"x_{i}_{j}", t[i - 1, j - 1], float("inf"), whole)
    for k in customers:
        for j in sites:
            written.add(f"z_{k}_{j}", d[k - 1] * c[k - 1, j - 1], 1.0, True)
    for j in sites:
        written.add(f"y_{j}", problem.fixed_cost[j - 1], 1.0, True)
    write_siting(written, problem)
    infinity = float("inf")
    for i in sources:
        written.rows[f"c5_{i}"] = ({f"x_{i}_{j}": 1.0 for j in sites}, -infinity, p[i - 1])
        for j in sites:
            row = nonzero({f"x_{i}_{j}": 1, f"y_{j}": -p[i - 1]})
            written.rows[f"c7_{i}_{j}"] = (row, -infinity, 0.0)
    for j in sites:
        inflow = {f"x_{i}_{j}": 1.0 for i in sources}
        need = {f"z_{k}_{j}": -problem.alpha * float(d[k - 1]) for k in customers}
        written.rows[f"c6_{j}"] = (inflow | need, 0.0, 0.0)
    return written


def write_collapsed(problem: Problem) -> Written:
    """Write the collapsed model: cost d_k (c_kj + alpha min_i t_ij), and (2), (3), (4), (8)."""
    written = Written()
    for k in range(problem.n_customers):
        for j in range(problem.n_sites):
            tau = min(problem.inbound[i, j] for i in range(problem.n_sources))
            unit = problem.outbound[k, j] + problem.alpha * tau
            written.add(f"z_{k + 1}_{j + 1}", problem.demand[k] * unit, 1.0, True)
    for j in range(problem.n_sites):
        written.add(f"y_{j + 1}", problem.fixed_cost[j], 1.0, True)
    write_siting(written, problem)
    return written


@given(problem=st.from_type(Problem))
@LAW
def test_direct_model_is_that_of_the_paper(problem: Problem) -> None:
    """Every coefficient, bound and type of the direct model is that of (1)-(11)."""
    assert by_names(direct.formulate(problem)) == write_direct(problem)


@given(problem=st.from_type(Problem))
@LAW
def test_collapsed_model_is_single_source_location(problem: Problem) -> None:
    """Every coefficient, bound and type of the collapsed model is as its formulas say."""
    assert by_names(collapsed.formulate(problem)) == write_collapsed(problem)


@given(problem=st.from_type(Problem))
@LAW
def test_sizes_are_those_of_the_formulas(problem: Problem) -> None:
    """The direct model has I J + K J + J variables, the collapsed one K J + J; names are unique."""
    i, j, k = problem.n_sources, problem.n_sites, problem.n_customers
    siting_rows = k + 1 + j + k * j
    sizes = {
        direct: (i * j + k * j + j, siting_rows + i + j + i * j),
        collapsed: (k * j + j, siting_rows),
    }
    for model, (variables, rows) in sizes.items():
        program = model.formulate(problem)
        assert (program.n_variables, program.n_rows) == (variables, rows)
        assert program.matrix.shape == (rows, variables)
        assert program.matrix.has_sorted_indices
        for length in (program.cost, program.upper, program.integer, program.columns):
            assert len(length) == variables
        for length in (program.row_lower, program.row_upper, program.rows):
            assert len(length) == rows
        assert len(set(program.columns)) == variables
        assert len(set(program.rows)) == rows


@pytest.mark.parametrize("model", [direct, collapsed], ids=["direct", "collapsed"])
def test_reading_a_program_s_values_gives_the_solution_back(model: ModuleType) -> None:
    """The values of x, z and y, written in the order of the columns, are read as they were."""
    assignment = np.array([1, 0, 2, 1])
    solution = collapsed.expand(PROBLEM, np.array([True, True, True]), assignment)
    value = {f"z_{k + 1}_{j + 1}": 1.0 for k, j in enumerate(assignment)}
    value |= {f"y_{j + 1}": 1.0 for j in range(3)}
    value |= {f"x_{i + 1}_{j + 1}": solution.flow[i, j] for i in range(2) for j in range(3)}
    program = model.formulate(PROBLEM)
    values = np.array([value.get(name, 0.0) for name in program.columns])
    read = model.read(PROBLEM, values)
    assert read.assignment.tolist() == assignment.tolist()
    assert read.is_open.tolist() == [True, True, True]
    assert read.flow.tolist() == solution.flow.tolist()
    # The same values satisfy the rows, and cost what the solution costs.
    activity = program.matrix @ values
    assert (activity >= program.row_lower).all()
    assert (activity <= program.row_upper).all()


def optimum_of(problem: Problem) -> float:
    """Solve with HiGHS to gap 0."""
    objective = solve(problem, Options(solver="highs", gap=0)).objective
    assert objective is not None
    return objective


@pytest.mark.parametrize("reader", ["highs", "gurobi"])
@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (direct, PROBLEM),
        (collapsed, PROBLEM),
        (direct, replace(PROBLEM, alpha=2.5)),
        (direct, replace(PROBLEM, supply=[20, 30])),
    ],
    ids=["direct", "collapsed", "fractional", "binding"],
)
def test_mps_file_has_the_same_optimum(
    tmp_path: Path, reader: str, model: ModuleType, problem: Problem
) -> None:
    """A solver that reads the MPS file finds the optimum of the problem, under the same names."""
    program = model.formulate(problem)
    path = tmp_path / "problem.mps"
    highs.write_mps(program, path)
    if reader == "gurobi":
        if (reason := gurobi.why_unfit(program)) is not None:
            pytest.skip(reason)
        with gurobipy.read(str(path), env=gurobi.environment()) as loaded:
            loaded.Params.MIPGap = 0
            loaded.optimize()
            objective = loaded.ObjVal
            columns = tuple(variable.VarName for variable in loaded.getVars())
            rows = {row.ConstrName for row in loaded.getConstrs()}
            kinds = [variable.VType != "C" for variable in loaded.getVars()]
    else:
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("mip_rel_gap", 0.0)
        assert solver.readModel(str(path)) == highspy.HighsStatus.kOk
        solver.run()
        objective = solver.getInfo().objective_function_value
        lp = solver.getLp()
        columns, rows = tuple(lp.col_names_), set(lp.row_names_)
        kinds = [kind != highspy.HighsVarType.kContinuous for kind in lp.integrality_]
    assert objective == pytest.approx(optimum_of(problem), rel=1e-9)
    assert columns == program.columns
    assert rows == set(program.rows)
    assert kinds == program.integer.tolist()


def test_mps_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A folder that is not there is named, not passed over."""
    path = tmp_path / "missing" / "problem.mps"
    with pytest.raises(highs.HighsError, match=r"problem\.mps"):
        highs.write_mps(collapsed.formulate(PROBLEM), path)
