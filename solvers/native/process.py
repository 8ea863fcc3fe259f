"""One node of the tree: climb, penalise, strike out, until nothing more is settled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.ascent import (
    BEST,
    USED,
    Ascent,
    climb,
    first_step,
    fresh_metric,
    make_ascent,
    start_climb,
)
from solvers.native.found import Penalties, make_penalties
from solvers.native.jit import compiled
from solvers.native.node import FREE, INF, Data, Flags, States, View, compress, make_view
from solvers.native.penalties import penalise, strike
from solvers.native.work import Work, make_work
from solvers.problem import Floats, Integers

ROUNDS = 5
"""Rounds of climbing and striking out in one node."""
STEPS, SHARE = 60, 0.1
"""Evaluations with a metric that is known; a climb ends when ten steps gain less than SHARE of
what is missing: branching is cheaper then."""
METRICS = 32
"""Sets of open sites whose metric is remembered."""
WORTH = 0.1
"""Fraction of the pairs that must be settled for another round to pay."""


class Space(NamedTuple):
    """The node in hand, and the work space for it.

    Attributes
    ----------
    node, work, found, ascent : View, Work, Penalties, Ascent
        See there.
    allowed : ndarray of uint8, shape (J, K)
        Pairs that are left.
    state : ndarray of int8, shape (J,)
        States of the sites.
    price : ndarray, shape (K,)
        lambda.
    assign : ndarray of int, shape (K,)
        An assignment in the making.
    metrics : ndarray, shape (METRICS, K, K)
        Metrics of ascents that have converged, by set of open sites.
    owner : ndarray of int, shape (METRICS,)
        Hash of that set.
    last : ndarray of int, shape (1,)
        Hash of the set that the metric in hand belongs to, 0 for none.
    """

    node: View
    work: Work
    found: Penalties
    ascent: Ascent
    allowed: Flags
    state: States
    price: Floats
    assign: Integers
    metrics: Floats
    owner: Integers
    last: Integers


def make_space(data: Data) -> Space:
    """Allocate the work space; the node is the root, with the pairs that fit by themselves."""
    sites, customers = data.cost.shape
    return Space(
        node=make_view(data),
        work=make_work(data),
        found=make_penalties(data),
        ascent=make_ascent(customers),
        allowed=(data.demand[None, :] <= data.capacity[:, None]).astype(np.uint8),
        state=np.full(sites, FREE, np.int8),
        price=np.zeros(customers),
        assign=np.zeros(customers, np.int64),
        metrics=np.zeros((METRICS, customers, customers)),
        owner=np.zeros(METRICS, np.int64),
        last=np.zeros(1, np.int64),
    )


@compiled
def site_hash(state: States) -> int:
    """Hash the states of the sites; never 0."""
    h = np.int64(1469598103934665603)
    for j in range(state.shape[0]):
        h = (h ^ np.int64(3 * j + state[j] + 1)) * np.int64(1099511628211)
    return int(h) if h != 0 else 1


@compiled
def process(data: Data, space: Space, bound: float, cutoff: float, most: int) -> tuple[float, int]:
    """Bound and tighten the node in ``space``.

    Parameters
    ----------
    data, space : Data, Space
        The problem and the node.
    bound, cutoff : float
        What is known of the node, and what suffices.
    most : int
        Evaluations after which no further round begins, and none takes more.

    Returns
    -------
    bound, used : float, int
        At the cutoff or above, the node holds nothing of interest; inf if it holds nothing at all.
        Below it, ``space`` holds the penalties at its prices. Evaluations used.
    """
    view, work, ascent = space.node, space.work, space.ascent
    if not compress(data, space.allowed, space.state, view):
        return INF, 0
    used = 0
    for _ in range(ROUNDS):
        bound = max(bound, _converge(data, space, cutoff, most))
        used += int(ascent.number[USED])
        if bound >= cutoff:
            return bound, used
        bound = max(bound, penalise(data, view, work, space.price, space.found))
        if bound >= cutoff:
            return bound, used
        before = site_hash(space.state)
        pairs = view.start[view.start.shape[0] - 1]
        settled = strike(data, view, work, space.found, cutoff, space.allowed, space.state)
        if settled == 0:
            return bound, used
        if not compress(data, space.allowed, space.state, view):
            return INF, used
        few = settled < WORTH * pairs and site_hash(space.state) == before
        if few or used >= most:
            break
    # The last strikes changed the node: its penalties anew.
    return max(bound, penalise(data, view, work, space.price, space.found)), used


@compiled
def _converge(data: Data, space: Space, cutoff: float, most: int) -> float:
    """Climb from the prices in hand; thoroughly where this set of open sites is seen first.

    A metric that has converged for one set is a poor one for another: it starts afresh then, and
    is remembered for the next node with the same set.
    """
    customers = data.demand.shape[0]
    ascent = space.ascent
    h = site_hash(space.state)
    i = (h >> 20) & (METRICS - 1)
    known = h == space.last[0]
    if not known and space.owner[i] == h:
        ascent.metric[:] = space.metrics[i]
        known = True
    space.last[0] = h
    if known:
        start_climb(data, space.node, space.work, space.price, ascent, 0.0)
        climb(
            data,
            space.node,
            space.work,
            space.price,
            ascent,
            cutoff,
            min(STEPS, most),
            1e-6,
            10,
            SHARE,
        )
        return float(ascent.number[BEST])
    fresh_metric(data, ascent)
    step = first_step(data, space.price)
    start_climb(data, space.node, space.work, space.price, ascent, step)
    evaluations = min(100 + 6 * customers, most)
    climb(
        data,
        space.node,
        space.work,
        space.price,
        ascent,
        cutoff,
        evaluations,
        1e-7,
        customers,
        0.0,
    )
    if ascent.number[BEST] < cutoff:
        space.owner[i] = h
        space.metrics[i] = ascent.metric
    return float(ascent.number[BEST])
