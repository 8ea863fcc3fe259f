"""The best multipliers: Shor's r-algorithm, a subgradient ascent with space dilation.

If the open capacity barely exceeds the demand, the dual function has a long ridge: raising every
multiplier in proportion to the customer's tonnes hardly changes L, and plain subgradient steps
zigzag across the ridge. The r-algorithm dilates space along the difference of successive
subgradients, which is the direction across the ridge, and so the ridge becomes flatter with every
step. It takes a few times K evaluations, with K^2 further operations for each. Shor (1985),
Minimization Methods for Non-Differentiable Functions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.bound.lower_bound import lower_bound
from solvers.native.model.arrays import copy_vector, fill_vector
from solvers.native.model.compilation import compiled
from solvers.native.model.node import NodeProblem
from solvers.native.model.parameters import AscentParameters
from solvers.native.model.problem_data import INF, ProblemData
from solvers.native.model.workspace import Workspace
from solvers.problem import Floats

STEP, BEST, REVIEWED_BEST, ROUNDS, USED = range(5)
"""Indices of `AscentState.scalars`."""


class AscentState(NamedTuple):
    """State of an ascent, which can be interrupted and continued.

    Attributes
    ----------
    metric : ndarray, shape (K, K)
        B, the matrix of the space dilation: the steps are B xi for unit vectors xi.
    point, subgradient : ndarray, shape (K,)
        Current multipliers, and the subgradient there.
    previous : ndarray, shape (K,)
        Subgradient at the previous point, and then the difference of the two.
    transformed, direction : ndarray, shape (K,)
        Work space: B' v of a vector v, and the direction of a step.
    scalars : ndarray, shape (5,)
        STEP length, BEST bound, REVIEWED_BEST (BEST when the gain was last checked), number of
        ROUNDS, and USED evaluations.
    """

    metric: Floats
    point: Floats
    subgradient: Floats
    previous: Floats
    transformed: Floats
    direction: Floats
    scalars: Floats


def make_ascent_state(customers: int) -> AscentState:
    """Allocate the state of an ascent in K multipliers."""
    return AscentState(
        metric=np.zeros((customers, customers)),
        point=np.zeros(customers),
        subgradient=np.zeros(customers),
        previous=np.zeros(customers),
        transformed=np.zeros(customers),
        direction=np.zeros(customers),
        scalars=np.zeros(5),
    )


@compiled
def reset_metric(data: ProblemData, ascent: AscentState) -> None:
    """Reset the metric to diag(d): each multiplier moves in proportion to the customer's tonnes."""
    for k in range(data.demand.shape[0]):
        fill_vector(ascent.metric[k], 0.0)
        ascent.metric[k, k] = data.demand[k]


@compiled
def initial_step(data: ProblemData, multiplier: Floats, parameters: AscentParameters) -> float:
    """Return the first step length for a fresh metric, on the scale of the multipliers."""
    return float(parameters.initial_step * multiplier.sum() / data.total_demand)


@compiled
def start_ascent(
    data: ProblemData,
    node: NodeProblem,
    work: Workspace,
    multiplier: Floats,
    ascent: AscentState,
    step: float,
) -> None:
    """Begin at ``multiplier``, shape (K,), with the current metric; step 0 means Polyak's step."""
    copy_vector(multiplier, ascent.point)
    ascent.scalars[BEST] = lower_bound(data, node, work, multiplier)
    ascent.scalars[REVIEWED_BEST] = ascent.scalars[BEST]
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
    min_gain: float,
    window: int,
    min_progress: float,
    parameters: AscentParameters,
) -> bool:
    """Continue an ascent. Equation (24) of docs/algorithm.md.

    Parameters
    ----------
    data, node, work, parameters : ProblemData, NodeProblem, Workspace, AscentParameters
        The problem, what remains of it at the node, work arrays, parameters of the steps.
    multiplier : ndarray, shape (K,)
        Out: the best multipliers so far.
    ascent : AscentState
        The state; ``scalars[BEST]`` is the bound with the best multipliers.
    cutoff : float
        The ascent ends when the bound reaches the cutoff.
    evaluations : int
        Most evaluations of the bound.
    min_gain, window, min_progress : float, int, float
        The ascent ends if ``window`` rounds gain less than the fraction ``min_gain`` of the bound,
        or less than the fraction ``min_progress`` of the distance to the cutoff.

    Returns
    -------
    bool
        True if it has ended, False if the evaluations are used up, or the time is.
    """
    scalars = ascent.scalars
    used = 0
    while scalars[BEST] < cutoff:
        if used >= evaluations or work.stop[0] == 1:
            return False
        length = _direction(ascent)
        if length == 0.0:
            return True
        if scalars[STEP] <= 0.0:
            polyak = parameters.polyak * (cutoff - scalars[BEST]) / length
            scalars[STEP] = polyak if cutoff < INF else 1.0
        moves = 0
        while used < evaluations:
            for k in range(multiplier.shape[0]):
                ascent.point[k] += scalars[STEP] * ascent.direction[k]
            bound = lower_bound(data, node, work, ascent.point)
            used += 1
            scalars[USED] += 1
            moves += 1
            if bound > scalars[BEST]:
                scalars[BEST] = bound
                copy_vector(ascent.point, multiplier)
            _subgradient(node, work, ascent)
            if scalars[BEST] >= cutoff or _slope(ascent) <= 0.0 or work.stop[0] == 1:
                break
            if moves % 2 == 0:
                scalars[STEP] *= parameters.step_growth
        if moves == 1:
            scalars[STEP] *= parameters.step_decay
        _dilate(ascent, parameters.dilation)
        scalars[ROUNDS] += 1
        if scalars[ROUNDS] % window == 0 and _has_stalled(scalars, cutoff, min_gain, min_progress):
            return True
    return True


