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
"""Counters in `Tree.count`: nodes on the heap, slots ever used, slots free again."""

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
    count : ndarray of int, shape (3,)
        SIZE, SLOTS and SPARE.
    """

    allowed: Flags
    state: States
    price: Floats
    bound: Floats
    heap: Integers
    spare: Integers
    count: Integers


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
    *arrays, count = tree
    return Tree(*(np.concatenate([a, np.zeros_like(a)]) for a in arrays), count)


def least_bound(tree: Tree) -> float:
    """Give the least bound of all open nodes, inf if there is none."""
    return float(tree.bound[tree.heap[0]]) if tree.count[SIZE] else INF


@compiled
def has_room(tree: Tree, nodes: int) -> bool:
    """Say whether so many more nodes fit."""
    used = tree.count[SLOTS] - tree.count[SPARE]
    return bool(used + nodes <= tree.bound.shape[0])


@compiled
def push(tree: Tree, allowed: Flags, state: States, price: Floats, bound: float) -> None:
    """Store a node; the caller has made sure that it fits."""
    count = tree.count
    if count[SPARE] > 0:
        count[SPARE] -= 1
        slot = tree.spare[count[SPARE]]
    else:
        slot = count[SLOTS]
        count[SLOTS] += 1
    tree.allowed[slot] = allowed
    tree.state[slot] = state
    tree.price[slot] = price
    tree.bound[slot] = bound
    i = count[SIZE]
    count[SIZE] += 1
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
    count = tree.count
    top = tree.heap[0]
    count[SIZE] -= 1
    n = count[SIZE]
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
    tree.spare[count[SPARE]] = top
    count[SPARE] += 1
    return int(top)
