"""The surplus-capacity bound and its max-plus convolution against enumeration."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from solvers.native.bound.lagrangian import lagrangian_bound
from solvers.native.bound.surplus_capacity import (
    max_plus_convolve,
    surplus_capacity_bound,
    surplus_is_small,
)
from solvers.native.model.node import propagate
from solvers.native.model.parameters import DEFAULTS
from solvers.native.model.problem_data import CLOSED, FREE, OPEN, ProblemData
from solvers.native.tree.node_workspace import NodeWorkspace, make_node_workspace


def site_options(
    data: ProblemData, workspace: NodeWorkspace, multiplier: np.ndarray, j: int
) -> list[tuple[float, int]]:
    """List cost and unused tonnes of every set of customers of a site, and of closing it.

    Unused tonnes are negative if the customers do not fit.
    """
    node = workspace.node
    if node.state[j] == CLOSED:
        return [(0.0, 0)]
    items = node.item[node.start[j] : node.start[j + 1]]
    options = [(0.0, int(node.residual[j]))] if node.state[j] == FREE else []
    for x in itertools.product([0, 1], repeat=len(items)):
        served = items[np.array(x, bool)]
        unused = int(node.residual[j] - data.demand[served].sum())
        cost = node.base_cost[j] - (multiplier[served] - data.cost[j, served]).sum()
        options.append((cost, unused))
    return options


@pytest.mark.parametrize("seed", range(100))
def test_surplus_capacity_bound_equals_enumeration(
    seed: int, small_data: Callable[[int], ProblemData]
) -> None:
    """L' is the minimum over all options of the sites that leave exactly T tonnes unused."""
    data, random = small_data(seed), np.random.default_rng(seed)
    workspace = make_node_workspace(data, DEFAULTS.max_surplus)
    workspace.state[random.random(len(workspace.state)) < 0.3] = OPEN
    feasible = propagate(data, workspace.allowed, workspace.state, workspace.node)
    if not feasible or not surplus_is_small(workspace.node, workspace.work):
        return
    node = workspace.node
    multiplier = random.uniform(0, 60, len(data.demand))
    options = [site_options(data, workspace, multiplier, j) for j in range(len(data.capacity))]
    minimum = min(
        (
            sum(cost for cost, _ in chosen)
            for chosen in itertools.product(*options)
            if sum(unused for _, unused in chosen) == node.surplus[0]
            and min(unused for _, unused in chosen) >= 0
        ),
        default=np.inf,
    )
    bound = surplus_capacity_bound(data, node, workspace.work, multiplier)
    assert bound == pytest.approx(multiplier[node.unassigned == 1].sum() + minimum, rel=1e-9)
    assert bound >= lagrangian_bound(data, node, workspace.work, multiplier) - 1e-9


@pytest.mark.parametrize("max_second", [0, 2, 3, 4, 7, 8, 12])
def test_max_plus_convolution_equals_enumeration(max_second: int) -> None:
    """Every cell is right, whether or not the number of values is a multiple of four."""
    random = np.random.default_rng(max_second)
    for surplus in (max_second, max_second + 1, max_second + 9):
        first, second = (random.uniform(-9, 9, surplus + 1) for _ in range(2))
        first[random.random(surplus + 1) < 0.3] = -np.inf
        out = np.full(surplus + 1, np.nan)
        max_plus_convolve(first, second, max_second, surplus, out)
        for t in range(surplus + 1):
            assert out[t] == max(first[t - q] + second[q] for q in range(min(t, max_second) + 1))
