"""The direct model, compared with (1)-(11) of the paper written as loops."""

from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.formulations import direct
from solvers.problem import Problem
from tests.solvers.formulations.named_program import NamedProgram, add_siting, by_names, nonzero

LAW = settings(deadline=None, derandomize=True, max_examples=60)


def paper_model(problem: Problem) -> NamedProgram:
    """Return (1)-(11), written with loops over the indices of the paper."""
    t, c, d, p = problem.inbound, problem.outbound, problem.demand, problem.supply
    sites, customers = range(1, problem.n_sites + 1), range(1, problem.n_customers + 1)
    sources = range(1, problem.n_sources + 1)
    whole = all(float(problem.alpha * int(tonnes)).is_integer() for tonnes in d)
    program = NamedProgram()
    for i in sources:
        for j in sites:
            program.add(f"x_{i}_{j}", t[i - 1, j - 1], float("inf"), whole)
    for k in customers:
        for j in sites:
            program.add(f"z_{k}_{j}", d[k - 1] * c[k - 1, j - 1], 1.0, True)
    for j in sites:
        program.add(f"y_{j}", problem.fixed_cost[j - 1], 1.0, True)
    add_siting(program, problem)
    infinity = float("inf")
    for i in sources:
        program.rows[f"c5_{i}"] = ({f"x_{i}_{j}": 1.0 for j in sites}, -infinity, p[i - 1])
        for j in sites:
            row = nonzero({f"x_{i}_{j}": 1, f"y_{j}": -p[i - 1]})
            program.rows[f"c7_{i}_{j}"] = (row, -infinity, 0.0)
    for j in sites:
        inflow = {f"x_{i}_{j}": 1.0 for i in sources}
        need = {f"z_{k}_{j}": -problem.alpha * float(d[k - 1]) for k in customers}
        program.rows[f"c6_{j}"] = (inflow | need, 0.0, 0.0)
    return program


@given(problem=st.from_type(Problem))
@LAW
def test_direct_model_is_the_model_of_the_paper(problem: Problem) -> None:
    """Every coefficient, bound and variable type of the direct model is that of (1)-(11)."""
    assert by_names(direct.formulate(problem)) == paper_model(problem)
