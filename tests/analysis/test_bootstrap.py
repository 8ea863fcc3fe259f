"""Bootstrap of replications: quantiles equal numpy's, comparisons are paired, few give a range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.bootstrap import (
    MIN_REPLICATIONS,
    Floats,
    estimate,
    interval,
    pooled_mean,
    pooled_median,
    pooled_quantile,
    resample_counts,
)

numbers = st.one_of(
    st.floats(-1e6, 1e6, allow_subnormal=False), st.just(float("nan")), st.integers(-2, 2)
)
values_of_replications = st.integers(1, 6).flatmap(
    lambda r: st.integers(1, 5).flatmap(lambda n: arrays(float, (r, n), elements=numbers))
)


def repeated(values: Floats, counts: Floats) -> Floats:
    """Return all values of a sample, each as often as its replication is in the sample."""
    sample = np.repeat(values, counts.astype(int), axis=0).ravel()
    return sample[np.isfinite(sample)]


@given(values_of_replications, st.sampled_from([0.0, 0.1, 0.5, 0.75, 0.9, 1.0]))
def test_quantiles_of_resamples_are_numpys(values: Floats, probability: float) -> None:
    """The quantile of each resample is numpy's quantile of its values, written out."""
    counts = resample_counts(len(values), resamples=20, seed=3)
    found = pooled_quantile(values, probability)(counts)
    for row, value in zip(counts, found, strict=True):
        sample = repeated(values, row)
        if sample.size:
            assert value == pytest.approx(np.quantile(sample, probability), rel=1e-12, abs=1e-9)
        else:
            assert np.isnan(value)


@given(values_of_replications)
def test_means_of_resamples_are_numpys(values: Floats) -> None:
    """The mean of each resample is numpy's mean of its values, written out."""
    counts = resample_counts(len(values), resamples=20, seed=3)
    found = pooled_mean(values)(counts)
    for row, value in zip(counts, found, strict=True):
        sample = repeated(values, row)
        expected = sample.mean() if sample.size else np.nan
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-6, nan_ok=True)


def test_a_resample_has_as_many_replications_as_the_study() -> None:
    """Replications are drawn whole, with replacement, and the draws can be repeated."""
    counts = resample_counts(30)
    assert (counts.sum(axis=1) == 30).all()
    assert (counts == resample_counts.__wrapped__(30)).all()
    assert not (counts == resample_counts(30, seed=1)).all()


def test_groups_that_share_their_draws_are_compared_in_pairs() -> None:
    """If each replication multiplies both groups alike, their ratio has no uncertainty."""
    generator = np.random.default_rng(0)
    group = np.exp(generator.standard_normal((40, 1))) * np.ones((1, 5))
    first, second = pooled_median(3 * group), pooled_median(group)
    ratio = estimate(lambda counts: first(counts) / second(counts), 40)
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((3, 3, 3))
    alone = estimate(second, 40)
    assert alone.high / alone.low > 1.5


@pytest.mark.parametrize(
    ("replications", "kind"),
    [
        (0, "none"),
        (1, "none"),
        (2, "range"),
        (MIN_REPLICATIONS - 1, "range"),
        (MIN_REPLICATIONS, "interval"),
    ],
)
def test_few_replications_give_a_range_and_no_interval(replications: int, kind: str) -> None:
    """Below twenty replications the range of the single replications is given."""
    values = np.arange(replications, dtype=float)[:, None] * np.ones((1, 3))
    found = estimate(pooled_median(values), replications)
    assert (found.kind, found.replications) == (kind, replications)
    if kind == "range":
        assert (found.low, found.high) == (0, replications - 1)
    if kind == "none":
        assert np.isnan([found.low, found.high]).all()


def test_the_interval_of_a_mean_is_nearly_the_t_interval() -> None:
    """Expanded percentiles have the length of the t interval if the values are normal."""
    values = np.random.default_rng(2).standard_normal((20, 1))
    low, high = interval(pooled_mean(values)(resample_counts(20, resamples=200_000)), 20)
    half = 2.093 * values.std(ddof=1) / np.sqrt(20)
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.04)


def test_values_that_are_all_missing_have_no_estimate() -> None:
    """Without any value the estimate is nan, and there is no error."""
    found = estimate(pooled_median(np.full((25, 4), np.nan)), 25)
    assert np.isnan([found.value, found.low, found.high]).all()
