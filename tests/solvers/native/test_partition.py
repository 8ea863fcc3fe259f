"""The partition of the root: disjoint nodes with valid bounds that lose no good solution."""

import itertools
from collections.abc import Callable

import numpy as np

from solvers.native.model.node import propagate
from solvers.native.model.parameters import DEFAULTS
from solvers.native.model.problem_data import CLOSED, OPEN, ProblemData
from solvers.native.partition import push_partition
from solvers.native.tree.node_queue import SIZE, make_queue
from solvers.native.tree.node_workspace import NodeWorkspace, make_node_workspace

SolutionsOf = Callable[[ProblemData, NodeWorkspace], dict[tuple[int, ...], float]]


def test_nodes_are_a_partition_with_bounds(
    small_data: Callable[[int], ProblemData],
    solutions_of: SolutionsOf,
) -> None:
    """Every solution below the cutoff is in a node, none is below its bound, no nodes overlap."""
    n_split = n_pruned = 0
    for seed in range(150):
        data, random = small_data(seed), np.random.default_rng(seed)
        workspace = make_node_workspace(data, DEFAULTS.max_surplus)
        workspace.multiplier[:] = random.uniform(0, 60, len(data.demand))
        if not propagate(data, workspace.allowed, workspace.state, workspace.node):
            continue
        root = solutions_of(data, workspace)
        cutoff = 1.3 * min(root.values()) if root else np.inf
        queue = make_queue(data)
        push_partition(data, workspace, queue, 1, -np.inf, cutoff)
        found: set[tuple[int, ...]] = set()
        slots = queue.heap[: queue.counters[SIZE]]
        for slot in slots:
            workspace.allowed[:], workspace.state[:] = queue.allowed[slot], queue.state[slot]
            solutions = solutions_of(data, workspace)
            assert queue.bound[slot] <= min(solutions.values(), default=np.inf)
            found |= solutions.keys()
        assert {assignment for assignment, cost in root.items() if cost < cutoff} <= found
        for one, other in itertools.combinations(queue.state[slots], 2):
            assert (((one == OPEN) & (other == CLOSED)) | ((one == CLOSED) & (other == OPEN))).any()
        n_split += len(slots) > 1
        n_pruned += len(found) < len(root)
    assert n_split > 20
    assert n_pruned > 20
