"""Feasibility and cost of a solution; each constraint is violated once."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.problem import Problem
from solvers.solution import Solution, cost, flows_are_whole, site_loads, violations

LAW = settings(deadline=None, derandomize=True, max_examples=100)

PROBLEM = Problem(
    inbound=[[1, 2, 3], [4, 5, 6]],
    outbound=[[1, 2, 3], [4, 5, 6], [7, 8, 9]],
    demand=[3, 4, 5],
    capacity=[8, 12, 20],
    fixed_cost=[10, 20, 30],
    supply=[20, 99],
    alpha=2,
)
# Site 1 makes 3 + 4 = 7 tonnes, site 2 makes 5, site 3 is closed; each tonne takes two of material.
CORRECT = Solution(
    is_open=np.array([True, True, False]),
    assignment=np.array([0, 0, 1]),
    flow=np.array([[14.0, 0, 0], [0, 10, 0]]),
)


def families(problem: Problem, solution: Solution) -> list[str]:
    """Return the numbers of the constraints that a solution violates, such as ``(4)``."""
    return [line.split(":")[0] for line in violations(problem, solution)]


def flows(*rows: list[float]) -> Solution:
    """Return the correct solution with other flows."""
    return replace(CORRECT, flow=np.array(rows, dtype=float))


def test_correct_solution_has_no_violations() -> None:
    """A feasible solution passes the check."""
    assert violations(PROBLEM, CORRECT) == []


@pytest.mark.parametrize("site", [-1, 3])
def test_customer_without_a_site_violates_2(site: int) -> None:
    """Every customer must be assigned to one of the sites."""
    assert families(PROBLEM, replace(CORRECT, assignment=np.array([0, site, 1]))) == ["(2)"]


def test_too_little_open_capacity_violates_3() -> None:
    """Open capacity must cover demand; closing a site in use violates (7) and (8) as well."""
    closed = replace(CORRECT, is_open=np.array([True, False, False]))
    assert families(PROBLEM, closed) == ["(3)", "(7)", "(8)"]


def test_overloaded_site_violates_4() -> None:
    """A site must not make more than its capacity; all other constraints hold here."""
    overloaded = Solution(
        is_open=CORRECT.is_open,
        assignment=np.array([0, 0, 0]),
        flow=np.array([[14.0, 0, 0], [10, 0, 0]]),
    )
    assert families(PROBLEM, overloaded) == ["(4)"]


def test_capacity_is_checked_without_tolerance() -> None:
    """A load above the capacity by one unit in the last place violates (4)."""
    tight = replace(PROBLEM, capacity=[7, 12, 20])
    assert families(tight, CORRECT) == []
    tighter = replace(PROBLEM, capacity=[np.nextafter(7, 0), 12, 20])
    assert families(tighter, CORRECT) == ["(4)"]


def test_overdrawn_source_violates_5() -> None:
    """A source must not deliver more than its supply: here 24 of 20 tonnes."""
    assert families(PROBLEM, flows([14, 10, 0], [0, 0, 0])) == ["(5)"]


@pytest.mark.parametrize("inflow", [13, 15])
def test_unbalanced_site_violates_6(inflow: float) -> None:
    """A site must receive alpha times what it makes: neither less nor more."""
    assert families(PROBLEM, flows([inflow, 0, 0], [0, 10, 0])) == ["(6)"]


def test_inflow_of_a_closed_site_violates_7() -> None:
    """A closed site must receive nothing; its inflow violates the balance (6), too."""
    assert families(PROBLEM, flows([14, 0, 1], [0, 10, 0])) == ["(6)", "(7)"]


def test_service_from_a_closed_site_violates_8() -> None:
    """A closed site must not serve; its inflow violates (7) as well. (3) holds here."""
    swapped = replace(CORRECT, is_open=np.array([True, False, True]))
    assert families(PROBLEM, swapped) == ["(7)", "(8)"]


def test_service_from_a_closed_site_without_inflow_violates_8() -> None:
    """A closed site must not serve, even if it receives no raw material."""
    swapped = replace(
        CORRECT,
        is_open=np.array([True, False, True]),
        flow=np.array([[14.0, 0, 0], [0, 0, 0]]),
    )
    assert families(PROBLEM, swapped) == ["(6)", "(8)"]


def test_negative_flow_violates_9() -> None:
    """A flow must not be negative, even if all balances hold."""
    assert families(PROBLEM, flows([15, 0, 0], [-1, 10, 0])) == ["(9)"]


def test_fractional_flow_violates_9_where_flows_can_be_whole() -> None:
    """A flow of half a tonne is refused if flows can be whole, even if all balances hold."""
    assert families(PROBLEM, flows([13.5, 0, 0], [0.5, 10, 0])) == ["(9)"]


def test_fractional_flow_is_feasible_where_balances_are_fractional() -> None:
    """With alpha = 2.5 site 1 needs 17.5 tonnes: only in such cases may flows be fractional."""
    fractional = replace(PROBLEM, alpha=2.5)
    assert not flows_are_whole(fractional)
    assert families(fractional, flows([17.5, 0, 0], [0, 12.5, 0])) == []
    even = replace(fractional, demand=[2, 4, 6])
    assert flows_are_whole(even)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_flow_that_is_not_finite_violates_9(value: float) -> None:
    """A flow must be a finite number."""
    assert families(PROBLEM, flows([value, 0, 0], [0, 10, 0])) == ["(9)"]


def test_solution_of_another_problem_is_refused() -> None:
    """A solution with another number of sources, sites or customers has a violation."""
    assert violations(PROBLEM, replace(CORRECT, flow=np.zeros((3, 3))))
    assert violations(PROBLEM, replace(CORRECT, assignment=np.array([0, 0])))
    assert violations(PROBLEM, replace(CORRECT, is_open=np.array([True, True])))


def test_cost_of_the_correct_solution_is_that_computed_by_hand() -> None:
    """First stage 14 + 50, second 3 + 16 + 40, fixed 10 + 20."""
    computed = cost(PROBLEM, CORRECT)
    assert (computed.first, computed.second, computed.fixed, computed.total) == (64, 59, 30, 153)


@given(problem=st.from_type(Problem), data=st.data())
@LAW
def test_cost_is_objective_1_summed_term_by_term(problem: Problem, data: st.DataObject) -> None:
    """The cost of any solution, feasible or not, is objective (1) as loops over its terms."""
    sources, sites, customers = problem.n_sources, problem.n_sites, problem.n_customers
    assignment = data.draw(
        st.lists(st.integers(0, sites - 1), min_size=customers, max_size=customers)
    )
    is_open = data.draw(st.lists(st.booleans(), min_size=sites, max_size=sites))
    flow = data.draw(
        st.lists(st.integers(0, 1000), min_size=sources * sites, max_size=sources * sites)
    )
    first = second = fixed = 0.0
    for j in range(sites):
        fixed += problem.fixed_cost[j] * is_open[j]
        for i in range(sources):
            first += problem.inbound[i][j] * flow[i * sites + j]
        for k in range(customers):
            z = 1 if assignment[k] == j else 0
            second += problem.demand[k] * problem.outbound[k][j] * z
    solution = Solution(
        is_open=np.array(is_open),
        assignment=np.array(assignment),
        flow=np.array(flow, dtype=float).reshape(sources, sites),
    )
    computed = cost(problem, solution)
    # The data are quarters and whole tonnes: every sum is exact, in any order.
    assert (computed.first, computed.second, computed.fixed) == (first, second, fixed)
    assert computed.total == first + second + fixed
    loads = [
        sum(d for d, a in zip(problem.demand, assignment, strict=True) if a == j)
        for j in range(sites)
    ]
    assert site_loads(problem, solution.assignment).tolist() == loads
    assert solution.open_sites.tolist() == [j for j in range(sites) if is_open[j]]
