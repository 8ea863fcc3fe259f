"""Small random problems of the native search, and their solutions by enumeration."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from solvers.native.model.incumbent import Incumbent, cost_of, make_incumbent
from solvers.native.model.node import propagate
from solvers.native.model.parameters import DEFAULTS
from solvers.native.model.problem_data import CLOSED, OPEN, ProblemData
from solvers.native.root import initial_multipliers
from solvers.native.tree.node_workspace import NodeWorkspace, make_node_workspace


def draw_small_data(seed: int) -> ProblemData:
    """Draw a problem of at most 4 sites and 5 customers, feasible or not."""
    random = np.random.default_rng(seed)
    sites, customers = int(random.integers(1, 5)), int(random.integers(1, 6))
    demand = random.integers(1, 10, customers)
    total = int(demand.sum())
    capacity = np.minimum(random.integers(3, 25, sites), total)
    cost = random.uniform(0, 50, (sites, customers))
    by_demand = np.argsort(-demand, kind="stable")
    return ProblemData(cost, capacity, demand, random.uniform(0, 40, sites), by_demand, total)


def enumerate_node(data: ProblemData, workspace: NodeWorkspace) -> dict[tuple[int, ...], float]:
    """Return the cost of every feasible assignment of the node in the workspace.

    It includes the fixed cost of sites that are fixed open and serve no customer.
    """
    costs = {}
    for assignment in itertools.product(range(len(data.capacity)), repeat=len(data.demand)):
        a = np.array(assignment)
        cost = cost_of(data, a, np.zeros(len(data.capacity), np.int64))
        admitted = (
            workspace.allowed[a, np.arange(len(a))].all()
            and not (workspace.state[a] == CLOSED).any()
        )
        if admitted and np.isfinite(cost):
            idle = np.setdiff1d(np.flatnonzero(workspace.state == OPEN), a)
            costs[assignment] = cost + float(data.fixed_cost[idle].sum())
    return costs


def make_root(data: ProblemData) -> NodeWorkspace:
    """Return the root node with its first multipliers."""
    workspace = make_node_workspace(data, DEFAULTS.max_surplus)
    assert propagate(data, workspace.allowed, workspace.state, workspace.node)
    workspace.multiplier[:] = initial_multipliers(data)
    return workspace


@pytest.fixture(scope="session")
def small_data() -> Callable[[int], ProblemData]:
    """Return `draw_small_data`."""
    return draw_small_data


@pytest.fixture(scope="session")
def solutions_of() -> Callable[[ProblemData, NodeWorkspace], dict[tuple[int, ...], float]]:
    """Return `enumerate_node`."""
    return enumerate_node


@pytest.fixture(scope="session")
def empty_incumbent() -> Callable[[ProblemData], Incumbent]:
    """Return a function: problem -> no incumbent yet, with penalty weight 1."""
    return lambda data: make_incumbent(data, 1.0)


@pytest.fixture(scope="session")
def root_of() -> Callable[[ProblemData], NodeWorkspace]:
    """Return `make_root`."""
    return make_root
