"""The collapsed model, compared with its formulas written as loops, and when it is exact."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solvers.formulations import collapsed
from solvers.problem import Problem
from tests.solvers.formulations.named_program import NamedProgram, add_siting, by_names

LAW = settings(deadline=None, derandomize=True, max_examples=60)
ROUNDING = 1e-9


def collapsed_formulas(problem: Problem) -> NamedProgram:
    """Return the collapsed model: cost d_k (c_kj + alpha min_i t_ij), and (2), (3), (4), (8)."""
    program = NamedProgram()
    for k in range(problem.n_customers):
        for j in range(problem.n_sites):
            tau = min(problem.inbound[i, j] for i in range(problem.n_sources))
            unit_cost = problem.outbound[k, j] + problem.alpha * tau
            program.add(f"z_{k + 1}_{j + 1}", problem.demand[k] * unit_cost, 1.0, True)
    for j in range(problem.n_sites):
        program.add(f"y_{j + 1}", problem.fixed_cost[j], 1.0, True)
    add_siting(program, problem)
    return program


@given(problem=st.from_type(Problem))
@LAW
def test_collapsed_model_is_single_source_facility_location(problem: Problem) -> None:
    """Every coefficient, bound and variable type of the collapsed model is as in its formulas."""
    assert by_names(collapsed.formulate(problem)) == collapsed_formulas(problem)


@given(problem=st.from_type(Problem))
@settings(LAW, max_examples=120)
def test_collapse_called_exact_overdraws_no_source(problem: Problem) -> None:
    """If `why_inexact` gives no reason, no assignment within capacities overdraws a source."""
    assume(collapsed.why_inexact(problem) is None)
    cheapest = problem.inbound.argmin(axis=0)
    for i in range(problem.n_sources):
        sites = cheapest == i
        # The largest total load of whole customers on these sites, from their subset sums.
        sums = {0}
        for d in problem.demand:
            sums |= {s + int(d) for s in sums}
        largest_load = max(s for s in sums if s <= problem.capacity[sites].sum())
        assert problem.alpha * largest_load <= problem.supply[i] * (1 + ROUNDING)
