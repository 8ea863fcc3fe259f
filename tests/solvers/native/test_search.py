"""The native search as a whole: its proofs, its limits, and what it hands over."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvers import native, native_then_mip
from solvers.backends import select
from solvers.backends.backend import SolverOutput
from solvers.formulations import collapsed
from solvers.formulations.program import Program
from solvers.native import root
from solvers.native.dive import dive
from solvers.native.large_neighbourhood_search import large_neighbourhood_search
from solvers.native.model.incumbent import VALUE, Incumbent, cost_of
from solvers.native.model.instance import make_problem_data
from solvers.native.model.node import propagate
from solvers.native.model.problem_data import FREE, OPEN
from solvers.native.root import initial_multipliers
from solvers.native.tree.branch_and_bound import make_search_state
from solvers.native.tree.node_workspace import make_node_workspace
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.solution import violations
from solvers.solve import solve

Network = Callable[..., Problem]
BruteForce = Callable[[Problem], float | None]

LAW = settings(
    deadline=None,
    derandomize=True,
    max_examples=80,
    suppress_health_check=[HealthCheck.too_slow],
)
UNLIMITED = 1e12
KINDS = ("tight", "equal", "small", "large customers", "free", "loose")


def draw(seed: int) -> Problem:
    """Draw a problem of up to 6 sites and 12 customers, in turn of each kind."""
    random = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    sites, customers = int(random.integers(1, 7)), int(random.integers(1, 13))
    demand = random.integers(1, 6 if kind == "small" else 101, customers)
    capacity = random.integers(100, 501, sites).astype(float)
    if kind == "tight":
        capacity *= demand.sum() * random.uniform(1.0, 1.15) / capacity.sum()
    elif kind == "equal":
        capacity[:] = demand.sum() * random.uniform(0.9, 2.0) / sites + 1
    elif kind == "small":
        capacity = random.integers(2, 12, sites).astype(float)
    elif kind == "large customers":
        capacity = random.integers(20, 140, sites).astype(float)
    site, customer = random.uniform(0, 100, (sites, 2)), random.uniform(0, 100, (customers, 2))
    outbound = np.linalg.norm(customer[:, None] - site[None], axis=2)
    return Problem(
        inbound=random.uniform(0, 100, (2, sites)),
        outbound=outbound[:, :1].repeat(sites, axis=1) if kind == "equal" else outbound,
        demand=demand,
        capacity=capacity,
        fixed_cost=np.zeros(sites) if kind == "free" else random.uniform(0, 5000, sites),
        supply=[UNLIMITED, UNLIMITED],
        alpha=float(random.choice([1e-6, 1, 2.5, 20, 1e6])),
    )


def assert_agree(problem: Problem, gap: float) -> None:
    """Hold the native search against HiGHS at gap 0: status, objective and bound."""
    exact = solve(problem, Options(solver="highs", method="collapsed", gap=0))
    penalties = solve(problem, Options(solver="highs", method="native", gap=gap))
    assert (penalties.method, penalties.solver) == ("native", "native")
    assert penalties.status is exact.status, penalties.error
    if exact.objective is None:
        return
    optimum, rounding = exact.objective, 1e-8 * exact.objective
    assert penalties.solution is not None
    assert penalties.objective is not None
    assert penalties.bound is not None
    assert penalties.gap is not None
    assert violations(problem, penalties.solution) == []
    assert optimum - rounding <= penalties.objective <= optimum * (1 + gap) + rounding
    assert penalties.bound <= optimum * (1 + 1e-11)
    assert penalties.gap <= gap + 1e-8


@pytest.mark.parametrize("block", range(6))
def test_native_is_highs(block: int) -> None:
    """Three hundred random problems, tight and loose, at gap 0 and at 1 %."""
    for seed in range(50 * block, 50 * (block + 1)):
        assert_agree(draw(seed), 0.0 if seed % 5 else 1e-2)


@pytest.mark.slow
def test_native_is_highs_on_a_thousand_more() -> None:
    """The same on a thousand others."""
    for seed in range(1000, 2000):
        assert_agree(draw(seed), 0.0)


@given(problem=st.from_type(Problem), limit=st.sampled_from([1e-9, 1e-3, 3e-3]))
@LAW
def test_bound_is_a_bound_however_short_the_time(
    problem: Problem, limit: float, brute_force: BruteForce
) -> None:
    """Stopped anywhere: bound <= optimum <= objective, and no false proof."""
    free = replace(problem, supply=np.full(problem.n_sources, UNLIMITED))
    optimum = brute_force(free)
    result = solve(free, Options(solver="highs", method="native", gap=0, time_limit_s=limit))
    assert result.status is not Status.ERROR, result.error
    if optimum is None:
        assert result.status in (Status.INFEASIBLE, Status.NO_SOLUTION)
        return
    assert result.status is not Status.INFEASIBLE
    rounding = 1e-9 * max(1.0, optimum)
    assert (result.bound or 0.0) <= optimum + rounding
    assert result.objective is None or optimum <= result.objective + rounding


def test_no_time_at_all_is_no_solution(hard_problem: Problem) -> None:
    """A nanosecond: neither a solution nor an error."""
    result = solve(hard_problem, Options(solver="highs", method="native", time_limit_s=1e-9))
    assert result.status is Status.NO_SOLUTION
    assert (result.objective, result.gap, result.error) == (None, None, None)


@pytest.mark.parametrize("limit", [0.5, 2.0])
def test_time_limit_is_kept(network: Network, limit: float) -> None:
    """The clock is looked at every few tenths of a second; a busy machine gets some more."""
    problem = network(3, 60, 180, tightness=1.05, alpha=2.0, seed=1)
    begin = time.perf_counter()
    outcome = native.search(problem, 0.0, limit)
    assert time.perf_counter() - begin < 1.1 * limit + 2
    assert outcome.status in (Status.TIME_LIMIT, Status.NO_SOLUTION)


def test_results_repeat_whatever_came_before(network: Network) -> None:
    """The same problem gives the same result twice, also after others in the same process."""
    problem = network(3, 10, 30, tightness=1.2, alpha=2.0, seed=5)
    options = Options(solver="highs", method="native", gap=1e-4)

    def told(result: Result) -> tuple[object, ...]:
        assert result.solution is not None
        return (result.objective, result.bound, result.nodes, *result.solution.assignment)

    first = told(solve(problem, options))
    for seed in range(3):
        solve(network(2, 6, 12, tightness=1.3, alpha=20.0, seed=seed), options)
    np.random.seed(1)  # noqa: NPY002
    assert told(solve(problem, options)) == first


HANDED_OVER = (0, 1, 3, 5, 6, 7)
"""Seeds of problems that the search does not prove at its root."""


def handed_over(monkeypatch: pytest.MonkeyPatch, problem: Problem, gap: float = 1e-4) -> Result:
    """Solve with so little time and zeal for the search that something is left to HiGHS."""
    monkeypatch.setattr(native_then_mip, "SEARCH_TIME_SHARE", 1e-9)
    monkeypatch.setattr(root, "STAGES", 1)
    return solve(problem, Options(solver="highs", method="native", gap=gap))


@pytest.mark.parametrize("seed", HANDED_OVER)
def test_what_is_left_is_handed_over(
    monkeypatch: pytest.MonkeyPatch, network: Network, seed: int
) -> None:
    """Search and solver together prove what the solver proves alone."""
    problem = network(3, 8, 20, tightness=1.15, alpha=(2.0, 20.0)[seed % 2], seed=seed)
    exact = solve(problem, Options(solver="highs", method="collapsed", gap=0))
    result = handed_over(monkeypatch, problem, gap=0)
    assert (result.method, result.solver) == ("native+collapsed", "highs")
    assert result.status is Status.OPTIMAL, result.error
    assert result.objective == pytest.approx(exact.objective, rel=1e-8)
    assert result.bound == pytest.approx(exact.objective, rel=1e-8)


def test_restriction_keeps_only_what_is_left() -> None:
    """Pairs that are struck out, and sites without any pair, are fixed at 0."""
    problem = draw(5)
    program = collapsed.formulate(problem)
    rest = np.zeros((problem.n_customers, problem.n_sites), dtype=bool)
    rest[:, 0] = True
    outcome = native.Outcome(Status.TIME_LIMIT, None, None, 0, rest, 1.0)
    restricted = native_then_mip.restrict(problem, program, outcome)
    left = {name for name, top in zip(program.columns, restricted.upper, strict=True) if top}
    assert left == {"y_1"} | {f"z_{k + 1}_1" for k in range(problem.n_customers)}


def result_of(status: Status, problem: Problem, factor: float, bound: float | None) -> Result:
    """Make a result whose objective is ``factor`` times that of the optimum; 0 for none."""
    best = solve(problem, Options(solver="highs", method="collapsed", gap=0))
    assert best.solution is not None
    assert best.cost is not None
    solution = best.solution if factor else None
    return Result(status, "x", "highs", "1", 1, None, solution, best.cost, bound)


@pytest.mark.parametrize(
    ("of_rest", "bound", "cutoff", "expected"),
    [
        (Status.OPTIMAL, 1.0, 0.9, 0.9),  # what was struck out may still hold the optimum
        (Status.OPTIMAL, 0.95, 0.99, 0.95),
        (Status.INFEASIBLE, None, 0.99, 0.99),
        (Status.TIME_LIMIT, 0.1, 0.99, 0.5),  # the search's own bound
    ],
)
def test_bounds_are_combined_honestly(
    of_rest: Status, bound: float | None, cutoff: float, expected: float
) -> None:
    """The bound of the restricted program counts up to the cutoff only; fractions of z1."""
    problem = draw(5)
    options = Options(gap=0)
    optimum = solve(problem, Options(solver="highs", gap=0)).objective
    assert optimum is not None
    searched = result_of(Status.TIME_LIMIT, problem, 1, 0.5 * optimum)
    rest = result_of(of_rest, problem, bound or 0, None if bound is None else bound * optimum)
    both = native_then_mip.combine(problem, options, searched, rest, cutoff * optimum)
    assert both.bound == pytest.approx(expected * optimum)
    assert both.objective == pytest.approx(optimum)
    assert both.status is Status.TIME_LIMIT


def test_failure_of_the_solver_leaves_what_was_proven(
    monkeypatch: pytest.MonkeyPatch, hard_problem: Problem
) -> None:
    """The incumbent and the bound of the search stand; the failure is told."""

    class Failing:
        name, version = "failing", "1"

        def why_unfit(self, program: Program) -> str | None:
            return None

        def solve(self, program: Program, options: Options) -> SolverOutput:
            return SolverOutput(Status.ERROR, error="out of memory")

    monkeypatch.setitem(select.BACKENDS, "highs", Failing())
    result = handed_over(monkeypatch, hard_problem)
    assert result.status is Status.TIME_LIMIT
    assert result.solution is not None
    assert result.fallback_reason == "failing: out of memory"


def one_way(demand: list[int], capacity: list[float]) -> Problem:
    """Make a problem in which only demands and capacities matter."""
    sites = len(capacity)
    return Problem(
        inbound=np.ones((1, sites)),
        outbound=np.ones((len(demand), sites)),
        demand=demand,
        capacity=capacity,
        fixed_cost=np.ones(sites),
        supply=[UNLIMITED],
        alpha=1,
    )


@pytest.mark.parametrize(
    ("demand", "capacity", "reason"),
    [
        ([5], [5], None),
        ([5], [4.999], "all sites together make 4 t, 5 t are demanded"),
        ([5, 5, 5], [5.9, 5.5, 5], None),
        ([9, 1], [8, 8], "a customer demands 9 t, the largest site makes 8 t"),
        ([3, 3, 3], [5, 5], "no packing"),
        ([2, 2], [0, 4], None),
        ([1], [0], "all sites together make 0 t, 1 t are demanded"),
        ([7, 6, 5, 4, 3, 3], [14, 14], None),
        ([6, 6, 6, 6, 4], [14, 14], "no packing"),
    ],
)
def test_packing_is_decided(demand: list[int], capacity: list[float], reason: str | None) -> None:
    """One site, one customer, exact fits, fractions of a tonne; what is infeasible says why."""
    result = solve(one_way(demand, capacity), Options(solver="highs", method="native", gap=0))
    assert result.method == "native"
    if reason is None:
        assert (result.status, result.error) == (Status.OPTIMAL, None)
    else:
        assert result.status is Status.INFEASIBLE
        assert result.error is not None
        assert result.error.startswith(reason)


def test_problems_too_large_for_the_tables_go_to_the_solver() -> None:
    """Tables grow with the demand in tonnes: beyond their limit the whole model is handed over."""
    result = solve(one_way([10**9], [10**9]), Options(solver="highs", method="native"))
    assert (result.status, result.method, result.solver) == (Status.OPTIMAL, "collapsed", "highs")
    assert result.fallback_reason is not None
    assert "1,000,000,000 tonnes" in result.fallback_reason


def test_result_names_the_search(network: Network) -> None:
    """Where the search proves the gap, it is method and solver, in the project's version."""
    problem = network(2, 5, 10, tightness=1.5, alpha=2.0, seed=1)
    result = solve(problem, Options(solver="highs", method="native"))
    assert (result.method, result.solver, result.threads) == ("native", "native", 1)
    assert result.solver_version == native.version
    assert result.fallback_reason is None
    assert result.solve_s > 0


