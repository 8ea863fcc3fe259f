"""The cheapest flows are those found by hand, and they are feasible."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.exact import first_stage_cost
from benchmarks.odd_problems import draw_odd_problem
from solvers.problem import Problem
from solvers.solution import Solution, flows_are_whole, site_loads, violations
from solvers.transportation import cheapest_flow, why_short


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


def test_flows_cost_what_exact_arithmetic_finds() -> None:
    """Numbers from 0.001 to 1e15 beside each other do not cost digits, nor whole tonnes."""
    compared = 0
    for number in range(300):
        problem = draw_odd_problem(5, number)
        problem = replace(problem, capacity=np.full(problem.n_sites, 1e12))
        assignment = np.random.default_rng(number).integers(
            problem.n_sites, size=problem.n_customers
        )
        loads = site_loads(problem, assignment)
        exact = first_stage_cost(problem, tuple(int(load) for load in loads))
        flow = cheapest_flow(problem, assignment)
        assert (flow is None) == (exact is None) == (why_short(problem) is not None)
        if flow is not None and exact is not None:
            compared += 1
            first = float((problem.inbound * flow).sum())
            assert first == pytest.approx(float(exact), rel=1e-7, abs=1e-9)
            if flows_are_whole(problem):
                assert (flow % 1 == 0).all()
                assert (flow.sum(axis=1) <= problem.supply).all()
                assert (flow.sum(axis=0) == problem.alpha * loads).all()
    assert compared > 100


def test_supply_that_suffices_to_the_tonne_is_enough() -> None:
    """Forty tonnes are needed; 39 are too few, and so are 20.5 and 19.5: flows are whole."""
    assert why_short(two_sites(supply=[20, 20])) is None
    reason = "all sources together deliver 39 t, 40 t are needed"
    assert why_short(two_sites(supply=[20, 19])) == reason
    assert why_short(two_sites(supply=[20.5, 19.5])) == reason