@compiled
def _slope(ascent: AscentState) -> float:
    """Return the slope of the bound along the direction of the step."""
    rise = 0.0
    for k in range(ascent.direction.shape[0]):
        rise += ascent.subgradient[k] * ascent.direction[k]
    return rise


@compiled
def _has_stalled(scalars: Floats, cutoff: float, min_gain: float, min_progress: float) -> bool:
    """Return whether the bound gained too little since the last review; see `ascend`."""
    gain = scalars[BEST] - scalars[REVIEWED_BEST]
    if gain < min_gain * abs(scalars[BEST]):
        return True
    if min_progress > 0.0 and gain < min_progress * (cutoff - scalars[BEST]):
        return True
    scalars[REVIEWED_BEST] = scalars[BEST]
    return False


@compiled
def _subgradient(node: NodeProblem, work: Workspace, ascent: AscentState) -> None:
    """Write the subgradient: 1 - ``times_served``, or 0 for a customer that is already assigned.

    Equation (20) of docs/algorithm.md.
    """
    for k in range(ascent.subgradient.shape[0]):
        ascent.subgradient[k] = (1.0 - work.times_served[k]) if node.unassigned[k] == 1 else 0.0


@compiled
def _apply_transpose(ascent: AscentState, vector: Floats) -> float:
    """Write B' v to ``transformed``; return its length."""
    transformed = ascent.transformed
    fill_vector(transformed, 0.0)
    for k in range(vector.shape[0]):
        if vector[k] != 0.0:
            row = ascent.metric[k]
            for i in range(vector.shape[0]):
                transformed[i] += row[i] * vector[k]
    square = 0.0
    for i in range(vector.shape[0]):
        square += transformed[i] * transformed[i]
    return float(np.sqrt(square))


@compiled
def _direction(ascent: AscentState) -> float:
    """Write the direction B xi, xi = B' g / |B' g|; return |B' g|, or 0 at an optimum.

    Equation (22) of docs/algorithm.md.
    """
    length = _apply_transpose(ascent, ascent.subgradient)
    if length < 1e-12:
        return 0.0
    for k in range(ascent.subgradient.shape[0]):
        total = 0.0
        row = ascent.metric[k]
        for i in range(row.shape[0]):
            total += row[i] * ascent.transformed[i]
        ascent.direction[k] = total / length
        ascent.previous[k] = ascent.subgradient[k]
    return length


@compiled
def _dilate(ascent: AscentState, dilation: float) -> None:
    """Dilate space along eta = B' (g - g_previous), scaled to a unit vector.

    Equation (23) of docs/algorithm.md.

    B becomes B (1 + (1 / dilation - 1) eta eta').
    """
    for k in range(ascent.subgradient.shape[0]):
        ascent.previous[k] = ascent.subgradient[k] - ascent.previous[k]
    length = _apply_transpose(ascent, ascent.previous)
    if length < 1e-10:
        return
    factor = (1.0 / dilation - 1.0) / (length * length)
    for k in range(ascent.subgradient.shape[0]):
        row = ascent.metric[k]
        total = 0.0
        for i in range(row.shape[0]):
            total += row[i] * ascent.transformed[i]
        total *= factor
        for i in range(row.shape[0]):
            row[i] += total * ascent.transformed[i]
