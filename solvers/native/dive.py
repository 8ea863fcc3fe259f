"""A dive: settle all sites at once, the surest first, to have one good set of open sites early.

With dozens of sites a tree reaches its first leaf late, and a search that moves customers one by
one does not find its way from one set of sites to another. The Lagrangian flips tell how much the
bound rises if a site is opened or closed against them: in each round the sites that differ most are
settled, and the prices climb again.

The relaxation sees tonnes where a solution packs whole customers: it likes sets of sites that have
next to nothing to spare, which cost little by its account and much once they are packed. A dive may
therefore keep a reserve, a fraction of each capacity that only the search for an incumbent uses.
"""

from __future__ import annotations

import time

import numpy as np

from solvers.native.ascent import BEST, climb, first_step, fresh_metric, start_climb
from solvers.native.node import CLOSED, FREE, INF, OPEN, Data, compress
from solvers.native.penalties import penalise
from solvers.native.process import Space
from solvers.native.repair import repair
from solvers.native.tabu import tabu
from solvers.native.walk import PRICE, Incumbent

EVALUATIONS, WINDOW, LEAST_GAIN = 100, 20, 1e-5
"""How far prices climb between two rounds; see `climb`."""
STARTS, STEPS = 4, 2500
"""Tabu searches on the set of sites, each with random numbers of its own, and their steps."""


def dive(
    data: Data,
    space: Space,
    incumbent: Incumbent,
    pace: int,
    deadline: float,
    seed: int,
    reserve: float = 0.0,
    worth: float = INF,
) -> float:
    """Settle the sites of the node in ``space``, and search for an incumbent that uses those open.

    Parameters
    ----------
    data, space, incumbent
        The problem; the node, compressed, which is changed; in and out.
    pace : int
        One of so many free sites is settled in each round.
    deadline : float
        Of `time.perf_counter`.
    seed : int
        Of the tabu search.
    reserve : float, optional
        Fraction of each capacity that is kept back while sites are settled.
    worth : float, optional
        There is no tabu search if the bound is not below this.

    Returns
    -------
    float
        A bound of what is left, for the sites as they are settled and without the reserve; inf if
        nothing is, or if the time is over.
    """
    less = np.ceil(data.capacity * (1.0 - reserve)).astype(np.int64)
    kept = data._replace(capacity=less)
    if not compress(kept, space.allowed, space.state, space.node):
        return INF
    space.work.joint[0] = 0  # it makes rounds dear, and the choice of sites no better
    bound = _settle_all(kept, space, pace, deadline)
    space.work.joint[0] = 1
    if bound < worth:
        penalise(kept, space.node, space.work, space.price, space.found)
        repair(kept, space.node, space.work, space.price, space.assign)
        beta = incumbent.number[PRICE]
        for i in range(STARTS):
            if time.perf_counter() > deadline:
                break
            tabu(data, space.allowed, space.assign, incumbent, beta, STEPS, seed + i)
    return bound


def _settle_all(data: Data, space: Space, pace: int, deadline: float) -> float:
    """Climb and settle until no site is free; return the last bound as `dive` does."""
    while time.perf_counter() < deadline:
        _climb(data, space)
        if not (space.state == FREE).any():
            return float(space.ascent.number[BEST])
        penalise(data, space.node, space.work, space.price, space.found)
        _settle(data, space, pace)
        if not compress(data, space.allowed, space.state, space.node):
            return INF
    return INF


def _climb(data: Data, space: Space) -> None:
    """Climb from the prices in hand, for this set of sites anew."""
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
