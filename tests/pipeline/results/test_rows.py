"""A row holds the numbers of the solution; without a solution its numbers are null."""

from __future__ import annotations

import dataclasses
import platform

import numpy as np
import pytest

from pipeline.network.network import Network
from pipeline.results.rows import error_row, indicators, solved_row
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job
from solvers.options import Options
from solvers.result import Result, Status
from solvers.solution import Cost, Solution
from solvers.solve import solve
from tests.pipeline.results.round_trip import round_trip
from tests.pipeline.run_columns import RUN

INDICATORS = ("z1", "z2", "z3_first", "z3_second", "z4")
HIGHS = Options(solver="highs")


def hand_made() -> Network:
    """Make a network whose optimum at alpha = 2 is computed by hand.

    Two sources, two sites, three customers; these distances are whole kilometres:

        source 0 (0, 0) -- 50 km -- site 0 (30, 40)
        source 1 (60, 120) -- 40 km -- site 1 (60, 80)

    Source 0 is 100 km from site 1 and source 1 more than 85 km from site 0, so each site is
    supplied by its own source: tau = (50, 40). Each site costs 1000 tkm to open; capacities are 50
    and 40 t.

        customer   demand   to site 0   to site 1
        0 (30,40)    10 t        0 km       50 km
        1 (60,80)    20 t       50 km        0 km
        2 (60,40)    30 t       30 km       40 km

    A tonne for customer k from site j costs c_kj + 2 tau_j, so its whole demand costs

        customer   from site 0          from site 1
        0          10 x 100 = 1000      10 x 130 = 1300
        1          20 x 150 = 3000      20 x  80 = 1600
        2          30 x 130 = 3900      30 x 120 = 3600

    The demand of 60 t needs both sites. The cheapest sites of the customers are 0, 1, 1, but then
    site 1 would have to make 50 t, more than its 40 t. The assignments within the capacities:

        0, 1, 0: 6500    0, 0, 1: 7600    1, 1, 0: 6800    1, 0, 1: 7900    1, 0, 0: 8200

    The optimum is 0, 1, 0, with 40 t made at site 0 and 20 t at site 1:

        first stage    2 x (50 x 40 + 40 x 20) = 5600
        second stage   20 x 0 + 10 x 0 + 30 x 30 = 900
        fixed          2 x 1000 = 2000
    """
    return Network(
        sources=np.array([[0.0, 0.0], [60.0, 120.0]]),
        sites=np.array([[30.0, 40.0], [60.0, 80.0]]),
        customers=np.array([[30.0, 40.0], [60.0, 80.0], [60.0, 40.0]]),
        demand=np.array([10, 20, 30]),
        capacity=np.array([50, 40]),
        fixed_cost=np.full(2, 1000.0),
        supply=np.full(2, 1e6),
        draw_attempt=3,
    )


JOB = Job(NetworkCoordinate("A1", "C3", 4, 2), (2.0, 5.0), 1.0)


@pytest.mark.parametrize("method", ["collapsed", "direct"])
def test_indicators_equal_the_hand_solved_example(method: str) -> None:
    """z1 = 8500, z2 = 900 / 3, z3 = 5600 : 900 of 6500, z4 = 2, through the whole pipeline."""
    network = hand_made()
    options = dataclasses.replace(HIGHS, model=method, gap=0.0)
    (row,) = round_trip(solved_row(RUN, JOB, 2.0, 1, network, solve(network.problem(2.0), options)))
    assert row["z1"] == pytest.approx(8500)
    assert row["z2"] == pytest.approx(300)
    assert row["z3_first"] == pytest.approx(5600 / 6500)
    assert row["z3_second"] == pytest.approx(900 / 6500)
    assert row["z4"] == 2
    assert row["status"] == "optimal"
    assert row["objective"] == row["z1"]
    assert row["bound"] == pytest.approx(8500)
    assert row["gap"] == pytest.approx(0)
    assert row["open_sites"] == [0, 1]
    assert row["assignment"] == [0, 1, 0]
    assert (row["solver"], row["method"], row["error"]) == ("highs", method, None)


