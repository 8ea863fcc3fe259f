"""HiGHS: the translation of its status, and MPS files."""

from dataclasses import replace
from pathlib import Path

import gurobipy
import highspy
import pytest

from solvers.backends import gurobi, highs
from solvers.formulations import collapsed, direct
from solvers.formulations.formulation import Formulation
from solvers.formulations.program import Program
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Status
from solvers.solve import solve

PROBLEM = Problem(
    inbound=[[1, 2.5, 3], [4, 5, 6]],
    outbound=[[7, 8, 9], [1, 2, 3], [4, 5, 6.5], [3, 2, 1]],
    demand=[3, 4, 5, 6],
    capacity=[9, 12, 10],
    fixed_cost=[10, 20, 15],
    supply=[99_999_999, 99_999_999],
    alpha=2,
)


def test_time_limit_before_a_solution_is_no_solution(hard_program: Program) -> None:
    """A time limit without an incumbent becomes the status no solution."""
    model = highs.load(hard_program)
    model.setOptionValue("time_limit", 0.0)
    model.run()
    assert model.getModelStatus() == highspy.HighsModelStatus.kTimeLimit
    output = highs._output(model)
    assert output.status is Status.NO_SOLUTION
    assert output.values is None


def test_status_of_a_program_that_was_never_run_is_an_error(hard_program: Program) -> None:
    """A status without a translation is an error that names it."""
    output = highs._output(highs.load(hard_program))
    assert output.status is Status.ERROR
    assert output.error == "HiGHS: Not Set"


def optimum(problem: Problem) -> float:
    """Solve with HiGHS to gap 0."""
    objective = solve(problem, Options(solver="highs", model="direct", gap=0)).objective
    assert objective is not None
    return objective


@pytest.mark.parametrize("reader", ["highs", "gurobi"])
@pytest.mark.parametrize(
    ("formulation", "problem"),
    [
        (direct, PROBLEM),
        (collapsed, PROBLEM),
        (direct, replace(PROBLEM, alpha=2.5)),
        (direct, replace(PROBLEM, supply=[20, 30])),
    ],
    ids=["direct", "collapsed", "fractional", "binding"],
)
def test_mps_file_has_the_same_optimum(
    tmp_path: Path, reader: str, formulation: Formulation, problem: Problem
) -> None:
    """A solver reads the optimum, the names and the variable types of the program from its file."""
    program = formulation.formulate(problem)
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
    assert objective == pytest.approx(optimum(problem), rel=1e-9)
    assert columns == program.columns
    assert rows == set(program.rows)
    assert kinds == program.integer.tolist()


def test_mps_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A missing folder raises an error that names the file."""
    path = tmp_path / "missing" / "problem.mps"
    with pytest.raises(highs.HighsError, match=r"problem\.mps"):
        highs.write_mps(collapsed.formulate(PROBLEM), path)
