"""Which label C1 to C25 belongs to which structure: the assignment that explains the tables best.

The paper's row of a label is one draw of a structure. Twelve features (three indicators at four
alphas) are compared with the mean of the replications, by the covariance of a single draw. All rows
of a draw share demand and capacity, which shifts them together; the mean over all rows is therefore
subtracted on both sides. It is the same for every assignment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from analysis.readings.medians import Floats

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

TEMPERATURE: Final = 2.0
"""Probabilities are proportional to the likelihood to the power 1 / `TEMPERATURE`. One covariance
for all structures and normal errors make the likelihood too sure of itself; at 2 the labels of
single draws are right about as often as their probabilities promise (docs/reproduction.md)."""


@dataclass(frozen=True, eq=False)
class Assignment:
    """The labels of one table, all with the same number of production clusters.

    Attributes
    ----------
    best : ndarray of int, shape (labels,)
        Number of the structure of each label in the most likely assignment.
    log_likelihood : float
        Of the paper's rows at this assignment.
    runner_up : float
        By how much minus two times the log likelihood rises in the second best assignment.
    as_numbered : float
        The same if every label has the structure of its own number.
    margin : ndarray, shape (labels,)
        The same if the label has another structure than in the best assignment; inf if it cannot.
    posterior : ndarray, shape (labels, structures)
        Probability of each structure for each label, a sum over all assignments.
    """

    best: Integers
    log_likelihood: float
    runner_up: float
    as_numbered: float
    margin: Floats
    posterior: Floats


def row_covariance(*draws: Floats) -> Floats:
    """Return the covariance of a row's features in a single draw, pooled over sets of replications.

    Parameters
    ----------
    *draws : ndarray, shape (R, structures, features)
        Replications, each set about its own mean for every structure.

    Returns
    -------
    ndarray, shape (features, features)
    """
    residuals = [_centred(values) - _centred(values).mean(axis=0) for values in draws]
    freedom = sum((len(values) - 1) * (values.shape[1] - 1) for values in draws)
    products = [np.einsum("rsi,rsj->ij", values, values) for values in residuals]
    covariance: Floats = np.sum(products, axis=0) / freedom
    return covariance


def deviances(
    paper: Floats,
    draws: Floats,
    allowed: Booleans | None = None,
    covariance: Floats | None = None,
) -> Floats:
    """Return minus two times the log likelihood of each pair of label and structure.

    Parameters
    ----------
    paper : ndarray, shape (labels, features)
        The paper's rows.
    draws : ndarray, shape (R, structures, features)
        Replications; at least two, and as many structures as labels.
    allowed : ndarray of bool, shape (labels, structures), optional
        Which structures a label may have; all if left out.
    covariance : ndarray, shape (features, features), optional
        Of a row in a single draw; that of these replications if left out.

    Returns
    -------
    ndarray, shape (labels, structures)
        That of an assignment is the sum over its pairs; inf where a pair is not allowed.
    """
    if covariance is None:
        covariance = row_covariance(draws)
    one_more = covariance * (1 + 1 / len(draws))
    differences = (paper - paper.mean(axis=0))[:, None, :] - _centred(draws).mean(axis=0)
    scaled = np.linalg.solve(one_more, differences[..., None])[..., 0]
    determinant = np.linalg.slogdet(2 * np.pi * one_more).logabsdet
    found: Floats = (differences * scaled).sum(axis=-1) + determinant
    return found if allowed is None else np.where(allowed, found, np.inf)


def assign(costs: Floats, temperature: float = TEMPERATURE) -> Assignment:
    """Assign labels to structures.

    Parameters
    ----------
    costs : ndarray, shape (labels, structures)
        As `deviances` returns them, or the sum of several such arrays.
    temperature : float
        See `TEMPERATURE`; at 1 each assignment is as probable as its likelihood says.
    """
    rows, best = linear_sum_assignment(costs)
    total = float(costs[rows, best].sum())
    margin = np.array(
        [_without(costs, row, column) - total for row, column in enumerate(best.tolist())]
    )
    return Assignment(
        best=best.astype(np.int64),
        log_likelihood=-total / 2,
        runner_up=float(margin.min()),
        as_numbered=float(costs.trace()) - total,
        margin=margin,
        posterior=posterior(costs / temperature),
    )


def recovered(
    draws: Floats, allowed: Booleans | None = None, temperature: float = TEMPERATURE
) -> tuple[Floats, Booleans]:
    """Assign each replication's rows by the others, where the answer is known.

    Returns
    -------
    probability : ndarray, shape (R, labels)
        Posterior of the most probable structure of each label.
    right : ndarray of bool, shape (R, labels)
        Whether it is the true one.
    """
    probability, right = [], []
    for number, draw in enumerate(draws):
        costs = deviances(draw, np.delete(draws, number, axis=0), allowed)
        found = assign(costs, temperature).posterior
        probability.append(found.max(axis=1))
        right.append(found.argmax(axis=1) == np.arange(len(found)))
    return np.array(probability), np.array(right)


def posterior(costs: Floats) -> Floats:
    """Return the probability of each pair if an assignment has probability ~ exp(-cost / 2).

    A sum over all n! assignments, by dynamic programming over the subsets of structures: ``before``
    of a subset sums over the assignments of the first labels to it, ``after`` over those of the
    other labels to the other structures.

    Parameters
    ----------
    costs : ndarray, shape (n, n)
        Label by structure; inf where a pair is impossible. n is at most about 20.
    """
    n = len(costs)
    weights = -costs / 2  # logarithms, as all sums: an unlikely table must not underflow
    subsets = np.arange(1 << n)
    sizes = np.bitwise_count(subsets)
    before, after = np.full(1 << n, -np.inf), np.full(1 << n, -np.inf)
    before[0] = after[-1] = 0.0
    for row in range(n):
        for column, bit, smaller in _transitions(subsets[sizes == row], n):
            step = before[smaller] + weights[row, column]
            before[smaller | bit] = np.logaddexp(before[smaller | bit], step)
    for row in reversed(range(n)):
        for column, bit, smaller in _transitions(subsets[sizes == row], n):
            step = after[smaller | bit] + weights[row, column]
            after[smaller] = np.logaddexp(after[smaller], step)
    pairs = np.zeros((n, n))
    for row in range(n):
        for column, bit, smaller in _transitions(subsets[sizes == row], n):
            total = np.logaddexp.reduce(before[smaller] + after[smaller | bit])
            pairs[row, column] = np.exp(weights[row, column] + total - before[-1])
    return pairs


def _transitions(subsets: Integers, n: int) -> list[tuple[int, int, Integers]]:
    """List each column with its bit and the subsets that lack it."""
    return [(column, 1 << column, subsets[subsets & (1 << column) == 0]) for column in range(n)]


def _centred(draws: Floats) -> Floats:
    """Subtract the mean over all rows of a draw, which demand and capacity move together."""
    centred: Floats = draws - draws.mean(axis=1, keepdims=True)
    return centred


def _without(costs: Floats, row: int, column: int) -> float:
    """Return the least cost of an assignment without one pair; inf if there is none."""
    others = costs.copy()
    others[row, column] = np.inf
    try:
        rows, columns = linear_sum_assignment(others)
    except ValueError:  # scipy: no assignment of finite cost
        return np.inf
    return float(others[rows, columns].sum())
