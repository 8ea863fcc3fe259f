"""Several threads prove the same as one, and the result depends on no thread's speed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from solvers import native
from solvers.native.model.incumbent import VALUE, make_incumbent
from solvers.native.model.parameters import DEFAULTS
from solvers.native.model.problem_data import ProblemData
from solvers.native.outcome import Outcome
from solvers.native.tree.branch_and_bound import NODES, make_search_state
from solvers.native.tree.node_queue import SIZE, make_queue, pop, push
from solvers.native.tree.node_workspace import make_node_workspace
from solvers.native.tree.tree_search import (
    TreePart,
    count_nodes,
    deal_nodes,
    share_incumbent,
    split_tree,
)
from solvers.problem import Problem
from solvers.result import Status

MANY_SLICES = DEFAULTS._replace(slice_operations=500_000, tree_slice_factor=1)
"""Short rounds, so that nodes and incumbents pass between threads many times."""


@pytest.fixture
def parts(small_data: Callable[[int], ProblemData]) -> list[TreePart]:
    """Return a part with 100 nodes of bounds 0, 1, 2, ... and two parts without nodes."""
    data = small_data(1)
    queue, workspace = make_queue(data), make_node_workspace(data, 100)
    for bound in range(100):
        push(queue, workspace.allowed, workspace.state, workspace.multiplier + bound, bound)
    state = make_search_state(workspace.allowed, 0.0, 1, 1, 0, DEFAULTS)
    tree = TreePart(workspace, queue, state, make_incumbent(data, 1.0))
    return split_tree(data, tree, 3, 100)


def bounds(part: TreePart) -> list[float]:
    """Take all nodes of a part; return their bounds in the order in which they come."""
    found = []
    while part.queue.counters[SIZE]:
        slot = pop(part.queue)
        assert part.queue.multiplier[slot, 0] == part.queue.bound[slot]
        found.append(float(part.queue.bound[slot]))
    return found


def test_the_best_nodes_are_dealt_in_turn_and_none_is_lost(parts: list[TreePart]) -> None:
    """The second and third part get every third of the 32 best nodes; all others stay."""
    deal_nodes(parts)
    first, second, third = map(bounds, parts)
    assert second == list(range(1, 32, 3))
    assert third == list(range(2, 32, 3))
    assert first == [*range(0, 32, 3), *range(32, 100)]


def test_every_thread_gets_the_best_incumbent(parts: list[TreePart]) -> None:
    """The cheapest of three is copied to the others, and later changes stay with one thread."""
    for part, value in zip(parts, (7.0, 5.0, 6.0), strict=True):
        part.incumbent.scalars[VALUE] = value
        part.incumbent.assignment[:] = int(value)
    share_incumbent(parts)
    parts[1].incumbent.assignment[0] = 0
    assert [part.incumbent.scalars[VALUE] for part in parts] == [5.0, 5.0, 5.0]
    assert [part.incumbent.assignment[0] for part in parts] == [5, 0, 5]


def test_nodes_of_all_threads_are_counted(parts: list[TreePart]) -> None:
    """A part begins at zero nodes; the sum is reported."""
    parts[0].state.counters[NODES] += 10
    parts[2].state.counters[NODES] += 3
    assert count_nodes(parts) == 13


def outcome(problem: Problem, threads: int) -> Outcome:
    """Search at gap 0 without a time limit, in short rounds."""
    return native.search(problem, 0.0, 1e6, parameters=MANY_SLICES, threads=threads)


@pytest.mark.parametrize("seed", [2, 8, 9])
def test_several_threads_find_the_same_optimum(network: Callable[..., Problem], seed: int) -> None:
    """One, two and five threads prove the same cost; the tree has dozens of nodes."""
    problem = network(3, 12, 40, tightness=1.15, alpha=2.0, seed=seed)
    one, two, five = (outcome(problem, threads) for threads in (1, 2, 5))
    assert min(one.nodes, two.nodes, five.nodes) > 20
    assert one.status is two.status is five.status is Status.OPTIMAL
    assert one.bound is not None
    assert two.bound == pytest.approx(one.bound, rel=1e-8)
    assert five.bound == pytest.approx(one.bound, rel=1e-8)


def test_threads_of_any_speed_give_the_same_result(network: Callable[..., Problem]) -> None:
    """Two searches with three threads agree to the last digit, in nodes and in the assignment."""
    problem = network(3, 12, 40, tightness=1.15, alpha=2.0, seed=2)
    first, second = outcome(problem, 3), outcome(problem, 3)
    assert (first.bound, first.nodes) == (second.bound, second.nodes)
    assert np.array_equal(first.assignment, second.assignment)
