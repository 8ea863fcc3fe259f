"""The flag that ends compiled loops at the time limit."""

import threading
import time
from collections.abc import Callable

import numpy as np

from solvers.native.bound.subgradient import BEST, USED, ascend, start_ascent
from solvers.native.model.incumbent import Incumbent
from solvers.native.model.node import propagate
from solvers.native.model.parameters import DEFAULTS
from solvers.native.model.problem_data import INF, make_problem_data
from solvers.native.model.search_clock import stop_at
from solvers.native.root import initial_multipliers
from solvers.native.tree.branch_and_bound import (
    FINISHED,
    INTERRUPTED,
    NODES,
    branch_and_bound,
    make_search_state,
)
from solvers.native.tree.node_queue import SIZE, make_queue, push
from solvers.native.tree.node_workspace import NodeWorkspace, make_node_workspace
from solvers.native.tree.tree_search import TreePart, split_tree
from solvers.problem import Problem


def root_of(problem: Problem) -> NodeWorkspace:
    """Return the root node with its first multipliers, and the surplus-capacity bound off."""
    data = make_problem_data(problem)
    workspace = make_node_workspace(data, -1)
    assert propagate(data, workspace.allowed, workspace.state, workspace.node)
    workspace.multiplier[:] = initial_multipliers(data)
    return workspace


def test_the_flag_is_set_at_the_deadline_and_not_before() -> None:
    """A deadline that passes sets it; one that does not, leaves no thread behind."""
    stop, threads = np.zeros(1, np.uint8), threading.active_count()
    with stop_at(time.perf_counter() + 0.01, stop):
        while stop[0] == 0:
            time.sleep(0.001)
    stop[0] = 0
    with stop_at(time.perf_counter() + 1e12, stop):
        assert stop[0] == 0
    while threading.active_count() > threads:
        time.sleep(0.001)
    assert stop[0] == 0


def test_an_ascent_that_is_stopped_takes_no_further_step(hard_problem: Problem) -> None:
    """It returns that it has not ended, and keeps its bound."""
    data, workspace = make_problem_data(hard_problem), root_of(hard_problem)
    node, work, ascent = workspace.node, workspace.work, workspace.ascent
    start_ascent(data, node, work, workspace.multiplier, ascent, 1.0)
    bound = ascent.scalars[BEST]
    work.stop[0] = 1
    arguments = (data, node, work, workspace.multiplier, ascent, INF, 50, 0.0, 20, 0.0)
    assert not ascend(*arguments, DEFAULTS.ascent)
    assert (ascent.scalars[BEST], ascent.scalars[USED]) == (bound, 1)


def test_a_tree_that_is_stopped_keeps_its_nodes(
    hard_problem: Problem, empty_incumbent: Callable[..., Incumbent]
) -> None:
    """No node is processed, and the queue holds the root; without the flag nodes are."""
    data, workspace = make_problem_data(hard_problem), root_of(hard_problem)
    queue, state = make_queue(data), make_search_state(workspace.allowed, 0, 9, 9, 0, DEFAULTS)
    push(queue, workspace.allowed, workspace.state, workspace.multiplier, 0.0)
    tree = TreePart(workspace, queue, state, empty_incumbent(data))
    for part in split_tree(data, tree, 2, -1):
        assert part.workspace.work.stop is workspace.work.stop
    workspace.work.stop[0] = 1
    assert branch_and_bound(data, *tree, 100) == INTERRUPTED
    assert (queue.counters[SIZE], state.counters[NODES]) == (1, 0)
    workspace.work.stop[0] = 0
    assert branch_and_bound(data, *tree, 100) in (INTERRUPTED, FINISHED)
    assert state.counters[NODES] > 0
