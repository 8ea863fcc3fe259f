"""Labels are assigned as the likelihood says, and the sums over all assignments are exact."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


MEANS = np.random.default_rng(3).normal(0, 0.3, (8, 6))
DRAWS = draws_of(MEANS, 12, 0.1)


def test_known_labels_are_found_whatever_all_rows_share() -> None:
    """Rows in another order, with another shift of the whole draw, are assigned as they were."""
    order = np.random.default_rng(5).permutation(8)
    paper = draws_of(MEANS, 1, 0.1, seed=9)[0][order]
    found = labels.assign(paper, DRAWS)
    np.testing.assert_array_equal(found.best, order)
    shifted = labels.assign(paper + 7, DRAWS)
    np.testing.assert_allclose(shifted.posterior, found.posterior, atol=1e-9)
    assert shifted.log_likelihood == pytest.approx(found.log_likelihood)


def test_two_structures_alike_are_undecided() -> None:
    """If two structures have the same mean, their labels have a probability of about a half."""
    means = MEANS.copy()
    means[1] = means[0]
    found = labels.assign(draws_of(means, 1, 0.1, seed=2)[0], draws_of(means, 200, 0.1))
    assert found.posterior[:2, :2].sum() == pytest.approx(2, abs=0.01)
    assert 0.02 < found.posterior[0, 0] < 0.98
    assert found.margin[2] > found.margin[0]
    assert found.runner_up == found.margin.min()


def test_the_margin_is_what_the_best_other_assignment_costs() -> None:
    """The second best assignment of all permutations is `runner_up` above the best."""
    paper = draws_of(MEANS[:6], 1, 0.3, seed=4)[0]
    found = labels.assign(paper, DRAWS[:, :6])
    costs, _ = labels._costs(paper, DRAWS[:, :6])
    totals = by_enumeration(costs)[1]
    assert found.runner_up == pytest.approx(totals[1] - totals[0])


def test_a_fixed_label_keeps_its_structure() -> None:
    """A fixed label has no other structure, and no other label has its."""
    paper = DRAWS[0][::-1]
    found = labels.assign(paper, DRAWS[1:], fixed=frozenset([2]))
    assert found.best[2] == 2
    assert found.posterior[2, 2] == pytest.approx(1)
    assert np.isinf(found.margin[2])


def test_probabilities_are_honest() -> None:
    """Where the answer is known, as many labels are right as their probabilities promise."""
    means = np.random.default_rng(8).normal(0, 0.12, (10, 4))
    probability, right = labels.recovered(draws_of(means, 60, 0.1))
    promised, found = probability.mean(), right.mean()
    assert 0.4 < found < 0.95
    assert found == pytest.approx(promised, abs=0.06)


def test_the_likelihood_is_that_of_a_normal_distribution() -> None:
    """Of two scales of the paper's rows, that of the draws is more likely."""
    paper = draws_of(MEANS, 1, 0.1, seed=9)[0]
    own = labels.assign(paper, DRAWS).log_likelihood
    assert own > labels.assign(0.6 * paper, DRAWS).log_likelihood