def test_a_row_records_its_coordinate_and_origin() -> None:
    """Coordinate, attempt, host and number of the draw are those of the job and the network."""
    network = hand_made()
    result = solve(network.problem(2.0), HIGHS)
    (row,) = round_trip(solved_row(RUN, JOB, 2.0, 7, network, result))
    coordinate = ("allocation", "structure", "replication", "scale", "alpha")
    assert tuple(row[name] for name in coordinate) == ("A1", "C3", 4, 2, 2.0)
    assert (row["attempt"], row["draw_attempt"], row["host"]) == (7, 3, platform.node())
    assert row["finished_at"].utcoffset().total_seconds() == 0
    assert (row["solver_version"], row["threads"]) == (result.solver_version, 1)
    assert (row["build_s"], row["solve_s"]) == (result.build_s, result.solve_s)


def result_of(cost: Cost | None, status: Status = Status.OPTIMAL) -> Result:
    """Make a result with a cost, or one without a solution."""
    solution = Solution(np.array([True, False]), np.array([0, 0]), np.zeros((1, 2)))
    return Result(
        status=status,
        method="collapsed",
        solver="highs",
        solver_version="0",
        threads=1,
        solution=None if cost is None else solution,
        cost=cost,
    )


@pytest.mark.parametrize("status", [Status.INFEASIBLE, Status.NO_SOLUTION, Status.ERROR])
def test_no_solution_is_null_and_never_zero(status: Status) -> None:
    """Without a solution all indicators, the objective, the gap and the lists are null."""
    result = result_of(None, status)
    assert indicators(result, 2) == dict.fromkeys(INDICATORS)
    (row,) = round_trip(solved_row(RUN, JOB, 2.0, 1, hand_made(), result))
    for name in (*INDICATORS, "objective", "bound", "gap", "open_sites", "assignment"):
        assert row[name] is None, name
    assert row["status"] == status.value


def test_an_infeasible_network_is_a_row_without_numbers() -> None:
    """The solver proves that the capacity is too small; the row's status is infeasible."""
    network = dataclasses.replace(hand_made(), capacity=np.array([30, 29]))
    (row,) = round_trip(solved_row(RUN, JOB, 2.0, 1, network, solve(network.problem(2.0), HIGHS)))
    assert row["status"] == "infeasible"
    assert [row[name] for name in INDICATORS] == [None] * 5


def test_an_incumbent_at_the_time_limit_keeps_its_numbers() -> None:
    """A solution that is not proven optimal still has all indicators."""
    cost = Cost(first=30.0, second=10.0, fixed=60.0)
    found = indicators(result_of(cost, Status.TIME_LIMIT), 2)
    assert found == {"z1": 100.0, "z2": 5.0, "z3_first": 0.75, "z3_second": 0.25, "z4": 1}


def test_shares_without_transport_are_null() -> None:
    """Without transport over any distance there is no share, but costs of 0 are numbers."""
    found = indicators(result_of(Cost(first=0.0, second=0.0, fixed=5000.0)), 2)
    assert found == {"z1": 5000.0, "z2": 0.0, "z3_first": None, "z3_second": None, "z4": 1}


def test_an_error_row_has_its_coordinate_and_its_error_only() -> None:
    """The row of an instance without a result holds the error and no numbers."""
    (row,) = round_trip(error_row(RUN, JOB, 5.0, 2, "it broke"))
    filled = {name for name, value in row.items() if value is not None}
    origin = {"status", "error", "attempt", "host", "finished_at"}
    assert filled == {*RUN._fields, *JOB.network._fields, "alpha", *origin}
    assert (row["status"], row["error"], row["attempt"]) == ("error", "it broke", 2)
