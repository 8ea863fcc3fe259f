"""The knapsack tables against enumeration of all subsets of items."""

import itertools

import numpy as np
import pytest

from solvers.native.bound.knapsack import (
    backtrack,
    fill,
    fill_backward,
    init_at_most,
    init_exactly,
    optimum_without,
)
from solvers.native.bound.knapsack_core import SMALL_TABLE, find_split, optimum
from solvers.native.model.workspace import make_core

SEEDS = range(40)


def best_subset(profit: np.ndarray, weight: np.ndarray, capacity: int) -> float:
    """Enumerate the subsets of a knapsack; -inf if not even the empty one fits."""
    subsets = itertools.product([0, 1], repeat=len(profit))
    values = [profit @ x for x in map(np.array, subsets) if weight @ x <= capacity]
    return float(max(values, default=-np.inf))


@pytest.mark.parametrize("seed", SEEDS)
def test_knapsack_equals_enumeration(seed: int) -> None:
    """The optimum, its items, and the optimum without each item are those of enumeration."""
    random = np.random.default_rng(seed)
    n, capacity = int(random.integers(1, 8)), int(random.integers(0, 30))
    profit, weight = random.uniform(0.1, 9, n), random.integers(1, 15, n)
    table, backward = (np.full((n + 1, capacity + 1), np.nan) for _ in range(2))
    take = np.zeros(n, np.uint8)
    init_at_most(table[0], capacity)
    init_at_most(backward[n], capacity)
    best = fill(profit, weight, n, capacity, table)
    fill_backward(profit, weight, n, capacity, backward)
    backtrack(weight, n, capacity, table, take)
    assert best == pytest.approx(best_subset(profit, weight, capacity), abs=1e-12)
    assert weight @ take <= capacity
    assert profit @ take == pytest.approx(best, abs=1e-12)
    for i in range(n):
        others = np.arange(n) != i
        for smaller in (capacity, capacity - int(weight[i])):
            expected = best_subset(profit[others], weight[others], smaller)
            optimum = optimum_without(table, backward, i, smaller)
            assert optimum == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_knapsack_that_is_filled_exactly_equals_enumeration(seed: int) -> None:
    """For every capacity, the optimum is that of the subsets of exactly this weight.

    Profits may be negative.
    """
    random = np.random.default_rng(seed)
    n, capacity = int(random.integers(1, 8)), int(random.integers(0, 30))
    profit, weight = random.uniform(-9, 9, n), random.integers(1, 15, n)
    table = np.full((n + 1, capacity + 1), np.nan)
    init_exactly(table[0], capacity)
    fill(profit, weight, n, capacity, table)
    for c in range(capacity + 1):
        subsets = map(np.array, itertools.product([0, 1], repeat=n))
        best = max((float(profit @ x) for x in subsets if weight @ x == c), default=-np.inf)
        assert table[n, c] == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("levels", [3, 1_000_000])
def test_the_core_gives_the_optimum_of_the_whole_table(seed: int, levels: int) -> None:
    """With few levels of profit per tonne, many items are as good as the split item."""
    random = np.random.default_rng(seed)
    n, core, take = int(random.integers(20, 200)), make_core(200), np.zeros(200, np.uint8)
    weight = random.integers(1, 100, n)
    profit = weight * random.integers(1, levels + 1, n) / levels
    capacity = int(weight.sum() * random.uniform(0.1, 0.95))
    assert n * capacity > SMALL_TABLE
    table = np.full((n + 1, capacity + 1), np.nan)
    best = optimum(profit, weight, n, capacity, core, table, take)
    init_at_most(table[0], capacity)
    assert best == pytest.approx(fill(profit, weight, n, capacity, table), rel=1e-12)
    assert weight @ take[:n] <= capacity
    assert profit @ take[:n] == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_split_item_is_the_first_that_does_not_fit(seed: int) -> None:
    """Items before it have at least its profit per tonne, those after it at most."""
    random = np.random.default_rng(seed)
    n, core = int(random.integers(2, 60)), make_core(60)
    weight = random.integers(1, 20, n)
    profit = weight * random.integers(1, 5, n).astype(float)
    capacity = int(random.integers(0, weight.sum()))
    split, used = find_split(profit, weight, n, capacity, core)
    order, ratio = core.order[:n], profit / weight
    assert sorted(order) == list(range(n))
    assert used == weight[order[:split]].sum() <= capacity < used + weight[order[split]]
    assert (ratio[order[:split]] >= ratio[order[split]]).all()
    assert (ratio[order[split:]] <= ratio[order[split]]).all()
