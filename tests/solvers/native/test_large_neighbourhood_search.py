"""Large neighbourhood search: its neighbourhoods, and its incumbents."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from solvers import native
from solvers.native.dive import dive
from solvers.native.large_neighbourhood_search import (
    free_neighbourhood,
    large_neighbourhood_search,
)
from solvers.native.model.incumbent import VALUE, Incumbent, cost_of
from solvers.native.model.parameters import DEFAULTS
from solvers.native.model.problem_data import CLOSED, FREE, OPEN, ProblemData, make_problem_data
from solvers.native.model.search_clock import SearchClock
from solvers.native.tree.branch_and_bound import make_search_state
from solvers.native.tree.node_workspace import NodeWorkspace
from solvers.problem import Problem
from solvers.result import Status


@pytest.mark.parametrize("seed", range(40))
def test_freed_sites_lie_around_a_customer(seed: int) -> None:
    """The nearest sites are freed, up to a number of open ones.

    Sites fixed at the root, and all sites farther away, keep their states.
    """
    random = np.random.default_rng(seed)
    sites, customers = 12, 5
    cost = random.permutation(sites * customers).reshape(sites, customers).astype(float)
    data = ProblemData(
        cost,
        np.full(sites, 9),
        np.ones(customers, np.int64),
        np.zeros(sites),
        np.arange(customers),
        customers,
    )
    root = random.choice([OPEN, CLOSED, FREE, FREE, FREE], sites).astype(np.int8)
    base = np.where(root == FREE, random.choice([OPEN, CLOSED], sites), root).astype(np.int8)
    promising = random.random(sites) < 0.7
    customer, opened = int(random.integers(customers)), int(random.integers(1, 4))
    state = free_neighbourhood(data, root, base, promising, customer, opened)
    freed = state == FREE
    assert (state[~freed] == base[~freed]).all()
    assert (root[freed] == FREE).all()
    assert (promising | (base == OPEN))[freed].all()
    costs_of_open = np.sort(cost[base == OPEN, customer])
    radius = costs_of_open[opened] if len(costs_of_open) > opened else np.inf
    expected = (cost[:, customer] < radius) & (root == FREE) & (promising | (base == OPEN))
    assert (freed == expected).all()


@pytest.mark.slow
def test_search_restores_the_root_and_is_no_worse_than_its_dives(
    network: Callable[..., Problem],
    root_of: Callable[[ProblemData], NodeWorkspace],
    empty_incumbent: Callable[[ProblemData], Incumbent],
) -> None:
    """The incumbent is feasible, at least as good as a dive's, repeats; the node is restored."""
    problem = network(3, 40, 60, tightness=2.0, alpha=2.0, seed=2)
    data = make_problem_data(problem)
    values = []
    for _ in range(2):
        workspace, incumbent = root_of(data), empty_incumbent(data)
        node = (workspace.allowed, workspace.state, workspace.multiplier)
        before = [array.copy() for array in node]
        search_state = make_search_state(workspace.allowed, 1e-4, 500, 2500, 0, DEFAULTS)
        clock = SearchClock(None, incumbent)
        large_neighbourhood_search(
            data, workspace, DEFAULTS, search_state, incumbent, clock, time.perf_counter() + 600
        )
        for now, then in zip(node, before, strict=True):
            assert (now == then).all()
        assert incumbent.scalars[VALUE] == cost_of(data, incumbent.assignment, incumbent.load)
        values.append(incumbent.scalars[VALUE])
    assert values[0] == values[1]
    for divisor in (2, 3, 4):
        dive(data, root_of(data), DEFAULTS, incumbent, divisor, time.perf_counter() + 60, 0)
    assert values[0] == incumbent.scalars[VALUE]
    proven = native.search(problem, 1e-3, 60)
    assert proven.status is Status.OPTIMAL
    assert proven.bound is not None
    assert proven.bound <= values[0] <= 1.01 * proven.bound
