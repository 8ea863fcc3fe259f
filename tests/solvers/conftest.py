"""Random problems, their exact optimum by enumeration, and the two MIP solvers."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import strategies as st
from scipy.optimize import linprog

from solvers.backends.select import backend
from solvers.formulations import collapsed
from solvers.options import BACKENDS
from solvers.problem import Problem

UNLIMITED = 99_999_999
ALPHAS = (0.01, 1, 2.5, 3, 20, 1000)


@st.composite
def small_problems(draw: st.DrawFn) -> Problem:
    """Draw a problem that enumeration can solve, feasible or not.

    Supplies are unlimited or scaled to the demand, so that they bind in many of the problems. They
    are whole if alpha >= 1; with a whole alpha, the best whole flows then solve a linear program.
    """
    sources, sites = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    customers = draw(st.integers(1, 5))
    alpha = draw(st.sampled_from(ALPHAS))

    def numbers(low: int, high: int, *shape: int) -> np.ndarray:
        size = int(np.prod(shape))
        drawn = draw(st.lists(st.integers(low, high), min_size=size, max_size=size))
        return np.array(drawn).reshape(shape)

    demand = numbers(1, 20, customers)
    supply = np.full(sources, float(UNLIMITED))
    total = int(demand.sum())
    unlimited = draw(st.sampled_from(["all", "some", "none"]))
    if unlimited != "all":
        tonnes = alpha * numbers(total // 3, total, sources)
        limited = numbers(0, 1, sources) > 0 if unlimited == "some" else slice(None)
        supply[limited] = (np.floor(tonnes) if alpha >= 1 else tonnes)[limited]
    return Problem(
        # Quarters of a kilometre: fractions, yet exact in floating point; ties are frequent.
        inbound=numbers(0, 400, sources, sites) / 4,
        outbound=numbers(0, 400, customers, sites) / 4,
        demand=demand,
        capacity=numbers(draw(st.sampled_from([0, 20, 45])), 60, sites),
        fixed_cost=numbers(0, 2000, sites) / 4,
        supply=supply,
        alpha=alpha,
    )


st.register_type_strategy(Problem, small_problems())


def cheapest_first_stage(problem: Problem, loads: tuple[int, ...]) -> float | None:
    """Return the least first-stage cost for given site loads, or None if supply is too small.

    A linear program: with whole data its optimum is whole, as in every transportation problem.
    """
    sources, sites = problem.inbound.shape
    solved = linprog(
        problem.inbound.ravel(),
        A_ub=np.kron(np.eye(sources), np.ones(sites)),
        b_ub=problem.supply,
        A_eq=np.kron(np.ones(sources), np.eye(sites)),
        b_eq=problem.alpha * np.array(loads),
    )
    assert solved.status in (0, 2), solved.message
    return float(solved.fun) if solved.status == 0 else None


def enumerate_optimum(problem: Problem) -> float | None:
    """Minimise objective (1) over all assignments; None if none is feasible.

    Fixed costs are not negative, so a site is open if and only if it serves a customer. Of the
    assignments with the same site loads only the cheapest second stage counts. If the cheapest
    sources can deliver the loads, they are the best first stage; otherwise
    `cheapest_first_stage` computes it.
    """
    tau = problem.inbound.min(axis=0)
    cheapest = problem.inbound.argmin(axis=0)
    second_stage: dict[tuple[int, ...], float] = {}
    for assignment in itertools.product(range(problem.n_sites), repeat=problem.n_customers):
        loads = [0] * problem.n_sites
        cost = sum(float(problem.fixed_cost[j]) for j in set(assignment))
        for k, j in enumerate(assignment):
            loads[j] += int(problem.demand[k])
            cost += float(problem.demand[k] * problem.outbound[k, j])
        if all(load <= problem.capacity[j] for j, load in enumerate(loads)):
            key = tuple(loads)
            second_stage[key] = min(cost, second_stage.get(key, cost))

    lower_bound = {
        loads: cost + sum(problem.alpha * load * tau[j] for j, load in enumerate(loads))
        for loads, cost in second_stage.items()
    }
    best: float | None = None
    for loads in sorted(lower_bound, key=lambda loads: lower_bound[loads]):
        if best is not None and lower_bound[loads] >= best:
            break
        drawn = [0.0] * problem.n_sources
        for j, load in enumerate(loads):
            drawn[cheapest[j]] += problem.alpha * load
        if all(tonnes <= problem.supply[i] for i, tonnes in enumerate(drawn)):
            total: float | None = float(lower_bound[loads])
        else:
            first = cheapest_first_stage(problem, loads)
            total = None if first is None else second_stage[loads] + first
        if total is not None:
            best = total if best is None else min(best, total)
    return best


def draw_network(
    sources: int, sites: int, customers: int, tightness: float, alpha: float, seed: int
) -> Problem:
    """Draw points in a square of 100 km; total capacity is ``tightness`` times total demand."""
    random = np.random.default_rng(seed)
    source, site, customer = (random.uniform(0, 100, (n, 2)) for n in (sources, sites, customers))
    demand = random.integers(5, 36, customers)
    capacity = random.integers(10, 160, sites)
    return Problem(
        inbound=np.linalg.norm(source[:, None] - site[None], axis=2),
        outbound=np.linalg.norm(customer[:, None] - site[None], axis=2),
        demand=demand,
        capacity=np.ceil(capacity * tightness * demand.sum() / capacity.sum()),
        fixed_cost=random.integers(500, 2000, sites),
        supply=np.full(sources, UNLIMITED),
        alpha=alpha,
    )


@pytest.fixture(scope="session")
def brute_force() -> Callable[[Problem], float | None]:
    """Return `enumerate_optimum`."""
    return enumerate_optimum


@pytest.fixture(scope="session")
def network() -> Callable[..., Problem]:
    """Return `draw_network`."""
    return draw_network


@pytest.fixture(scope="session")
def hard_problem() -> Problem:
    """Return a problem with an easy first solution and a proof that takes minutes."""
    return draw_network(3, 20, 60, tightness=1.05, alpha=2.0, seed=1)


@pytest.fixture(scope="session")
def one_site() -> Callable[[int], Problem]:
    """Return a function: K -> a trivial problem whose collapsed model has 2 K + 2 rows."""

    def build(customers: int) -> Problem:
        return Problem(
            inbound=[[1]],
            outbound=np.ones((customers, 1)),
            demand=np.ones(customers),
            capacity=[customers],
            fixed_cost=[5],
            supply=[UNLIMITED],
            alpha=2,
        )

    return build


@pytest.fixture(scope="session", params=BACKENDS)
def solver(request: pytest.FixtureRequest, one_site: Callable[[int], Problem]) -> str:
    """Name of each MIP solver in turn; one that cannot solve here is skipped."""
    reason = backend(request.param).why_unfit(collapsed.formulate(one_site(1)))
    if reason is not None:
        pytest.skip(reason)
    return str(request.param)
