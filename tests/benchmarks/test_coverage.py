"""The simulation of coverage: its draws share what they should, and its BCa interval is scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.bootstrap import pooled_mean, resample_counts
from benchmarks.coverage import bca, coverage, demand_effect, scenarios


def test_the_truth_is_what_large_studies_come_to() -> None:
    """The statistic of 400 replications lies near the truth of every scenario."""
    for scenario in scenarios():
        values = scenario.draw(np.random.default_rng(1), 400)
        found = scenario.statistic(values)(np.ones((1, 400)))[0]
        assert found == pytest.approx(scenario.truth(values), rel=1e-9)
        truth = scenario.truth(scenario.draw(np.random.default_rng(2), 5000))
        assert found == pytest.approx(truth, rel=0.1), scenario.title


def test_networks_of_a_replication_share_their_demand() -> None:
    """Allocations with the same customers have the same total demand, up to the networks' noise."""
    values = np.log(demand_effect(slice(3, 4))(np.random.default_rng(3), 2000))
    correlation = np.corrcoef(values[:, 0], values[:, 1])[0, 1]
    demand = np.random.default_rng(4).integers(1, 100, (2000, 10), endpoint=True).sum(axis=1)
    shared = np.log(demand).var()
    assert correlation == pytest.approx(shared / (shared + 0.3**2), abs=0.05)


def test_the_bca_interval_is_that_of_scipy() -> None:
    """For a mean of skewed values both give the same interval, up to their resamples."""
    values = np.random.default_rng(5).exponential(size=30)
    statistic = pooled_mean(values[:, None])
    resampled = statistic(resample_counts(30, resamples=20_000))
    expected = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(6)
    ).confidence_interval
    assert bca(statistic, resampled, 30) == pytest.approx(tuple(expected), abs=0.02)


def test_intervals_cover_in_most_simulations() -> None:
    """In a short run the three shares are near 95 %: an interval of the wrong level shows."""
    shares = coverage(scenarios()[1], 20, 150, seed=7)
    assert ((shares > 0.85) & (shares < 1)).all()
