"""The best prices: Shor's r-algorithm, a subgradient ascent that learns the dual's metric.

Where open capacity barely exceeds the demand, the dual is a long ridge: to raise every price in
proportion to its tonnes changes L by next to nothing, and subgradients stall on its sides. The
r-algorithm dilates space along the difference of successive subgradients, the direction across
the ridge, and so sees it flatter with every step. It takes a few times K evaluations, and K^2
operations beside each. Shor (1985), Minimization Methods for Non-Differentiable Functions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.bound import evaluate
from solvers.native.jit import compiled
from solvers.native.node import INF, Data, View
from solvers.native.work import Work
from solvers.problem import Floats

DILATION = 3.0
"""How much space is stretched across the ridge at each step."""
LONGER, SHORTER = 1.2, 0.9
"""The step grows with every second move along one direction, and shrinks where one was enough."""
FIRST = 0.1
"""First step with a fresh metric, as a fraction of the mean price of a tonne."""
POLYAK = 0.3
"""First step with a metric that is known, as a fraction of Polyak's (cutoff - L) / |B' g|."""

STEP, BEST, MARK, ROUNDS, USED = range(5)
"""Numbers in `Ascent.number`."""


class Ascent(NamedTuple):
    """State of an ascent: it can stop anywhere and go on.

    Attributes
    ----------
    metric : ndarray, shape (K, K)
        B: the steps are B xi for unit vectors xi.
    point, slope, previous : ndarray, shape (K,)
        Prices, and the subgradients there and before.
    inner, move : ndarray, shape (K,)
        Work space: a direction in the dilated space, and in that of the prices.
    number : ndarray, shape (5,)
        STEP length, BEST bound, MARK (the best at the last review), ROUNDS and evaluations USED.
    """

    metric: Floats
    point: Floats
    slope: Floats
    previous: Floats
    inner: Floats
    move: Floats
    number: Floats


def make_ascent(customers: int) -> Ascent:
    """Allocate the state of an ascent in K prices."""
    return Ascent(
        metric=np.zeros((customers, customers)),
        point=np.zeros(customers),
        slope=np.zeros(customers),
        previous=np.zeros(customers),
        inner=np.zeros(customers),
        move=np.zeros(customers),
        number=np.zeros(5),
    )


@compiled
def fresh_metric(data: Data, ascent: Ascent) -> None:
    """Forget the metric: a customer's price moves in proportion to its tonnes, diag(d)."""
    ascent.metric[:] = 0.0
    for k in range(data.demand.shape[0]):
        ascent.metric[k, k] = data.demand[k]


@compiled
def first_step(data: Data, price: Floats) -> float:
    """Give a first step for a fresh metric: prices know the scale of the costs."""
    return float(FIRST * price.sum() / data.total)


@compiled
def start_climb(
    data: Data, view: View, work: Work, price: Floats, ascent: Ascent, step: float
) -> None:
    """Begin at prices, shape (K,), with the metric at hand; step 0 stands for Polyak's."""
    ascent.point[:] = price
    ascent.number[BEST] = evaluate(data, view, work, price)
    ascent.number[MARK] = ascent.number[BEST]
    ascent.number[STEP] = step
    ascent.number[ROUNDS] = 0
    ascent.number[USED] = 1
    _subgradient(view, work, ascent)


@compiled
def climb(
    data: Data,
    view: View,
    work: Work,
    price: Floats,
    ascent: Ascent,
    cutoff: float,
    evaluations: int,
    least_gain: float,
    window: int,
    share: float,
) -> bool:
    """Go on with an ascent.

    Parameters
    ----------
    data, view, work : Data, View, Work
        The problem, what is left of it, work space.
    price : ndarray, shape (K,)
        Out: the best prices so far.
    ascent : Ascent
        The state; ``number[BEST]`` is the bound at the best prices.
    cutoff : float
        A bound that is good enough.
    evaluations : int
        How many to use at most.
    least_gain, window, share : float, int, float
        It ends if ``window`` rounds gain less than ``least_gain`` of the bound, or less than
        ``share`` of the way to the cutoff.

    Returns
    -------
    bool
        Whether it has ended; otherwise the evaluations are used up.
    """
    number = ascent.number
    used = 0
    while number[BEST] < cutoff:
        if used >= evaluations:
            return False
        length = _direction(ascent)
        if length == 0.0:
            return True
        if number[STEP] <= 0.0:
            number[STEP] = POLYAK * (cutoff - number[BEST]) / length if cutoff < INF else 1.0
        moves = 0
        while used < evaluations:
            for k in range(price.shape[0]):
                ascent.point[k] += number[STEP] * ascent.move[k]
            bound = evaluate(data, view, work, ascent.point)
            used += 1
            number[USED] += 1
            moves += 1
            if bound > number[BEST]:
                number[BEST] = bound
                price[:] = ascent.point
            _subgradient(view, work, ascent)
            rise = 0.0
            for k in range(price.shape[0]):
                rise += ascent.slope[k] * ascent.move[k]
            if number[BEST] >= cutoff or rise <= 0.0:
                break
            if moves % 2 == 0:
                number[STEP] *= LONGER
        if moves == 1:
            number[STEP] *= SHORTER
        _dilate(ascent)
        number[ROUNDS] += 1
        if number[ROUNDS] % window == 0:
            gain = number[BEST] - number[MARK]
            if gain < least_gain * abs(number[BEST]):
                return True
            if share > 0.0 and gain < share * (cutoff - number[BEST]):
                return True
            number[MARK] = number[BEST]
    return True


@compiled
def _subgradient(view: View, work: Work, ascent: Ascent) -> None:
    """Write 1 - (how often a customer is served), 0 for those assigned already."""
    for k in range(ascent.slope.shape[0]):
        ascent.slope[k] = (1.0 - work.served[k]) if view.free[k] == 1 else 0.0


@compiled
def _transposed(ascent: Ascent, vector: Floats) -> float:
    """Write B' v to ``inner``; return its length."""
    inner = ascent.inner
    inner[:] = 0.0
    for k in range(vector.shape[0]):
        if vector[k] != 0.0:
            row = ascent.metric[k]
            for i in range(vector.shape[0]):
                inner[i] += row[i] * vector[k]
    square = 0.0
    for i in range(vector.shape[0]):
        square += inner[i] * inner[i]
    return float(np.sqrt(square))


@compiled
def _direction(ascent: Ascent) -> float:
    """Write the move B xi along xi = B' g / |B' g|; return that length, 0 at an optimum."""
    length = _transposed(ascent, ascent.slope)
    if length < 1e-12:
        return 0.0
    for k in range(ascent.slope.shape[0]):
        total = 0.0
        row = ascent.metric[k]
        for i in range(row.shape[0]):
            total += row[i] * ascent.inner[i]
        ascent.move[k] = total / length
        ascent.previous[k] = ascent.slope[k]
    return length


@compiled
def _dilate(ascent: Ascent) -> None:
    """Stretch space along eta = B' (g - g_previous), a unit vector after scaling.

    B becomes B (1 + (1 / DILATION - 1) eta eta').
    """
    for k in range(ascent.slope.shape[0]):
        ascent.previous[k] = ascent.slope[k] - ascent.previous[k]
    length = _transposed(ascent, ascent.previous)
    if length < 1e-10:
        return
    factor = (1.0 / DILATION - 1.0) / (length * length)
    for k in range(ascent.slope.shape[0]):
        row = ascent.metric[k]
        total = 0.0
        for i in range(row.shape[0]):
            total += row[i] * ascent.inner[i]
        total *= factor
        for i in range(row.shape[0]):
            row[i] += total * ascent.inner[i]
