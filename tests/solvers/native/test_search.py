"""The native search as a whole: its proofs, its limits, and what it refuses."""

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvers import native
from solvers.native.model.parameters import RootParameters
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
ONE_ROUND = native.SearchParameters(root=RootParameters(rounds=1))
KINDS = ("tight", "equal", "small", "large customers", "free", "loose")


def draw(seed: int) -> Problem:
    """Draw a problem of up to 6 sites and 12 customers; its kind follows from the seed."""
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


def assert_agrees_with_highs(problem: Problem, gap: float) -> None:
    """Compare the native search with HiGHS at gap 0: status, objective and bound."""
    exact = solve(problem, Options(solver="highs", gap=0))
    result = solve(problem, Options(solver="native", gap=gap))
    assert (result.method, result.solver) == ("native", "native")
    assert result.status is exact.status, result.error
    if exact.objective is None:
        return
    optimum, rounding = exact.objective, 1e-8 * exact.objective
    assert result.solution is not None
    assert result.objective is not None
    assert result.bound is not None
    assert result.gap is not None
    assert violations(problem, result.solution) == []
    assert optimum - rounding <= result.objective <= optimum * (1 + gap) + rounding
    assert result.bound <= optimum * (1 + 1e-11)
    assert result.gap <= gap + 1e-8


@pytest.mark.slow
@pytest.mark.parametrize("block", range(6))
def test_search_agrees_with_highs(block: int) -> None:
    """Both solve 300 random problems, tight and loose; the search at gap 0 and at 1 %."""
    for seed in range(50 * block, 50 * (block + 1)):
        assert_agrees_with_highs(draw(seed), 0.0 if seed % 5 else 1e-2)


@pytest.mark.slow
def test_search_agrees_with_highs_on_a_thousand_more() -> None:
    """Both solve 1,000 other random problems at gap 0."""
    for seed in range(1000, 2000):
        assert_agrees_with_highs(draw(seed), 0.0)


def whole(problem: Problem) -> Problem:
    """Return the problem with whole costs and a whole alpha."""
    return replace(
        problem,
        inbound=np.round(problem.inbound / 10),
        outbound=np.round(problem.outbound / 10),
        fixed_cost=np.round(problem.fixed_cost / 10),
        alpha=2.0,
    )


