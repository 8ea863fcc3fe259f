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

from solvers.native.bound.lower_bound import lower_bound
from solvers.native.model.compilation import compiled
from solvers.native.model.node import NodeProblem
from solvers.native.model.problem_data import INF, ProblemData
from solvers.native.model.workspace import Workspace
from solvers.problem import Floats

DILATION = 3.0
"""How much space is stretched across the ridge at each step."""
STEP_GROWTH, STEP_DECAY = 1.2, 0.9
"""The step grows with every second move along one direction, and shrinks where one was enough."""
INITIAL_STEP = 0.1
"""First step with a fresh metric, as a fraction of the mean price of a tonne."""
POLYAK = 0.3
"""First step with a metric that is known, as a fraction of Polyak's (cutoff - L) / |B' g|."""

STEP, BEST, MARK, ROUNDS, USED = range(5)
"""Numbers in `AscentState.scalars`."""


class AscentState(NamedTuple):
    """State of an ascent: it can stop anywhere and go on.

    Attributes
    ----------
    metric : ndarray, shape (K, K)
        B: the steps are B xi for unit vectors xi.
    point, slope, previous : ndarray, shape (K,)
        Prices, and the subgradients there and before.
    inner, direction : ndarray, shape (K,)
        Work space: a direction in the dilated space, and in that of the prices.
    scalars : ndarray, shape (5,)
        STEP length, BEST bound, MARK (the best at the last review), ROUNDS and evaluations USED.
    """

    metric: Floats
    point: Floats
    slope: Floats
    previous: Floats
    inner: Floats
    direction: Floats
    scalars: Floats


def make_ascent_state(customers: int) -> AscentState:
    """Allocate the state of an ascent in K prices."""
    return AscentState(
        metric=np.zeros((customers, customers)),
        point=np.zeros(customers),
        slope=np.zeros(customers),
        previous=np.zeros(customers),
        inner=np.zeros(customers),
        direction=np.zeros(customers),
        scalars=np.zeros(5),
    )


@compiled
def reset_metric(data: ProblemData, ascent: AscentState) -> None:
    """Forget the metric: a customer's price moves in proportion to its tonnes, diag(d)."""
    ascent.metric[:] = 0.0
    for k in range(data.demand.shape[0]):
        ascent.metric[k, k] = data.demand[k]


@compiled
def initial_step(data: ProblemData, multiplier: Floats) -> float:
    """Give a first step for a fresh metric: prices know the scale of the costs."""
    return float(INITIAL_STEP * multiplier.sum() / data.total)


@compiled
def start_ascent(
    data: ProblemData,
    node: NodeProblem,
    work: Workspace,
    multiplier: Floats,
    ascent: AscentState,
    step: float,
) -> None:
    """Begin at prices, shape (K,), with the metric at hand; step 0 stands for Polyak's."""
    ascent.point[:] = multiplier
    ascent.scalars[BEST] = lower_bound(data, node, work, multiplier)
    ascent.scalars[MARK] = ascent.scalars[BEST]
    ascent.scalars[STEP] = step
    ascent.scalars[ROUNDS] = 0
    ascent.scalars[USED] = 1
    _subgradient(node, work, ascent)


@compiled
def ascend(
    data: ProblemData,
    node: NodeProblem,
    work: Workspace,
    multiplier: Floats,
    ascent: AscentState,
    cutoff: float,
    evaluations: int,
    least_gain: float,
    window: int,
    min_progress: float,
) -> bool:
    """Go on with an ascent.

    Parameters
    ----------
    data, node, work : Data, View, Work
        The problem, what is left of it, work space.
    multiplier : ndarray, shape (K,)
        Out: the best prices so far.
    ascent : Ascent
        The state; ``scalars[BEST]`` is the bound at the best prices.
    cutoff : float
        A bound that is good enough.
    evaluations : int
        How many to use at most.
    least_gain, window, min_progress : float, int, float
        It ends if ``window`` rounds gain less than ``least_gain`` of the bound, or less than
        ``min_progress`` of the way to the cutoff.

    Returns
    -------
    bool
        Whether it has ended; otherwise the evaluations are used up.
    """
    scalars = ascent.scalars
    used = 0
    while scalars[BEST] < cutoff:
        if used >= evaluations:
            return False
        length = _direction(ascent)
        if length == 0.0:
            return True
        if scalars[STEP] <= 0.0:
            scalars[STEP] = POLYAK * (cutoff - scalars[BEST]) / length if cutoff < INF else 1.0
        moves = _search_line(data, node, work, multiplier, ascent, cutoff, evaluations - used)
        used += moves
        if moves == 1:
            scalars[STEP] *= STEP_DECAY
        _dilate(ascent)
        scalars[ROUNDS] += 1
        if scalars[ROUNDS] % window == 0:
            gain = scalars[BEST] - scalars[MARK]
            if gain < least_gain * abs(scalars[BEST]):
                return True
            if min_progress > 0.0 and gain < min_progress * (cutoff - scalars[BEST]):
                return True
            scalars[MARK] = scalars[BEST]
    return True


@compiled
def _search_line(
    data: ProblemData,
    node: NodeProblem,
    work: Workspace,
    multiplier: Floats,
    ascent: AscentState,
    cutoff: float,
    evaluations: int,
) -> int:
    """Step along ``ascent.direction`` while L rises; return the number of evaluations."""
    scalars = ascent.scalars
    moves = 0
    while moves < evaluations:
        for k in range(multiplier.shape[0]):
            ascent.point[k] += scalars[STEP] * ascent.direction[k]
        bound = lower_bound(data, node, work, ascent.point)
        scalars[USED] += 1
        moves += 1
        if bound > scalars[BEST]:
            scalars[BEST] = bound
            multiplier[:] = ascent.point
        _subgradient(node, work, ascent)
        rise = 0.0
        for k in range(multiplier.shape[0]):
            rise += ascent.slope[k] * ascent.direction[k]
        if scalars[BEST] >= cutoff or rise <= 0.0:
            break
        if moves % 2 == 0:
            scalars[STEP] *= STEP_GROWTH
    return moves


@compiled
def _subgradient(node: NodeProblem, work: Workspace, ascent: AscentState) -> None:
    """Write 1 - (how often a customer is served), 0 for those assigned already."""
    for k in range(ascent.slope.shape[0]):
        ascent.slope[k] = (1.0 - work.times_served[k]) if node.unassigned[k] == 1 else 0.0


@compiled
def _apply_transpose(ascent: AscentState, vector: Floats) -> float:
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
def _direction(ascent: AscentState) -> float:
    """Write the move B xi along xi = B' g / |B' g|; return that length, 0 at an optimum."""
    length = _apply_transpose(ascent, ascent.slope)
    if length < 1e-12:
        return 0.0
    for k in range(ascent.slope.shape[0]):
        total = 0.0
        row = ascent.metric[k]
        for i in range(row.shape[0]):
            total += row[i] * ascent.inner[i]
        ascent.direction[k] = total / length
        ascent.previous[k] = ascent.slope[k]
    return length


@compiled
def _dilate(ascent: AscentState) -> None:
    """Stretch space along eta = B' (g - g_previous), a unit vector after scaling.

    B becomes B (1 + (1 / DILATION - 1) eta eta').
    """
    for k in range(ascent.slope.shape[0]):
        ascent.previous[k] = ascent.slope[k] - ascent.previous[k]
    length = _apply_transpose(ascent, ascent.previous)
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