def test_many_sites_are_settled_by_a_dive(network: Network) -> None:
    """With more free sites than a tree settles, one good set of them is found at the root.

    The set is one of the problem's: its incumbent is feasible, and no bound rises from it.
    """
    problem = network(3, 40, 60, tightness=2.0, alpha=2.0, seed=2)
    data = make_problem_data(problem)
    workspace = make_node_workspace(data)
    assert propagate(data, workspace.allowed, workspace.state, workspace.node)
    workspace.multiplier[:] = initial_multipliers(data)
    incumbent = Incumbent(np.zeros(60, np.int64), np.array([np.inf, 1.0]))
    bound = dive(data, workspace, incumbent, 3, time.perf_counter() + 60, 0)
    opened = np.flatnonzero(workspace.state == OPEN)
    assert not (workspace.state == FREE).any()
    assert 0 < bound <= incumbent.scalars[VALUE] < np.inf
    assert set(incumbent.assignment) <= set(opened)
    assert incumbent.scalars[VALUE] == cost_of(data, incumbent.assignment)
    proven = native.search(problem, 1e-3, 60)
    assert proven.status is Status.OPTIMAL
    assert incumbent.scalars[VALUE] >= proven.bound


def test_a_dive_keeps_its_reserve(network: Network) -> None:
    """Without the reserve the open sites still carry the demand; the incumbent may use it."""
    data = make_problem_data(network(3, 40, 60, tightness=2.0, alpha=2.0, seed=2))
    spare = {}
    for reserve in (0.0, 0.1):
        workspace = make_node_workspace(data)
        assert propagate(data, workspace.allowed, workspace.state, workspace.node)
        workspace.multiplier[:] = initial_multipliers(data)
        incumbent = Incumbent(np.zeros(60, np.int64), np.array([np.inf, 1.0]))
        dive(data, workspace, incumbent, 3, time.perf_counter() + 60, 0, reserve)
        opened = data.capacity[workspace.state == OPEN].sum()
        assert (1 - reserve) * opened >= data.total - (workspace.state == OPEN).sum()
        assert incumbent.scalars[VALUE] == cost_of(data, incumbent.assignment)
        spare[reserve] = opened / data.total
    assert spare[0.0] < 1 / 0.9 <= spare[0.1] + 0.02


