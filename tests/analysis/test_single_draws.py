"""The place of a number among single draws: ranks, ties, rounding, and what is to be expected."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.single_draws import (
    central_percent,
    count_outside,
    is_outside,
    place,
    rounded,
    tail_rank,
)


def test_a_number_in_the_middle_has_percentile_50_and_p_value_1() -> None:
    """As many numbers lie below as above."""
    found = place(5, np.array([1.0, 2, 3, 4, 6, 7, 8, 9, 10, 0]), 1)
    assert (found.percentile, found.p_value, found.outside) == (50, 1, False)


def test_a_number_below_all_others_is_outside() -> None:
    """Of eleven numbers each is the smallest or the largest with probability 2 / 11."""
    found = place(-1, np.arange(10.0), 1)
    assert found.percentile == 0
    assert found.p_value == pytest.approx(2 / 11)
    assert found.outside


def test_a_tie_counts_half_and_is_not_outside() -> None:
    """A number equal to the smallest is no rarer than it, as far as the print shows."""
    found = place(0, np.arange(10.0), 1)
    assert found.percentile == 5
    assert found.p_value == pytest.approx(4 / 11)
    assert not found.outside


def test_numbers_are_compared_as_the_paper_rounds_them() -> None:
    """A share of 0.30 in print ties with 0.3012, but not with 0.3051."""
    assert place(0.30, np.array([0.3012, 0.3051]), 0.01).percentile == 25


def test_nothing_is_outside_among_few_replications() -> None:
    """With nine replications or fewer, no number is called outside."""
    assert place(100, np.arange(9.0), 1).outside is None


@pytest.mark.parametrize(
    ("replications", "rank", "central"),
    [(10, 1, 100 * 9 / 11), (20, 1, 100 * 19 / 21), (39, 1, 95), (100, 2, 100 * 97 / 101)],
)
def test_what_is_outside_is_as_near_to_five_percent_as_ranks_allow(
    replications: int, rank: int, central: float
) -> None:
    """From 39 replications on, at most 2.5 % lie outside on each side."""
    assert tail_rank(replications) == rank
    assert central_percent(replications) == pytest.approx(central)


@given(st.lists(st.integers(-3, 3), min_size=11, max_size=60))
def test_each_number_is_placed_in_the_same_way(numbers: list[int]) -> None:
    """Who is outside does not depend on the order: the paper is one of the studies."""
    pool = np.array([numbers])
    order = np.random.default_rng(len(numbers)).permutation(len(numbers))
    assert (is_outside(pool)[:, order] == is_outside(pool[:, order])).all()


@given(st.integers(10, 120))
def test_without_ties_the_share_outside_is_exact(replications: int) -> None:
    """Of R + 1 different numbers, exactly two tails are outside."""
    pool = np.random.default_rng(replications).permutation(replications + 1)[None, :]
    assert is_outside(pool).sum() == 2 * tail_rank(replications)


def test_the_expected_number_is_that_of_studies_of_the_same_kind() -> None:
    """If the paper is drawn like the replications, its count is theirs on average."""
    generator = np.random.default_rng(5)
    common = generator.standard_normal((2000, 1, 21))
    pools = rounded(common + generator.standard_normal((2000, 10, 21)), 0.01)
    counts = [count_outside(pool) for pool in pools]
    assert np.mean([count.outside for count in counts]) == pytest.approx(10 * 2 / 21, rel=0.15)
    assert np.mean([count.expected for count in counts]) == pytest.approx(10 * 2 / 21, rel=0.02)
    p_values = np.array([count.p_value for count in counts])
    assert (p_values <= 0.1).mean() <= 0.12


def test_a_study_that_is_unlike_the_others_has_a_small_p_value() -> None:
    """A paper that is outside everywhere is one of R + 1."""
    pools = np.random.default_rng(1).integers(0, 1000, (30, 41))
    pools[:, 0] = 5000
    count = count_outside(pools)
    assert (count.outside, count.cells, count.replications) == (30, 30, 40)
    assert count.p_value == pytest.approx(1 / 41)
