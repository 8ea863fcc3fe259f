"""The problem on a network has its volumes, and its distances as costs."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.network.draw import draw
from pipeline.network.network import distances_km
from pipeline.sweep.coordinate import NetworkCoordinate
from tests.pipeline.network.paper_networks import SEED, paper_config

Floats = NDArray[np.float64]

points = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=6)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(points, points)
def test_distances_are_euclidean(
    rows: list[tuple[float, float]], columns: list[tuple[float, float]]
) -> None:
    """Every distance equals the one of the standard library, up to rounding."""
    found = distances_km(np.array(rows), np.array(columns))
    expected = [[math.dist(row, column) for column in columns] for row in rows]
    # The absolute tolerance (a billionth of a metre) is for squares that underflow to 0.
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-12)


@pytest.mark.parametrize("alpha", [1, 2.5, 20.0])
def test_a_problem_has_distances_as_costs(alpha: float) -> None:
    """The cost of a tonne is its distance; f = 5000 and p = 99,999,999 everywhere."""
    network = draw(NetworkCoordinate("A3", "C18"), paper_config(), SEED)
    problem = network.problem(alpha)

    def kilometres(rows: Floats, columns: Floats) -> list[list[float]]:
        distance: Callable[..., float] = math.dist
        return [[distance(row, column) for column in columns] for row in rows]

    np.testing.assert_allclose(problem.inbound, kilometres(network.sources, network.sites))
    np.testing.assert_allclose(problem.outbound, kilometres(network.customers, network.sites))
    assert problem.inbound.shape == (20, 10)
    assert problem.outbound.shape == (60, 10)
    assert problem.fixed_cost.tolist() == [5000.0] * 10
    assert problem.supply.tolist() == [99_999_999.0] * 20
    assert problem.demand.tolist() == network.demand.tolist()
    assert problem.capacity.tolist() == network.capacity.tolist()
    assert problem.alpha == alpha
