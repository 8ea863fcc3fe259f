"""Good sets of open sites: dives of several paces, then dives in the vicinity of the best set.

Where a dive ends depends on what it settles first, and no pace and no reserve is the best on all
networks. What they agree on is right as a rule, what they do not is a matter of one region: so the
sites around one customer are set free again, all others stay as they are in the best set, and a
dive that costs a fraction of a whole one settles the region anew. Shaw (1998), CP98, LNCS 1520, on
neighbourhoods that are large and local.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from solvers.native.branch import SEED, Plan, explore
from solvers.native.dive import STARTS, dive
from solvers.native.node import CLOSED, FREE, INF, OPEN, Data, Flags, States, compress
from solvers.native.penalties import penalise
from solvers.native.process import Space
from solvers.native.tree import make_tree, push
from solvers.native.walk import PRICE, VALUE, Incumbent, cutoff_of
from solvers.problem import Booleans, Floats

DIVES = ((4, 0.01), (2, 0.01), (4, 0.0), (4, 0.005), (6, 0.01), (3, 0.005), (9, 0.0))
"""Pace and reserve of each dive; they cost some seconds with hundreds of sites."""
DIVE_SHARE, VICINITY_SHARE = 0.5, 0.85
"""Fractions of the time up to which whole dives begin, and those in the vicinity."""
FEWEST, MOST = 2, 6
"""Open sites around a customer that are set free."""
NEAR = 0.4
"""Sites take part if opening them raises the bound by no more than this fraction of the gap."""
PACES = (2, 3, 4, 6)
"""Paces of the dives in the vicinity."""
TRIES = 60
"""Dives in the vicinity without success after which there are no more."""
SLICES = 12
"""Slices of work on the assignments of the best set."""


class Node(NamedTuple):
    """A node put aside: pairs and sites that are left, and the prices to start from."""

    allowed: Flags
    state: States
    price: Floats


class Base(NamedTuple):
    """The best set so far: its node, the reserve it was found with, and its bound with that."""

    node: Node
    reserve: float
    bound: float


def search_sets(
    data: Data, space: Space, plan: Plan, incumbent: Incumbent, evaluations: int, deadline: float
) -> None:
    """Look for incumbents with good sets of open sites; ``space`` is as before on return.

    Parameters
    ----------
    data, space, plan, incumbent
        The problem; a node, compressed; what the search is told; in and out.
    evaluations : int
        Work on the best set between two looks at the clock.
    deadline : float
        Of `time.perf_counter`.
    """
    begin = time.perf_counter()
    root = _put_aside(space)
    time_s = deadline - begin
    base = _from_root(data, space, plan, incumbent, root, begin + DIVE_SHARE * time_s)
    if base is not None:
        limit = begin + VICINITY_SHARE * time_s
        base = _from_vicinity(data, space, plan, incumbent, root, base, limit)
        tree = make_tree(data)
        push(tree, base.node.allowed, base.node.state, base.node.price, -INF)
        of_set = plan._replace(pairs=base.node.allowed)
        for _ in range(SLICES):
            if time.perf_counter() < deadline:
                explore(data, space, tree, of_set, incumbent, evaluations)
    _take_up(data, space, root)


def _put_aside(space: Space) -> Node:
    """Copy the node in ``space``."""
    return Node(space.allowed.copy(), space.state.copy(), space.price.copy())


def _take_up(data: Data, space: Space, node: Node) -> None:
    """Make a node that was put aside the one in ``space``."""
    space.allowed[:], space.state[:], space.price[:] = node
    compress(data, space.allowed, space.state, space.node)


def _from_root(
    data: Data, space: Space, plan: Plan, incumbent: Incumbent, root: Node, deadline: float
) -> Base | None:
    """Dive from the root; return the set of the best incumbent among them, None for none."""
    base = None
    least = INF
    for pace, reserve in DIVES:
        if time.perf_counter() > deadline:
            break
        _take_up(data, space, root)
        plan.counter[SEED] += STARTS
        seed = int(plan.counter[SEED])
        # Each dive by itself: one that comes second to the root's incumbent is still a base.
        found = Incumbent(incumbent.assign.copy(), np.array([INF, incumbent.number[PRICE]]))
        bound = dive(data, space, found, pace, deadline, seed, reserve)
        if found.number[VALUE] < least:
            least = float(found.number[VALUE])
            base = Base(_put_aside(space), reserve, bound)
        if found.number[VALUE] < incumbent.number[VALUE]:
            incumbent.number[VALUE] = found.number[VALUE]
            incumbent.assign[:] = found.assign
    return base


def _from_vicinity(
    data: Data,
    space: Space,
    plan: Plan,
    incumbent: Incumbent,
    root: Node,
    base: Base,
    deadline: float,
) -> Base:
    """Settle one region of the base after the other anew; return the last base."""
    random = np.random.default_rng(int(plan.counter[SEED]))
    _take_up(data, space, root)
    bound = penalise(data, space.node, space.work, space.price, space.found)
    near = space.work.if_open <= bound + NEAR * (cutoff_of(incumbent, plan.gap) - bound)
    fruitless = 0
    while fruitless < TRIES and time.perf_counter() < deadline:
        customer, opened = random.integers(len(data.demand)), random.integers(FEWEST, MOST + 1)
        state = reopen(data, root.state, base.node.state, near, int(customer), int(opened))
        pace = int(random.choice(PACES))
        fruitless += 1
        _take_up(data, space, Node(root.allowed, state, base.node.price))
        plan.counter[SEED] += STARTS
        seed = int(plan.counter[SEED])
        bound = dive(data, space, incumbent, pace, deadline, seed, base.reserve, base.bound)
        if bound < base.bound:
            if bound < base.bound * (1.0 - plan.gap):
                fruitless = 0
            base = base._replace(node=_put_aside(space), bound=bound)
    return base


def reopen(
    data: Data, root: States, base: States, near: Booleans, customer: int, opened: int
) -> States:
    """Set the sites around a customer free.

    Parameters
    ----------
    data : Data
        The problem.
    root, base : ndarray of int8, shape (J,)
        States of the sites at the root, which are kept where they are settled, and in the base.
    near : ndarray of bool, shape (J,)
        Sites that may be set free even if they are closed in the base.
    customer, opened : int
        Sites are taken in the order of this customer's costs, until so many are open in the base.

    Returns
    -------
    ndarray of int8, shape (J,)
        The states.
    """
    order = np.argsort(data.cost[:, customer], kind="stable")
    is_open = base == OPEN
    region = np.zeros(len(base), dtype=bool)
    region[order[np.cumsum(is_open[order]) <= opened]] = True
    free = region & (root == FREE) & (near | is_open)
    states: States = np.where(free, FREE, np.where(is_open, OPEN, CLOSED)).astype(np.int8)
    return states
