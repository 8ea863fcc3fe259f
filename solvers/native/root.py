"""The root: prices, a first incumbent and the strike-outs before any branching."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from solvers.native.ascent import BEST, STEP, climb, first_step, fresh_metric, start_climb
from solvers.native.node import INF, Data, compress
from solvers.native.penalties import penalise, strike
from solvers.native.process import Space
from solvers.native.repair import repair
from solvers.native.tabu import tabu
from solvers.native.walk import PRICE, VALUE, Incumbent, cutoff_of
from solvers.problem import Floats

STAGES = 4
"""Rounds of climbing, searching and striking out."""
POLISH = 500
"""Steps of the tabu search in the first round; the second has twice as many, and so on."""


@dataclass(frozen=True)
class Stage:
    """How far one round climbs: see `climb`; evaluations in K."""

    evaluations: int
    least_gain: float
    window: int


ROUGH = Stage(evaluations=4, least_gain=1e-4, window=20)
FINE = Stage(evaluations=5, least_gain=1e-6, window=30)


def start_prices(data: Data) -> Floats:
    """Give first prices, shape (K,): the third cheapest site, and a share of fixed cost."""
    third = np.sort(data.cost, axis=0)[min(2, len(data.capacity) - 1)]
    prices: Floats = third + data.fixed.mean() * data.demand / data.capacity.mean()
    return prices


def bound_root(
    data: Data,
    space: Space,
    incumbent: Incumbent,
    gap: float,
    slice_: int,
    deadline: float,
    seed: int,
) -> float:
    """Converge at the root, look for an incumbent, and strike out what the two together settle.

    Parameters
    ----------
    data, space, incumbent
        The problem; the root, compressed, which is tightened; in and out.
    gap : float
        Relative distance below the incumbent at which nothing is of interest.
    slice_ : int
        Evaluations between two looks at the clock.
    deadline : float
        Of `time.perf_counter`.
    seed : int
        Of the searches.

    Returns
    -------
    float
        A bound of the problem: where something was struck out, not above the cutoff; inf if there
        is no solution. At the cutoff, the incumbent is proven.
    """
    pairs = space.allowed.copy()
    space.price[:] = start_prices(data)
    fresh_metric(data, space.ascent)
    step = first_step(data, space.price)
    bound = -INF
    struck = False
    for stage in range(STAGES):
        if time.perf_counter() > deadline:
            break
        cutoff = cutoff_of(incumbent, gap)
        space.work.joint[0] = stage > 0
        start_climb(data, space.node, space.work, space.price, space.ascent, step)
        _climb(data, space, ROUGH if stage == 0 else FINE, cutoff, slice_, deadline)
        step = float(space.ascent.number[STEP])
        bound = max(bound, float(space.ascent.number[BEST]))
        if bound >= cutoff:
            break
        bound = max(bound, penalise(data, space.node, space.work, space.price, space.found))
        if bound == INF:
            return INF
        repair(data, space.node, space.work, space.price, space.assign)
        # The price that this search ends with is where the next ones begin.
        incumbent.number[PRICE] = tabu(
            data,
            pairs,
            space.assign,
            incumbent,
            incumbent.number[PRICE],
            POLISH * (1 + stage),
            seed + stage,
        )
        cutoff = cutoff_of(incumbent, gap)
        if bound >= cutoff:
            break
        if incumbent.number[VALUE] == INF:
            continue
        struck = True
        strike(data, space.node, space.work, space.found, cutoff, space.allowed, space.state)
        if not compress(data, space.allowed, space.state, space.node):
            return cutoff
        pairs[:] = space.allowed
        pairs[incumbent.assign, np.arange(len(data.demand))] = 1
    return min(bound, cutoff_of(incumbent, gap)) if struck else bound


def _climb(
    data: Data, space: Space, stage: Stage, cutoff: float, slice_: int, deadline: float
) -> None:
    """Climb in slices, with a look at the clock after each."""
    left = stage.evaluations * len(data.demand)
    while left > 0 and time.perf_counter() < deadline:
        ended = climb(
            data,
            space.node,
            space.work,
            space.price,
            space.ascent,
            cutoff,
            min(slice_, left),
            stage.least_gain,
            stage.window,
            0.0,
        )
        if ended:
            break
        left -= slice_
