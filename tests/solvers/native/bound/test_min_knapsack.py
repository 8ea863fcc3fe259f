"""The min-knapsack and its forced bounds against enumeration of all sets of sites."""

import itertools

import numpy as np
import pytest

from solvers.native.bound.min_knapsack import forced_bounds, min_knapsack
from solvers.native.model.problem_data import CLOSED, FREE, OPEN


def cheapest_cover(
    reduced_cost: np.ndarray, capacity: np.ndarray, state: np.ndarray, demand: int
) -> float:
    """Enumerate the sets of open sites; inf if none covers the demand."""
    minimum = np.inf
    for chosen in itertools.product([0, 1], repeat=len(reduced_cost)):
        y = np.array(chosen)
        if ((state == FREE) | (state == y)).all() and capacity @ y >= demand:
            minimum = min(minimum, reduced_cost @ y)
    return float(minimum)


@pytest.mark.parametrize("seed", range(40))
def test_min_knapsack_and_its_forced_bounds_equal_enumeration(seed: int) -> None:
    """The minimum, its sites, and the minimum with each site forced open and forced closed."""
    random = np.random.default_rng(seed)
    sites = int(random.integers(1, 7))
    reduced_cost, capacity = random.uniform(-5, 10, sites), random.integers(0, 12, sites)
    state = random.choice([OPEN, CLOSED, FREE, FREE, FREE], sites).astype(np.int8)
    demand = int(random.integers(0, max(1, capacity.sum()) + 1))
    is_open = np.zeros(sites, np.uint8)
    table = np.zeros((sites + 1, demand + 1))
    minimum = min_knapsack(reduced_cost, capacity, state, demand, 1, is_open, table)
    expected = cheapest_cover(reduced_cost, capacity, state, demand)
    assert minimum == pytest.approx(expected, abs=1e-12)
    if not np.isfinite(minimum):
        return
    assert reduced_cost @ is_open == pytest.approx(minimum, abs=1e-12)
    assert capacity @ is_open >= demand
    if_open, if_closed = np.zeros(sites), np.zeros(sites)
    tables = (np.full((sites + 1, demand + 13), np.nan) for _ in range(2))
    forced_bounds(
        reduced_cost, capacity, state, demand, 1, is_open, minimum, if_open, if_closed, *tables
    )
    for j in range(sites):
        for forced, bound in ((OPEN, if_open[j]), (CLOSED, if_closed[j])):
            if state[j] not in (FREE, forced):
                assert bound == np.inf
                continue
            forced_state = state.copy()
            forced_state[j] = forced
            expected = cheapest_cover(reduced_cost, capacity, forced_state, demand)
            assert bound == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_with_coarse_units_all_minima_are_lower_bounds(seed: int) -> None:
    """Tonnes in units of 2 to 5: no minimum exceeds the exact one."""
    random = np.random.default_rng(seed)
    sites, unit = int(random.integers(1, 7)), int(random.integers(2, 6))
    reduced_cost, capacity = random.uniform(-5, 10, sites), random.integers(0, 30, sites)
    state = random.choice([OPEN, CLOSED, FREE, FREE, FREE], sites).astype(np.int8)
    demand = int(random.integers(0, max(1, capacity.sum()) + 1))
    is_open = np.zeros(sites, np.uint8)
    width = (demand + 30) // unit + 2
    tables = [np.full((sites + 1, width), np.nan) for _ in range(2)]
    minimum = min_knapsack(reduced_cost, capacity, state, demand, unit, is_open, tables[0])
    assert minimum <= cheapest_cover(reduced_cost, capacity, state, demand) + 1e-12
    if not np.isfinite(minimum):
        return
    assert reduced_cost @ is_open == pytest.approx(minimum, abs=1e-12)
    if_open, if_closed = np.zeros(sites), np.zeros(sites)
    forced_bounds(
        reduced_cost, capacity, state, demand, unit, is_open, minimum, if_open, if_closed, *tables
    )
    for j in np.flatnonzero(state == FREE):
        for forced, bound in ((OPEN, if_open[j]), (CLOSED, if_closed[j])):
            forced_state = state.copy()
            forced_state[j] = forced
            expected = cheapest_cover(reduced_cost, capacity, forced_state, demand)
            assert minimum - 1e-12 <= bound <= expected + 1e-12
