"""The open nodes of the tree: a binary heap ordered by their bounds.

The least of their bounds is a bound of all that is not searched yet. A node consists of the allowed
pairs, the states of the sites, the first multipliers and a bound.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.model.arrays import copy_matrix, copy_vector
from solvers.native.model.compilation import compiled
from solvers.native.model.memory_limits import FIRST_BYTES, MAX_BYTES
from solvers.native.model.problem_data import INF, Flags, ProblemData, States
from solvers.problem import Floats, Integers

SIZE, SLOTS, SPARE = range(3)
"""Indices of `NodeQueue.counters`: nodes in the heap, slots used so far, slots free for reuse."""


class NodeQueue(NamedTuple):
    """Open nodes in numbered slots.

    Attributes
    ----------
    allowed : ndarray of uint8, shape (N, J, K)
    state : ndarray of int8, shape (N, J)
    multiplier : ndarray, shape (N, K)
    bound : ndarray, shape (N,)
        Allowed pairs, states of the sites, first multipliers and bound of the node in each slot.
    heap : ndarray of int, shape (N,)
        Slots of the open nodes, as a binary heap with the least bound first.
    spare : ndarray of int, shape (N,)
        Slots that are free for reuse.
    counters : ndarray of int, shape (3,)
        SIZE, SLOTS and SPARE.
    """

    allowed: Flags
    state: States
    multiplier: Floats
    bound: Floats
    heap: Integers
    spare: Integers
    counters: Integers


def make_queue(data: ProblemData) -> NodeQueue:
    """Allocate a queue for a few thousand nodes, or fewer if the problem is large."""
    sites, customers = data.cost.shape
    pairs = sites * customers
    slots = max(64 + 2 * sites, min(4096, FIRST_BYTES // pairs))
    slots = min(slots, MAX_BYTES // pairs)
    return NodeQueue(
        np.zeros((slots, sites, customers), np.uint8),
        np.zeros((slots, sites), np.int8),
        np.zeros((slots, customers)),
        np.zeros(slots),
        np.zeros(slots, np.int64),
        np.zeros(slots, np.int64),
        np.zeros(3, np.int64),
    )


def grow(queue: NodeQueue, max_bytes: int) -> NodeQueue | None:
    """Return a copy of a queue with twice the slots; None if it would take more memory."""
    if 2 * queue.allowed.nbytes > max_bytes:
        return None
    double = {
        name: np.concatenate([array, np.zeros_like(array)])
        for name, array in queue._asdict().items()
        if name != "counters"
    }
    return NodeQueue(counters=queue.counters, **double)


def dual_bound(queue: NodeQueue) -> float:
    """Return the least bound of all open nodes, inf if there is none.

    Equation (42) of docs/algorithm.md, without the cutoff.
    """
    return float(queue.bound[queue.heap[0]]) if queue.counters[SIZE] else INF


@compiled
def has_room(queue: NodeQueue, nodes: int) -> bool:
    """Return whether ``nodes`` more nodes fit."""
    used = queue.counters[SLOTS] - queue.counters[SPARE]
    return bool(used + nodes <= queue.bound.shape[0])


@compiled
def push(queue: NodeQueue, allowed: Flags, state: States, multiplier: Floats, bound: float) -> None:
    """Store a node; the caller must have checked with `has_room` that it fits."""
    counters = queue.counters
    if counters[SPARE] > 0:
        counters[SPARE] -= 1
        slot = queue.spare[counters[SPARE]]
    else:
        slot = counters[SLOTS]
        counters[SLOTS] += 1
    copy_matrix(allowed, queue.allowed[slot])
    copy_vector(state, queue.state[slot])
    copy_vector(multiplier, queue.multiplier[slot])
    queue.bound[slot] = bound
    i = counters[SIZE]
    counters[SIZE] += 1
    while i > 0:
        parent = (i - 1) >> 1
        if queue.bound[queue.heap[parent]] <= bound:
            break
        queue.heap[i] = queue.heap[parent]
        i = parent
    queue.heap[i] = slot


@compiled
def pop(queue: NodeQueue) -> int:
    """Remove the node of least bound; return its slot, which holds it until the next push."""
    counters = queue.counters
    top = queue.heap[0]
    counters[SIZE] -= 1
    n = counters[SIZE]
    last = queue.heap[n]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and queue.bound[queue.heap[child + 1]] < queue.bound[queue.heap[child]]:
            child += 1
        if queue.bound[queue.heap[child]] >= queue.bound[last]:
            break
        queue.heap[i] = queue.heap[child]
        i = child
    queue.heap[i] = last
    queue.spare[counters[SPARE]] = top
    counters[SPARE] += 1
    return int(top)
