"""Branch and bound on the Lagrangian bound: best bound first, with plunges.

A node splits on a site while one is unsettled, else on the customer with the fewest sites left:
one child a site, each with its exact bound under the prices in hand. The best child is followed at
once, for a plunge finds incumbents; the others wait on the heap. Holmberg, Ronnqvist and Yuan
(1999), European Journal of Operational Research 113; Posta, Ferland and Michelon (2012),
Computational Optimization and Applications 52.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.jit import compiled
from solvers.native.node import CLOSED, FREE, INF, OPEN, Data, Flags
from solvers.native.process import Space, process, site_hash
from solvers.native.repair import repair
from solvers.native.tabu import tabu
from solvers.native.tree import SIZE, Tree, has_room, pop, push
from solvers.native.walk import PRICE, Incumbent, cutoff_of, offer
from solvers.problem import Integers

FINISHED, INTERRUPTED, FULL = range(3)
"""Why `explore` returns."""
NODES, SEED = range(2)
"""Counters of `Plan.counter`."""

HEURISTIC = 25
"""A tabu search every so many nodes..."""
VISITS = 2
"""... and at the first visits of each set of open sites."""
SHORT, LONG = 5, 20
"""Steps of a tabu search, in K: while sites are unsettled, and after."""


class Plan(NamedTuple):
    """What a search is told, and what it counts.

    Attributes
    ----------
    pairs : ndarray of uint8, shape (J, K)
        Pairs that tabu searches use: those of the root, and the incumbent's.
    gap : float
        Relative distance below the incumbent at which nothing is of interest.
    most : int
        Evaluations that a node uses at most.
    steps : int
        Steps that a tabu search takes at most.
    visits : ndarray of int, shape (256,)
        Visits of sets of open sites, by hash: a collision only skips a heuristic.
    counter : ndarray of int, shape (2,)
        NODES and SEED.
    """

    pairs: Flags
    gap: float
    most: int
    steps: int
    visits: Integers
    counter: Integers


def make_plan(pairs: Flags, gap: float, most: int, steps: int, seed: int) -> Plan:
    """Start a plan with its counters at zero and its random numbers at ``seed``."""
    return Plan(pairs, gap, most, steps, np.zeros(256, np.int64), np.array([0, seed]))


@compiled
def explore(
    data: Data, space: Space, tree: Tree, plan: Plan, incumbent: Incumbent, evaluations: int
) -> int:
    """Work on the tree for about so many evaluations of L.

    Returns
    -------
    int
        FINISHED: no open node is of interest. INTERRUPTED: the evaluations are used up. FULL: the
        tree needs more slots. In each case the tree holds all that is left.
    """
    left = evaluations
    while tree.counter[SIZE] > 0:
        if tree.bound[tree.heap[0]] >= cutoff_of(incumbent, plan.gap):
            return FINISHED
        if left <= 0:
            return INTERRUPTED
        if not has_room(tree, data.capacity.shape[0] + 1):
            return FULL
        slot = pop(tree)
        space.allowed[:] = tree.allowed[slot]
        space.state[:] = tree.state[slot]
        space.price[:] = tree.price[slot]
        space.last[0] = 0
        left = _plunge(data, space, tree, plan, incumbent, tree.bound[slot], left)
    return FINISHED


@compiled
def _plunge(
    data: Data,
    space: Space,
    tree: Tree,
    plan: Plan,
    incumbent: Incumbent,
    bound: float,
    left: int,
) -> int:
    """Follow a node to a leaf, from best child to best child; return the evaluations left."""
    while True:
        if left <= 0 or not has_room(tree, data.capacity.shape[0] + 1):
            push(tree, space.allowed, space.state, space.price, bound)
            return left
        plan.counter[NODES] += 1
        cutoff = cutoff_of(incumbent, plan.gap)
        bound, used = process(data, space, bound, cutoff, plan.most)
        left -= used + 1
        if bound >= cutoff:
            return left
        if _complete(data, space, incumbent):
            return left
        site = _choose_site(space, bound)
        _search(data, space, plan, incumbent, site)
        cutoff = cutoff_of(incumbent, plan.gap)
        if bound >= cutoff:
            return left
        if site >= 0:
            bound = _split_site(space, tree, site, bound, cutoff)
        else:
            bound = _split_customer(data, space, tree, bound, cutoff)
        if bound >= cutoff:
            return left


@compiled
def _complete(data: Data, space: Space, incumbent: Incumbent) -> bool:
    """If every customer is assigned, offer the assignment: the node holds nothing better."""
    for k in range(data.demand.shape[0]):
        if space.node.free[k] == 1:
            return False
    offer(data, space.node.owner, incumbent)
    return True


@compiled
def _search(data: Data, space: Space, plan: Plan, incumbent: Incumbent, site: int) -> None:
    """Look for a better incumbent near the Lagrangian solution, where that is likely to pay."""
    view, work = space.node, space.work
    single = True
    for k in range(data.demand.shape[0]):
        if view.free[k] == 1 and work.served[k] != 1:
            single = False
    due = single or plan.counter[NODES] % HEURISTIC == 0
    if site < 0 and not due:
        i = (site_hash(space.state) >> 20) & (plan.visits.shape[0] - 1)
        plan.visits[i] += 1
        due = plan.visits[i] <= VISITS
    if not due:
        return
    repair(data, view, work, space.price, space.assign)
    if single:
        offer(data, space.assign, incumbent)
    steps = min((SHORT if site >= 0 else LONG) * data.demand.shape[0], plan.steps)
    plan.counter[SEED] += 1
    beta, seed = incumbent.number[PRICE], plan.counter[SEED]
    tabu(data, plan.pairs, space.assign, incumbent, beta, steps, seed)


@compiled
def _choose_site(space: Space, bound: float) -> int:
    """Choose the unsettled site whose two children rise most, by the product; -1 for none."""
    pick = -1
    top = -INF
    least = 1e-6 * abs(bound)
    for j in range(space.state.shape[0]):
        if space.node.state[j] == FREE:
            opened = max(space.work.if_open[j] - bound, least)
            closed = max(space.work.if_closed[j] - bound, least)
            if opened * closed > top:
                top = opened * closed
                pick = j
    return pick


@compiled
def _split_site(space: Space, tree: Tree, site: int, bound: float, cutoff: float) -> float:
    """Go on with the better state of a site and keep the other; return the bound."""
    opened = max(bound, space.work.if_open[site])
    closed = max(bound, space.work.if_closed[site])
    chosen = space.work.choice[site] == 1
    follow = OPEN if opened < closed or (opened == closed and chosen) else CLOSED
    other = closed if follow == OPEN else opened
    if other < cutoff:
        space.state[site] = CLOSED if follow == OPEN else OPEN
        push(tree, space.allowed, space.state, space.price, other)
    space.state[site] = follow
    return float(min(opened, closed))


@compiled
def _choose_customer(data: Data, space: Space, bound: float) -> int:
    """Choose the customer with the fewest sites left; among equals, where children rise most."""
    view, rise = space.node, space.found.out_sum
    rise[:] = 0.0
    for p in range(view.start[view.start.shape[0] - 1]):
        rise[view.item[p]] += space.found.child[p] - bound
    pick = -1
    for k in range(data.demand.shape[0]):
        if view.free[k] == 0:
            continue
        fewer = pick < 0 or view.left[k] < view.left[pick]
        if fewer or (view.left[k] == view.left[pick] and rise[k] > rise[pick]):
            pick = k
    return pick


@compiled
def _split_customer(data: Data, space: Space, tree: Tree, bound: float, cutoff: float) -> float:
    """Go on with a customer at its best site and keep its others; return the bound, or the cutoff.

    What is at the cutoff or above is dropped; if that is all, there is nothing to go on with.
    """
    view, child = space.node, space.found.child
    k = _choose_customer(data, space, bound)
    lead = -1
    low = INF
    for j in range(data.capacity.shape[0]):
        space.allowed[j, k] = 0  # and one at a time is admitted again
        for p in range(view.start[j], view.start[j + 1]):
            if view.item[p] == k and child[p] < low:
                low = child[p]
                lead = j
    if lead < 0 or low >= cutoff:
        return INF
    for j in range(data.capacity.shape[0]):
        for p in range(view.start[j], view.start[j + 1]):
            if view.item[p] == k and j != lead and child[p] < cutoff:
                space.allowed[j, k] = 1
                push(tree, space.allowed, space.state, space.price, max(bound, child[p]))
                space.allowed[j, k] = 0
    space.allowed[lead, k] = 1
    return max(bound, low)
