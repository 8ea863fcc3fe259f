"""The cheapest flows are those found by hand, and they are feasible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from solvers.problem import Problem
from solvers.solution import Solution, flows_are_whole, violations
from solvers.transportation import cheapest_flow


def two_sites(**changed: Any) -> Problem:
    """Return two sources and two sites; each site serves 10 t, which take 20 t of material."""
    data = {
        "inbound": [[1.0, 2.0], [5.0, 9.0]],
        "outbound": [[0.0, 9.0], [9.0, 0.0]],
        "demand": [10, 10],
        "capacity": [10, 10],
        "fixed_cost": [0, 0],
        "supply": [100, 100],
        "alpha": 2.0,
    }
    return Problem(**(data | changed))


ASSIGNMENT = np.array([0, 1])


def test_without_binding_sources_each_site_draws_from_its_cheapest_source() -> None:
    """Source 0 is the cheaper one for both sites, and its supply covers both."""
    flow = cheapest_flow(two_sites(), ASSIGNMENT)
    assert flow is not None
    assert flow.tolist() == [[20, 20], [0, 0]]


@pytest.mark.parametrize(("supply", "from_source_1"), [(30, 10), (25.5, 15)])
def test_with_a_binding_source_the_cheaper_detour_is_taken(
    supply: float, from_source_1: float
) -> None:
    """Source 1 delivers the rest to site 0, for 4 more a tonne instead of 7; in whole tonnes."""
    flow = cheapest_flow(two_sites(supply=[supply, 100]), ASSIGNMENT)
    assert flow is not None
    assert flow.tolist() == [[20 - from_source_1, 20], [from_source_1, 0]]


def test_flows_are_whole_only_where_they_can_be() -> None:
    """With alpha = 2.05 a site needs 20.5 t: its flows are fractional."""
    problem = two_sites(alpha=2.05, supply=[30, 100])
    assert not flows_are_whole(problem)
    flow = cheapest_flow(problem, ASSIGNMENT)
    assert flow is not None
    assert flow == pytest.approx(np.array([[9.5, 20.5], [11, 0]]))


def test_too_little_supply_has_no_flows() -> None:
    """The sites need 40 t, and the sources have 39 t."""
    assert cheapest_flow(two_sites(supply=[20, 19]), ASSIGNMENT) is None


def test_every_flow_found_is_feasible() -> None:
    """Random costs and supplies: the flows keep (5), (6), (7) and (9)."""
    generator = np.random.default_rng(3)
    found = 0
    for _ in range(50):
        problem = two_sites(
            inbound=generator.uniform(0, 9, (2, 2)), supply=generator.uniform(10, 40, 2)
        )
        flow = cheapest_flow(problem, ASSIGNMENT)
        if flow is not None:
            found += 1
            is_open = np.array([True, True])
            assert violations(problem, Solution(is_open, ASSIGNMENT, flow)) == []
    assert 0 < found < 50
