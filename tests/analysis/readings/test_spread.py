"""The spread of structures is blind to labels, and tells a narrower study from a wider one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.readings import spread
from analysis.readings.medians import STRUCTURES, features, of_paper


def drawn(replications: int, scale: float, seed: int = 0) -> dict[str, np.ndarray]:
    """Draw features of structures with a known standard deviation."""
    generator = np.random.default_rng([seed, replications])
    return {
        clusters: generator.normal(0, scale, (replications, len(labels), 3, 4))
        for clusters, labels in STRUCTURES.items()
    }


def test_labels_do_not_matter() -> None:
    """Permuted structures and a common factor leave the logarithm of the spread as it is."""
    draws = drawn(3, 0.3)
    order = np.random.default_rng(1).permutation(14)
    changed = {"one": draws["one"] + 5, "two": draws["two"][:, order]}
    np.testing.assert_allclose(spread.log_spreads(changed), spread.log_spreads(draws), atol=1e-12)


def test_the_spread_of_the_paper_is_that_of_its_printed_rows() -> None:
    """At alpha 2 the standard deviation of log z1 over C1 to C11 is that of the printed column."""
    printed = of_paper("one", STRUCTURES["one"])[:, 0, 0]
    assert printed[0] == 56136
    assert len(printed) == 11
    paper = {
        clusters: features(of_paper(clusters, labels))[None]
        for clusters, labels in STRUCTURES.items()
    }
    by_hand = np.sqrt(np.var(np.log(printed), ddof=1))
    assert np.exp(spread.log_spreads(paper)[0, 0, 0, 0]) == pytest.approx(by_hand)


def test_a_draw_of_the_same_reading_is_not_rejected_and_a_narrower_one_is() -> None:
    """Structures that differ less have a negative z, and a small p by every measure."""
    readings = {"same": spread.log_spreads(drawn(12, 0.3))}
    same = spread.log_spreads(drawn(1, 0.3, seed=5))[0]
    narrow = spread.log_spreads(drawn(1, 0.15, seed=5))[0]
    accepted = spread.compare(same, readings)["same"]
    assert accepted.p > 0.05
    assert abs(accepted.z) < 3
    assert accepted.as_far > 0
    rejected = spread.compare(narrow, readings)["same"]
    assert rejected.p < 0.01
    assert rejected.z < -5
    assert rejected.as_far == 0
    assert rejected.t_squared > accepted.t_squared


def test_p_values_of_draws_of_the_same_reading_are_uniform() -> None:
    """Over many simulated papers, p has the uniform distribution that a p-value must have."""
    values = []
    for seed in range(200):
        draws = spread.log_spreads(drawn(14, 0.3, seed=1000 + seed))
        values.append(spread.compare(draws[0], {"reading": draws[1:]})["reading"].p)
    assert stats.kstest(values, "uniform").pvalue > 1e-3


def test_a_reading_with_few_replications_uses_the_covariance_of_all() -> None:
    """Two replications alone have no covariance of six statistics; beside others they do."""
    many, few = (spread.log_spreads(drawn(n, 0.3, seed=3)) for n in (10, 2))
    paper = spread.log_spreads(drawn(1, 0.3, seed=4))[0]
    assert spread.compare(paper, {"few": few}) == {}
    both = spread.compare(paper, {"many": many, "few": few})
    assert both["few"].degrees_of_freedom == both["many"].degrees_of_freedom == 10
    assert both["few"].replications == 2
