"""The node queue returns nodes in the order of their bounds, and grows."""

from collections.abc import Callable

import numpy as np

from solvers.native.model.problem_data import ProblemData
from solvers.native.tree.node_queue import dual_bound, grow, has_room, make_queue, pop, push


def test_queue_returns_nodes_in_order_of_their_bounds(
    small_data: Callable[[int], ProblemData],
) -> None:
    """Nodes come back by ascending bound with the data they were stored with, also after growth."""
    data = small_data(1)
    sites, customers = data.cost.shape
    random = np.random.default_rng(0)
    queue = make_queue(data)
    while has_room(queue, 1):
        bound = float(random.integers(0, 1000))
        allowed = np.full((sites, customers), int(bound) % 2, np.uint8)
        push(queue, allowed, np.zeros(sites, np.int8), np.full(customers, bound), bound)
    larger = grow(queue, 2**30)
    assert larger is not None
    assert has_room(larger, 1)
    previous = -np.inf
    while (bound := dual_bound(larger)) < np.inf:
        slot = pop(larger)
        assert previous <= bound == larger.bound[slot] == larger.multiplier[slot, 0]
        assert larger.allowed[slot, 0, 0] == bound % 2
        previous = bound


def test_the_queue_of_a_large_problem_keeps_within_its_memory() -> None:
    """A million pairs: as many slots as 1 GB holds, though a node may have more children."""
    sites, customers = 10_000, 100
    data = ProblemData(
        cost=np.zeros((sites, customers)),
        capacity=np.ones(sites, np.int64),
        demand=np.ones(customers, np.int64),
        fixed_cost=np.zeros(sites),
        by_demand=np.arange(customers),
        total_demand=customers,
    )
    queue = make_queue(data)
    assert queue.allowed.nbytes <= 2**30
    assert not has_room(queue, sites + 1)
    assert grow(queue, 2**30) is None
