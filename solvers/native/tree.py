"""The open nodes of the tree: a heap on their bounds, whose least is the bound of all that is left.

A node is what is allowed there, the states of the sites, the prices it starts from and a bound.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.jit import compiled
from solvers.native.node import INF, Data, Flags, States
from solvers.problem import Floats, Integers

SIZE, SLOTS, SPARE = range(3)
"""Counters in `Tree.counter`: nodes on the heap, slots ever used, slots free again."""

FIRST_BYTES = 200 * 2**20
"""Memory that a tree asks for at first; the system gives it as it is used."""
MOST_BYTES = 2**30
"""Memory at which a tree is full."""


class Tree(NamedTuple):
    """Open nodes in numbered slots.

    Attributes
    ----------
    allowed : ndarray of uint8, shape (N, J, K)
    state : ndarray of int8, shape (N, J)
    price : ndarray, shape (N, K)
    bound : ndarray, shape (N,)
        What each slot holds.
    heap, spare : ndarray of int, shape (N,)
        Slots in the order of a heap on their bounds; slots that are free again.
    counter : ndarray of int, shape (3,)
        SIZE, SLOTS and SPARE.
    """

    allowed: Flags
    state: States
    price: Floats
    bound: Floats
    heap: Integers
    spare: Integers
    counter: Integers


def make_tree(data: Data) -> Tree:
    """Allocate a tree with room for a few thousand nodes, fewer of a large problem."""
    sites, customers = data.cost.shape
    slots = max(64 + 2 * sites, min(4096, FIRST_BYTES // (sites * customers)))
    return Tree(
        np.zeros((slots, sites, customers), np.uint8),
        np.zeros((slots, sites), np.int8),
        np.zeros((slots, customers)),
        np.zeros(slots),
        np.zeros(slots, np.int64),
        np.zeros(slots, np.int64),
        np.zeros(3, np.int64),
    )


def grow(tree: Tree) -> Tree | None:
    """Copy a tree into one with twice the slots; None if that would take too much memory."""
    if 2 * tree.allowed.nbytes > MOST_BYTES:
        return None
    double = {
        name: np.concatenate([array, np.zeros_like(array)])
        for name, array in tree._asdict().items()
        if name != "counter"
    }
    return Tree(counter=tree.counter, **double)


def least_bound(tree: Tree) -> float:
    """Give the least bound of all open nodes, inf if there is none."""
    return float(tree.bound[tree.heap[0]]) if tree.counter[SIZE] else INF


@compiled
def has_room(tree: Tree, nodes: int) -> bool:
    """Say whether so many more nodes fit."""
    used = tree.counter[SLOTS] - tree.counter[SPARE]
    return bool(used + nodes <= tree.bound.shape[0])


@compiled
def push(tree: Tree, allowed: Flags, state: States, price: Floats, bound: float) -> None:
    """Store a node; the caller has made sure that it fits."""
    counter = tree.counter
    if counter[SPARE] > 0:
        counter[SPARE] -= 1
        slot = tree.spare[counter[SPARE]]
    else:
        slot = counter[SLOTS]
        counter[SLOTS] += 1
    tree.allowed[slot] = allowed
    tree.state[slot] = state
    tree.price[slot] = price
    tree.bound[slot] = bound
    i = counter[SIZE]
    counter[SIZE] += 1
    while i > 0:
        above = (i - 1) >> 1
        if tree.bound[tree.heap[above]] <= bound:
            break
        tree.heap[i] = tree.heap[above]
        i = above
    tree.heap[i] = slot


@compiled
def pop(tree: Tree) -> int:
    """Take the slot of least bound off the heap; it is free again, but still holds the node."""
    counter = tree.counter
    top = tree.heap[0]
    counter[SIZE] -= 1
    n = counter[SIZE]
    last = tree.heap[n]
    i = 0
    while True:
        below = 2 * i + 1
        if below >= n:
            break
        if below + 1 < n and tree.bound[tree.heap[below + 1]] < tree.bound[tree.heap[below]]:
            below += 1
        if tree.bound[tree.heap[below]] >= tree.bound[last]:
            break
        tree.heap[i] = tree.heap[below]
        i = below
    tree.heap[i] = last
    tree.spare[counter[SPARE]] = top
    counter[SPARE] += 1
    return int(top)
