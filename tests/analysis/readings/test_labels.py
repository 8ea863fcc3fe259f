"""Labels are assigned as the likelihood says, and the sums over all assignments are exact."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.readings import labels


def by_enumeration(costs: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """Sum over all permutations; also return their total costs, ascending."""
    n = len(costs)
    pairs, totals = np.zeros((n, n)), []
    for order in itertools.permutations(range(n)):
        total = costs[range(n), order].sum()
        totals.append(float(total))
        pairs[range(n), order] += np.exp(-total / 2)
    return pairs / pairs[0].sum(), sorted(totals)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 5))
def test_the_posterior_is_the_sum_over_all_permutations(seed: int, n: int) -> None:
    """Dynamic programming over subsets equals enumeration; rows and columns sum to 1."""
    costs = np.random.default_rng(seed).uniform(0, 20, (n, n))
    found = labels.posterior(costs)
    np.testing.assert_allclose(found, by_enumeration(costs)[0], atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=0), 1)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_unlikely_rows_have_probabilities() -> None:
    """However large all costs are, only their differences count."""
    costs = np.array([[0.0, 3000.0], [3000.0, 6001.0]])
    found = labels.posterior(costs)
    assert found[0, 0] == pytest.approx(1 / (1 + np.exp(1 / 2)))


def test_an_impossible_pair_has_probability_zero() -> None:
    """With infinite costs off one pair, this pair is certain."""
    costs = np.array([[1.0, np.inf, np.inf], [np.inf, 2.0, 3.0], [np.inf, 4.0, 1.0]])
    found = labels.posterior(costs)
    assert found[0].tolist() == [1, 0, 0]
    assert found[1, 1] == pytest.approx(1 / (1 + np.exp(-(3 + 4 - 2 - 1) / 2)))


def draws_of(means: np.ndarray, replications: int, noise: float, seed: int = 0) -> np.ndarray:
    """Draw rows of structures, with one shift per replication that all its rows share."""
    generator = np.random.default_rng(seed)
    shape = (replications, *means.shape)
    shift = generator.normal(0, 1, (replications, 1, means.shape[1]))
    return means + shift + generator.normal(0, noise, shape)


def assigned(paper: np.ndarray, draws: np.ndarray) -> labels.Assignment:
    """Assign the rows of a paper by replications."""
    return labels.assign(labels.deviances(paper, draws))


MEANS = np.random.default_rng(3).normal(0, 0.3, (8, 6))
DRAWS = draws_of(MEANS, 12, 0.1)


def test_known_labels_are_found_whatever_all_rows_share() -> None:
    """Rows in another order, with another shift of the whole draw, are assigned as they were."""
    order = np.random.default_rng(5).permutation(8)
    paper = draws_of(MEANS, 1, 0.1, seed=9)[0][order]
    found = assigned(paper, DRAWS)
    np.testing.assert_array_equal(found.best, order)
    shifted = assigned(paper + 7, DRAWS)
    np.testing.assert_allclose(shifted.posterior, found.posterior, atol=1e-9)
    assert shifted.log_likelihood == pytest.approx(found.log_likelihood)


def test_two_structures_alike_are_undecided() -> None:
    """If two structures have the same mean, their labels have a probability of about a half."""
    means = MEANS.copy()
    means[1] = means[0]
    found = assigned(draws_of(means, 1, 0.1, seed=2)[0], draws_of(means, 200, 0.1))
    assert found.posterior[:2, :2].sum() == pytest.approx(2, abs=0.01)
    assert 0.02 < found.posterior[0, 0] < 0.98
    assert found.margin[2] > found.margin[0]
    assert found.runner_up == found.margin.min()


def test_the_margin_is_what_the_best_other_assignment_costs() -> None:
    """The second best assignment of all permutations is `runner_up` above the best."""
    paper = draws_of(MEANS[:6], 1, 0.3, seed=4)[0]
    costs = labels.deviances(paper, DRAWS[:, :6])
    found = labels.assign(costs)
    totals = by_enumeration(costs - costs.mean())[1]
    assert found.runner_up == pytest.approx(totals[1] - totals[0])
    assert found.as_numbered == pytest.approx(costs.trace() - 6 * costs.mean() - totals[0])


def test_a_label_has_only_structures_that_are_allowed() -> None:
    """Labels that may only exchange theirs do so; one that may have a single one has it."""
    group = np.array([0, 1, 2, 2, 4, 4, 4, 4])
    allowed = group[:, None] == group[None, :]
    costs = labels.deviances(DRAWS[0][::-1], DRAWS[1:], allowed)
    found = labels.assign(costs)
    assert (found.posterior[~allowed] == 0).all()
    assert found.posterior[2:4, 2:4].sum() == pytest.approx(2)
    assert found.best[:2].tolist() == [0, 1]
    assert np.isinf(found.margin[:2]).all()
    assert set(found.best[2:4]) == {2, 3}


def test_the_covariance_of_a_row_is_pooled_over_readings() -> None:
    """It is the covariance of the errors, whatever all rows share, and by degrees of freedom."""
    sets = [draws_of(MEANS, n, 0.1, seed=n) for n in (1000, 2000)]
    np.testing.assert_allclose(labels.row_covariance(*sets), 0.01 * np.eye(6), atol=5e-4)
    own = [labels.row_covariance(values) for values in sets]
    pooled = (999 * own[0] + 1999 * own[1]) / 2998
    np.testing.assert_allclose(labels.row_covariance(*sets), pooled)


def test_deviances_are_those_of_a_normal_distribution() -> None:
    """With many replications they are minus two log densities, pair by pair."""
    paper = draws_of(MEANS, 1, 0.1, seed=9)[0]
    many = draws_of(MEANS, 4000, 0.1)
    costs = labels.deviances(paper, many)
    centred = paper - paper.mean(axis=0)
    means = MEANS - MEANS.mean(axis=0)
    # The mean over eight rows is subtracted: 7 / 8 of the variance remain, but the covariance is
    # that of a row.
    wanted = [
        [-2 * stats.multivariate_normal(mean, 0.01 * np.eye(6)).logpdf(row) for mean in means]
        for row in centred
    ]
    np.testing.assert_allclose(costs, wanted, rtol=0.05, atol=0.5)


def test_probabilities_are_honest() -> None:
    """If errors are normal, as many labels are right as probabilities of temperature 1 promise."""
    means = np.random.default_rng(8).normal(0, 0.12, (10, 4))
    probability, right = labels.recovered(draws_of(means, 60, 0.1), temperature=1)
    promised, found = probability.mean(), right.mean()
    assert 0.4 < found < 0.95
    assert found == pytest.approx(promised, abs=0.06)


def test_the_likelihood_is_that_of_a_normal_distribution() -> None:
    """Of two scales of the paper's rows, that of the draws is more likely."""
    paper = draws_of(MEANS, 1, 0.1, seed=9)[0]
    own = assigned(paper, DRAWS).log_likelihood
    assert own > assigned(0.6 * paper, DRAWS).log_likelihood
