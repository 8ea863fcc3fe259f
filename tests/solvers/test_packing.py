"""A packing keeps the capacities, and there is none where the search says so."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.packing import Undecided, find_packing, why_too_small
from solvers.problem import Problem
from solvers.solution import site_loads

LAW = settings(deadline=None, derandomize=True, max_examples=80)


def fits(problem: Problem, assignment: np.ndarray) -> bool:
    """Return whether an assignment keeps all capacities."""
    return bool((site_loads(problem, assignment) <= problem.capacity).all())


@given(problem=st.from_type(Problem), tightness=st.sampled_from([1.0, 1.1, 2.0]))
@LAW
def test_packing_is_found_if_and_only_if_there_is_one(problem: Problem, tightness: float) -> None:
    """Enumeration of all assignments finds one exactly if the search does."""
    share = problem.capacity / max(1.0, problem.capacity.sum())
    tight = replace(problem, capacity=np.floor(share * tightness * problem.total_demand) + 0.5)
    for each in (problem, tight):
        assignment = find_packing(each)
        possible = any(
            fits(each, np.array(sites))
            for sites in itertools.product(range(each.n_sites), repeat=each.n_customers)
        )
        assert (assignment is not None) == possible
        assert assignment is None or fits(each, assignment)
        assert not (possible and why_too_small(each))


def equal_sites(demand: list[int], sites: int, capacity: float) -> Problem:
    """Return a problem in which only the packing matters."""
    return Problem(
        inbound=np.ones((1, sites)),
        outbound=np.ones((len(demand), sites)),
        demand=demand,
        capacity=np.full(sites, capacity),
        fixed_cost=np.zeros(sites),
        supply=[1e15],
        alpha=1,
    )


def test_equal_sites_are_tried_once() -> None:
    """Seven customers of 3 t in six sites of 5 t: one for each site, whichever comes first."""
    assert find_packing(equal_sites([3] * 7, 6, 5), max_steps=30) is None


def test_a_tonne_in_a_billion_counts() -> None:
    """Customers of 1e9 and 1 t do not fit into 1e9 t, but into one tonne more."""
    demand = [10**9, 1, 10**9, 1]
    assert find_packing(equal_sites(demand, 2, 1e9)) is None
    assert find_packing(equal_sites(demand, 2, 1e9 + 1)) is not None


def test_search_without_steps_is_undecided() -> None:
    """A search that may not even assign all customers decides nothing."""
    with pytest.raises(Undecided):
        find_packing(equal_sites([1, 1, 1], 2, 5), max_steps=2)


@pytest.mark.parametrize(
    ("capacity", "reason"),
    [
        (4.0, "all sites together make 8 t, 9 t are demanded"),
        (5.5, "a customer demands 6 t, the largest site makes 5 t"),
        (6.0, None),
    ],
)
def test_capacities_that_are_too_small_are_named(capacity: float, reason: str | None) -> None:
    """The reason has the tonnes that are there and those that are needed."""
    assert why_too_small(equal_sites([6, 3], 2, capacity)) == reason
