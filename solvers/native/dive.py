"""A dive: settle all sites at once, the surest first, to have one good set of open sites early.

With dozens of sites a tree reaches its first leaf late, and a search that moves customers one by
one does not find its way from one set of sites to another. The Lagrangian flips tell how much the
bound rises if a site is opened or closed against them: in each round the sites that differ most are
settled, and the prices climb again.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from solvers.native.ascent import BEST, climb, first_step, fresh_metric, start_climb
from solvers.native.branch import SEED, Plan, explore
from solvers.native.node import CLOSED, FREE, INF, OPEN, Data, Flags, States, compress
from solvers.native.penalties import penalise
from solvers.native.process import Space
from solvers.native.repair import repair
from solvers.native.tabu import tabu
from solvers.native.tree import make_tree, push
from solvers.native.walk import PRICE, Incumbent, cutoff_of
from solvers.problem import Floats

PACES = (2, 3, 4, 6, 9, 12)
"""Paces of dives: one of so many free sites is settled in each round. None of them is the best on
all networks, and they cost a second or two with hundreds of sites."""
EVALUATIONS, WINDOW, LEAST_GAIN = 100, 20, 1e-5
"""How far prices climb between two rounds; see `climb`."""
SLICES = 12
"""Slices of work on the best set of all dives."""
STARTS, STEPS = 4, 2500
"""Tabu searches on the set of sites, each with random numbers of its own, and their steps."""


class Node(NamedTuple):
    """A node put aside: pairs and sites that are left, and the prices to start from."""

    allowed: Flags
    state: States
    price: Floats


def search_one_set(
    data: Data, space: Space, plan: Plan, incumbent: Incumbent, evaluations: int, deadline: float
) -> None:
    """Look for incumbents with one good set of open sites; ``space`` is as before on return.

    Parameters
    ----------
    data, space, plan, incumbent
        The problem; a node; what the search is told; in and out.
    evaluations : int
        Work on the best set between two looks at the clock.
    deadline : float
        Of `time.perf_counter`.
    """
    root = Node(space.allowed.copy(), space.state.copy(), space.price.copy())
    best, least = root, cutoff_of(incumbent, plan.gap)
    for pace in PACES:
        if time.perf_counter() > deadline:
            break
        plan.counter[SEED] += STARTS
        bound = dive(data, space, incumbent, pace, deadline, int(plan.counter[SEED]))
        if bound < least:
            least = bound
            best = Node(space.allowed.copy(), space.state.copy(), space.price.copy())
        space.allowed[:], space.state[:], space.price[:] = root
    if best is not root:
        tree = make_tree(data)
        push(tree, best.allowed, best.state, best.price, least)
        of_set = plan._replace(pairs=best.allowed)
        for _ in range(SLICES):
            if time.perf_counter() < deadline:
                explore(data, space, tree, of_set, incumbent, evaluations)
    space.allowed[:], space.state[:], space.price[:] = root
    compress(data, space.allowed, space.state, space.node)


def dive(
    data: Data, space: Space, incumbent: Incumbent, pace: int, deadline: float, seed: int
) -> float:
    """Settle the sites of the node in ``space``, and search for an incumbent that uses those open.

    Parameters
    ----------
    data, space, incumbent
        The problem; the node, which is changed; in and out.
    pace : int
        One of so many free sites is settled in each round.
    deadline : float
        Of `time.perf_counter`.
    seed : int
        Of the tabu search.

    Returns
    -------
    float
        A bound of what is left, for the sites as they are settled; inf if nothing is, or if the
        time is over.
    """
    if not compress(data, space.allowed, space.state, space.node):
        return INF
    space.work.joint[0] = 0  # it makes rounds dear, and the choice of sites no better
    bound = _settle_all(data, space, pace, deadline)
    space.work.joint[0] = 1
    if bound < INF:
        penalise(data, space.node, space.work, space.price, space.found)
        repair(data, space.node, space.work, space.price, space.assign)
        beta = incumbent.number[PRICE]
        for i in range(STARTS):
            if time.perf_counter() > deadline:
                break
            tabu(data, space.allowed, space.assign, incumbent, beta, STEPS, seed + i)
    return bound


def _settle_all(data: Data, space: Space, pace: int, deadline: float) -> float:
    """Settle and climb until no site is free; return the last bound as `dive` does."""
    bound = -INF
    while (space.state == FREE).any():
        if time.perf_counter() > deadline:
            return INF
        penalise(data, space.node, space.work, space.price, space.found)
        _settle(data, space, pace)
        if not compress(data, space.allowed, space.state, space.node):
            return INF
        fresh_metric(data, space.ascent)
        step = first_step(data, space.price)
        start_climb(data, space.node, space.work, space.price, space.ascent, step)
        climb(
            data,
            space.node,
            space.work,
            space.price,
            space.ascent,
            INF,
            EVALUATIONS,
            LEAST_GAIN,
            WINDOW,
            0.0,
        )
        bound = float(space.ascent.number[BEST])
    return bound


def _settle(data: Data, space: Space, pace: int) -> None:
    """Settle the free sites whose flips differ most; none is closed that is needed."""
    free = np.flatnonzero(space.state == FREE)
    # Either flip may be inf, where the other state is impossible: then it is the surest.
    opened, closed = space.work.if_open[free], space.work.if_closed[free]
    with np.errstate(invalid="ignore"):
        regret = np.nan_to_num(closed - opened, nan=0.0, posinf=INF, neginf=-INF)
    spare = int(data.capacity[space.state != CLOSED].sum()) - data.total
    surest = np.argsort(-np.abs(regret), kind="stable")[: max(1, len(free) // pace)]
    for i in surest:
        site = free[i]
        if regret[i] > 0 or data.capacity[site] > spare:
            space.state[site] = OPEN
        else:
            space.state[site] = CLOSED
            spare -= int(data.capacity[site])