def test_good_sets_leave_the_root_as_it_was(network: Network) -> None:
    """The incumbent is feasible, at least as good as a dive's, repeats; the node is untouched."""
    problem = network(3, 40, 60, tightness=2.0, alpha=2.0, seed=2)
    data = make_problem_data(problem)
    values = []
    for _ in range(2):
        workspace = make_node_workspace(data)
        assert propagate(data, workspace.allowed, workspace.state, workspace.node)
        workspace.multiplier[:] = initial_multipliers(data)
        before = [
            array.copy() for array in (workspace.allowed, workspace.state, workspace.multiplier)
        ]
        incumbent = Incumbent(np.zeros(60, np.int64), np.array([np.inf, 1.0]))
        search_state = make_search_state(workspace.allowed, 1e-4, 500, 2500, 0)
        large_neighbourhood_search(
            data, workspace, search_state, incumbent, 500, time.perf_counter() + 600
        )
        for now, then in zip(
            (workspace.allowed, workspace.state, workspace.multiplier), before, strict=True
        ):
            assert (now == then).all()
        assert incumbent.scalars[VALUE] == cost_of(data, incumbent.assignment)
        values.append(incumbent.scalars[VALUE])
    assert values[0] == values[1]
    for divisor in (2, 3, 4):
        dive(data, workspace, incumbent, divisor, time.perf_counter() + 60, 0)
        workspace = make_node_workspace(data)
        assert propagate(data, workspace.allowed, workspace.state, workspace.node)
        workspace.multiplier[:] = initial_multipliers(data)
    assert values[0] == incumbent.scalars[VALUE]
    proven = native.search(problem, 1e-3, 60)
    assert proven.status is Status.OPTIMAL
    assert proven.bound is not None
    assert proven.bound <= values[0] <= 1.01 * proven.bound
