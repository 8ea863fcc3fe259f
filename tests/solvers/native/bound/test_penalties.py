"""Bounds, forced bounds and penalties against all solutions of a node."""

from collections.abc import Callable

import numpy as np
import pytest

from solvers.native.bound.lower_bound import lower_bound
from solvers.native.bound.penalties import compute_penalties
from solvers.native.model.node import propagate
from solvers.native.model.parameters import DEFAULTS
from solvers.native.model.problem_data import FREE, INF, OPEN, ProblemData
from solvers.native.tree.node_workspace import NodeWorkspace, make_node_workspace

SolutionsOf = Callable[[ProblemData, NodeWorkspace], dict[tuple[int, ...], float]]


@pytest.mark.parametrize("use_surplus", [0, 1])
@pytest.mark.parametrize("seed", range(150))
def test_bounds_and_penalties_hold_for_any_multipliers(
    seed: int,
    use_surplus: int,
    small_data: Callable[[int], ProblemData],
    solutions_of: SolutionsOf,
) -> None:
    """No solution costs less than the bound, a forced bound or a child bound that applies to it.

    Above the cutoff, a forced bound or child bound need not hold.
    """
    data, random = small_data(seed), np.random.default_rng(seed + 1000)
    workspace = make_node_workspace(data, DEFAULTS.max_surplus)
    node, work, penalties = workspace.node, workspace.work, workspace.penalties
    work.use_surplus[0] = use_surplus
    workspace.state[random.random(len(workspace.state)) < 0.3] = OPEN
    workspace.allowed[random.random(workspace.allowed.shape) < 0.1] = 0
    before = solutions_of(data, workspace)
    feasible = propagate(data, workspace.allowed, workspace.state, node)
    solutions = solutions_of(data, workspace)
    assert set(solutions) == set(before), "propagation loses no solution"
    if not feasible:
        assert not before
        return
    multiplier = random.uniform(0, 60, len(data.demand)) * random.choice([0.1, 1, 30])
    bound = lower_bound(data, node, work, multiplier)
    optimum = min(solutions.values(), default=np.inf)
    assert bound <= optimum
    for cutoff in (INF, 1.1 * optimum, 0.9 * optimum):
        raised = compute_penalties(data, node, work, multiplier, penalties, cutoff)
        assert bound <= raised
        assert min(raised, cutoff) <= optimum
        for assignment, cost in solutions.items():
            for j in range(len(data.capacity)):
                if j in assignment:
                    assert min(work.if_open[j], cutoff) <= cost
                elif workspace.state[j] == FREE:
                    assert min(work.if_closed[j], cutoff) <= cost
                for p in range(node.start[j], node.start[j + 1]):
                    if assignment[node.item[p]] == j:
                        assert min(penalties.child_bound[p], cutoff) <= cost