@pytest.mark.parametrize("seed", range(40))
def test_whole_costs_are_proven_exactly(seed: int) -> None:
    """At gap 0 the bound is the cost, and HiGHS finds no cheaper solution."""
    problem = whole(draw(seed))
    exact = solve(problem, Options(solver="highs", gap=0))
    result = solve(problem, Options(solver="native", gap=0, time_limit_s=60))
    assert result.status is exact.status, result.error
    if exact.objective is not None:
        assert result.objective == result.bound == pytest.approx(exact.objective, rel=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_whole_bounds_hold_wherever_the_search_stops(seed: int) -> None:
    """After one slice of the tree, or at a wide gap, the bound is whole and at most the optimum."""
    problem = whole(draw(seed))
    optimum = solve(problem, Options(solver="highs", gap=0)).objective
    early = native.search(problem, 0.05, 60.0, parameters=ONE_ROUND)
    if optimum is None or early.bound is None:
        return
    assert early.bound % 1 == 0
    assert early.bound <= optimum * (1 + 1e-9)
    assert early.cutoff % 1 == 0 or early.cutoff == math.inf


def test_multipliers_that_grow_without_limit_end_in_a_proof() -> None:
    """No two of the seven largest customers fit one of six equal sites."""
    problem = draw(13)
    seventh, sixth = np.sort(problem.demand)[-7:-5]
    assert problem.n_sites == 6
    assert seventh + sixth > problem.capacity.max()
    result = solve(problem, Options(solver="native", gap=0, time_limit_s=60))
    assert result.status is Status.INFEASIBLE


@given(problem=st.from_type(Problem), limit=st.sampled_from([1e-9, 1e-3, 3e-3]))
@LAW
def test_bound_holds_for_any_time_limit(
    problem: Problem, limit: float, brute_force: BruteForce
) -> None:
    """Wherever the search stops: bound <= optimum <= objective, and no false proof."""
    free = replace(problem, supply=np.full(problem.n_sources, UNLIMITED))
    optimum = brute_force(free)
    result = solve(free, Options(solver="native", gap=0, time_limit_s=limit))
    assert result.status is not Status.ERROR, result.error
    if optimum is None:
        assert result.status in (Status.INFEASIBLE, Status.NO_SOLUTION)
        return
    assert result.status is not Status.INFEASIBLE
    rounding = 1e-9 * max(1.0, optimum)
    assert (result.bound or 0.0) <= optimum + rounding
    assert result.objective is None or optimum <= result.objective + rounding


def test_almost_no_time_gives_no_solution(hard_problem: Problem) -> None:
    """A time limit of a nanosecond gives neither a solution nor an error."""
    result = solve(hard_problem, Options(solver="native", time_limit_s=1e-9))
    assert result.status is Status.NO_SOLUTION
    assert (result.objective, result.gap, result.error) == (None, None, None)


@pytest.mark.slow
@pytest.mark.parametrize("limit", [0.5, 2.0])
def test_time_limit_is_kept(network: Network, limit: float) -> None:
    """The clock is read every few tenths of a second; the test allows more for a busy machine."""
    problem = network(3, 60, 180, tightness=1.05, alpha=2.0, seed=1)
    begin = time.perf_counter()
    outcome = native.search(problem, 0.0, limit)
    assert time.perf_counter() - begin < 1.1 * limit + 2
    assert outcome.status in (Status.TIME_LIMIT, Status.NO_SOLUTION)


def test_results_do_not_depend_on_earlier_solves(network: Network) -> None:
    """A problem gives the same result twice, also after other problems in the same process."""
    problem = network(3, 10, 30, tightness=1.2, alpha=2.0, seed=5)
    options = Options(solver="native", gap=1e-4)

    def summary(result: Result) -> tuple[object, ...]:
        assert result.solution is not None
        return (result.objective, result.bound, result.nodes, *result.solution.assignment)

    first = summary(solve(problem, options))
    for seed in range(3):
        solve(network(2, 6, 12, tightness=1.3, alpha=20.0, seed=seed), options)
    np.random.seed(1)  # noqa: NPY002
    assert summary(solve(problem, options)) == first


def problem_of(demand: list[int], capacity: list[float]) -> Problem:
    """Return a problem in which only demands and capacities matter."""
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
def test_feasibility_of_packing_is_decided(
    demand: list[int], capacity: list[float], reason: str | None
) -> None:
    """Exact fits, fractions of a tonne, one site or customer; an infeasible problem says why."""
    result = solve(problem_of(demand, capacity), Options(solver="native", gap=0))
    assert result.method == "native"
    if reason is None:
        assert (result.status, result.error) == (Status.OPTIMAL, None)
    else:
        assert result.status is Status.INFEASIBLE
        assert result.error is not None
        assert result.error.startswith(reason)


def test_problems_too_large_for_the_tables_go_to_the_mip_solver() -> None:
    """Tables grow with the demand in tonnes; beyond their limit the MIP solver gets the problem."""
    result = solve(problem_of([10**9], [10**9]), Options(solver="native"))
    assert (result.status, result.method, result.solver) == (Status.OPTIMAL, "collapsed", "highs")
    assert result.fallback_reason is not None
    assert "1,000,000,000 tonnes" in result.fallback_reason


def test_result_names_the_search(network: Network) -> None:
    """If the search proves the gap, it is method and solver, with the version of the project."""
    problem = network(2, 5, 10, tightness=1.5, alpha=2.0, seed=1)
    result = solve(problem, Options(solver="native"))
    assert (result.method, result.solver, result.threads) == ("native", "native", 1)
    assert result.solver_version == native.version
    assert result.fallback_reason is None
    assert result.solve_s > 0
