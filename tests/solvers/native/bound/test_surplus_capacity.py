"""The surplus-capacity bound and the distribution of the surplus against enumeration."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from solvers.native.bound.lagrangian import lagrangian_bound
from solvers.native.bound.surplus_capacity import surplus_capacity_bound, surplus_is_small
from solvers.native.bound.surplus_distribution import convolve_backward, distribute_over_others
from solvers.native.model.node import propagate
from solvers.native.model.parameters import DEFAULTS
from solvers.native.model.problem_data import CLOSED, FREE, INF, OPEN, ProblemData
from solvers.native.model.workspace import LOSS, MARGIN, MULTIPLIERS
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
    bound = surplus_capacity_bound(data, node, workspace.work, multiplier, -INF)
    assert bound == pytest.approx(multiplier[node.unassigned == 1].sum() + minimum, rel=1e-9)
    assert bound >= lagrangian_bound(data, node, workspace.work, multiplier) - 1e-9


@pytest.mark.parametrize("seed", range(30))
def test_distribution_over_few_surpluses_equals_that_over_all(seed: int) -> None:
    """Leaving out surpluses of great loss changes neither the bound nor a penalty of interest.

    The price begins where the evaluation before left it, which must not matter.
    """
    data, workspace = draw_node(seed)
    node, work = workspace.node, workspace.work
    random = np.random.default_rng(seed)
    for _ in range(4):
        multiplier = random.uniform(0.5, 1.5) * data.cost.min(axis=0) + random.uniform(0, 900, 40)
        bound = surplus_capacity_bound(data, node, work, multiplier, -INF)
        profits = [
            work.site_profit[j, : min(node.surplus[0], node.residual[j]) + 1].copy()
            for j in range(len(data.capacity))
        ]
        best = convolve_all(profits, int(node.surplus[0]))[-1]
        assert bound == work.parts[MULTIPLIERS] - best - work.parts[MARGIN]
        work.pricing[LOSS] = random.choice([0.0, 1.0, 1e6])
        for j in (0, len(profits) - 1):
            cutoff = bound + random.uniform(0, 2000)
            surplus_capacity_bound(data, node, work, multiplier, cutoff)
            convolve_backward(node, work)
            distribute_over_others(node, work, j)
            others = convolve_all(profits[:j] + profits[j + 1 :], int(node.surplus[0]))
            found = work.other_sites_profit[: len(others)]
            total = found[::-1][: len(profits[j])] + profits[j]
            full = others[::-1][: len(profits[j])] + profits[j]
            level = work.parts[MULTIPLIERS] - work.parts[MARGIN]
            below = level - full < cutoff
            np.testing.assert_allclose(total[below], full[below], rtol=1e-12)
            assert (level - total[~below] >= cutoff - 1e-9 * abs(cutoff)).all()


def draw_node(seed: int) -> tuple[ProblemData, NodeWorkspace]:
    """Draw the root of a problem of 6 sites and 40 customers with little surplus."""
    random = np.random.default_rng(seed)
    demand = random.integers(1, 60, 40)
    capacity = random.multinomial(int(1.1 * demand.sum()), np.full(6, 1 / 6)) + 5
    cost = random.uniform(1, 100, (6, 40)) * demand
    order = np.argsort(-demand, kind="stable")
    data = ProblemData(cost, capacity, demand, random.uniform(0, 5000, 6), order, int(demand.sum()))
    workspace = make_node_workspace(data, DEFAULTS.max_surplus)
    assert propagate(data, workspace.allowed, workspace.state, workspace.node)
    return data, workspace


def convolve_all(profits: list[np.ndarray], surplus: int) -> np.ndarray:
    """Return the greatest sum of profits for every surplus, each site taking any part of it."""
    best = np.full(surplus + 1, -np.inf)
    best[0] = 0.0
    for profit in profits:
        old = best
        best = np.full(surplus + 1, -np.inf)
        for q in range(len(profit)):
            best[q:] = np.maximum(best[q:], old[: surplus + 1 - q] + profit[q])
    return best
