"""The cheapest flows are those one finds by hand, and feasible wherever there are any."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from solvers.problem import Problem
from solvers.solution import Solution, flows_are_whole, violations
from solvers.transportation import cheapest_flow


def problem(**changed: Any) -> Problem:
    """Pose two sources and two sites, which each serve one customer of 10 t; 20 t of material."""
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


def test_where_no_source_binds_each_site_draws_from_its_cheapest() -> None:
    """Source 0 is the cheaper one of both sites, and has enough."""
    flow = cheapest_flow(problem(), ASSIGNMENT)
    assert flow is not None
    assert flow.tolist() == [[20, 20], [0, 0]]


@pytest.mark.parametrize(("supply", "second"), [(30, 10), (25.5, 15)])
def test_where_a_source_binds_the_dearer_detour_is_spared(supply: float, second: float) -> None:
    """What source 0 lacks comes to site 0 from source 1: 4 more a tonne, not 7; in whole tonnes."""
    flow = cheapest_flow(problem(supply=[supply, 100]), ASSIGNMENT)
    assert flow is not None
    assert flow.tolist() == [[20 - second, 20], [second, 0]]


def test_flows_are_whole_only_where_they_can_be() -> None:
    """At alpha = 2.05 a site wants 20.5 t, and gets them to the last half."""
    posed = problem(alpha=2.05, supply=[30, 100])
    assert not flows_are_whole(posed)
    flow = cheapest_flow(posed, ASSIGNMENT)
    assert flow is not None
    assert flow == pytest.approx(np.array([[9.5, 20.5], [11, 0]]))


def test_sources_that_have_too_little_supply_nothing() -> None:
    """40 t are wanted and 39 there."""
    assert cheapest_flow(problem(supply=[20, 19]), ASSIGNMENT) is None


def test_whatever_is_found_is_feasible() -> None:
    """Random costs and supplies: the flows keep (5), (6), (7) and (9)."""
    generator = np.random.default_rng(3)
    found = 0
    for _ in range(50):
        posed = problem(
            inbound=generator.uniform(0, 9, (2, 2)), supply=generator.uniform(10, 40, 2)
        )
        flow = cheapest_flow(posed, ASSIGNMENT)
        if flow is not None:
            found += 1
            both = np.array([True, True])
            assert violations(posed, Solution(both, ASSIGNMENT, flow)) == []
    assert 0 < found < 50
