"""The open nodes of the tree: a heap on their bounds, whose least is the bound of all that is left.

A node is what is allowed there, the states of the sites, the prices it starts from and a bound.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.model.compilation import compiled
from solvers.native.model.parameters import FIRST_BYTES, MAX_BYTES
from solvers.native.model.problem_data import INF, Flags, ProblemData, States
from solvers.problem import Floats, Integers

SIZE, SLOTS, SPARE = range(3)
"""Counters in `NodeQueue.counters`: nodes on the heap, slots ever used, slots free again."""


class NodeQueue(NamedTuple):
    """Open nodes in numbered slots.

    Attributes
    ----------
    allowed : ndarray of uint8, shape (N, J, K)
    state : ndarray of int8, shape (N, J)
    multiplier : ndarray, shape (N, K)
    bound : ndarray, shape (N,)
        What each slot holds.
    heap, spare : ndarray of int, shape (N,)
        Slots in the order of a heap on their bounds; slots that are free again.
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
    """Allocate a tree with room for a few thousand nodes, fewer of a large problem."""
    sites, customers = data.cost.shape
    slots = max(64 + 2 * sites, min(4096, FIRST_BYTES // (sites * customers)))
    return NodeQueue(
        np.zeros((slots, sites, customers), np.uint8),
        np.zeros((slots, sites), np.int8),
        np.zeros((slots, customers)),
        np.zeros(slots),
        np.zeros(slots, np.int64),
        np.zeros(slots, np.int64),
        np.zeros(3, np.int64),
    )


def grow(queue: NodeQueue) -> NodeQueue | None:
    """Copy a tree into one with twice the slots; None if that would take too much memory."""
    if 2 * queue.allowed.nbytes > MAX_BYTES:
        return None
    double = {
        name: np.concatenate([array, np.zeros_like(array)])
        for name, array in queue._asdict().items()
        if name != "counters"
    }
    return NodeQueue(counters=queue.counters, **double)


def dual_bound(queue: NodeQueue) -> float:
    """Give the least bound of all open nodes, inf if there is none."""
    return float(queue.bound[queue.heap[0]]) if queue.counters[SIZE] else INF


@compiled
def has_room(queue: NodeQueue, nodes: int) -> bool:
    """Say whether so many more nodes fit."""
    used = queue.counters[SLOTS] - queue.counters[SPARE]
    return bool(used + nodes <= queue.bound.shape[0])


@compiled
def push(queue: NodeQueue, allowed: Flags, state: States, multiplier: Floats, bound: float) -> None:
    """Store a node; the caller has made sure that it fits."""
    counters = queue.counters
    if counters[SPARE] > 0:
        counters[SPARE] -= 1
        slot = queue.spare[counters[SPARE]]
    else:
        slot = counters[SLOTS]
        counters[SLOTS] += 1
    queue.allowed[slot] = allowed
    queue.state[slot] = state
    queue.multiplier[slot] = multiplier
    queue.bound[slot] = bound
    i = counters[SIZE]
    counters[SIZE] += 1
    while i > 0:
        above = (i - 1) >> 1
        if queue.bound[queue.heap[above]] <= bound:
            break
        queue.heap[i] = queue.heap[above]
        i = above
    queue.heap[i] = slot


@compiled
def pop(queue: NodeQueue) -> int:
    """Take the slot of least bound off the heap; it is free again, but still holds the node."""
    counters = queue.counters
    top = queue.heap[0]
    counters[SIZE] -= 1
    n = counters[SIZE]
    last = queue.heap[n]
    i = 0
    while True:
        below = 2 * i + 1
        if below >= n:
            break
        if below + 1 < n and queue.bound[queue.heap[below + 1]] < queue.bound[queue.heap[below]]:
            below += 1
        if queue.bound[queue.heap[below]] >= queue.bound[last]:
            break
        queue.heap[i] = queue.heap[below]
        i = below
    queue.heap[i] = last
    queue.spare[counters[SPARE]] = top
    counters[SPARE] += 1
    return int(top)
