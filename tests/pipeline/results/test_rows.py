"""A row says what the model's solution says; what has no solution has no numbers."""

import dataclasses
import platform
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipeline.config.sections import NetworkConfig
from pipeline.engine import worker
from pipeline.engine.chunk_table import error_table, to_table
from pipeline.engine.worker import SolveContext, solve_job
from pipeline.network.draw import draw
from pipeline.network.network import Network
from pipeline.results.rows import error_row, indicators, solved_row
from pipeline.results.schema import NON_DETERMINISTIC, RESULTS
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result, Status
from solvers.solution import Cost, Solution
from solvers.solve import solve

INDICATORS = ("z1", "z2", "z3_first", "z3_second", "z4")
HIGHS = Options(solver="highs")


def hand_made() -> Network:
    """Make a network whose optimum at alpha = 2 is told by hand.

    Two sources, two sites, three customers; all distances are whole kilometres that matter:

        source 0 (0, 0) -- 50 km -- site 0 (30, 40)
        source 1 (60, 120) -- 40 km -- site 1 (60, 80)

    Source 0 is 100 km from site 1 and source 1 more than 85 km from site 0, so each site draws
    from its own source: tau = (50, 40). Sites open for 1000 tkm each, and make 50 and 40 t.

        customer   demand   to site 0   to site 1
        0 (30,40)    10 t        0 km       50 km
        1 (60,80)    20 t       50 km        0 km
        2 (60,40)    30 t       30 km       40 km

    A tonne for customer k by way of site j costs c_kj + 2 tau_j, so all of its demand costs

        customer   by site 0            by site 1
        0          10 x 100 = 1000      10 x 130 = 1300
        1          20 x 150 = 3000      20 x  80 = 1600
        2          30 x 130 = 3900      30 x 120 = 3600

    The demand of 60 t needs both sites. Cheapest for each customer would be sites 0, 1, 1, but
    that asks 50 t of site 1, which makes 40. The assignments within 50 and 40 t:

        0, 1, 0: 6500    0, 0, 1: 7600    1, 1, 0: 6800    1, 0, 1: 7900    1, 0, 0: 8200

    The best is 0, 1, 0, with 40 t made at site 0 and 20 t at site 1:

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


def arrow(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Write rows through the schema of the results table, and read them back."""
    table = pa.Table.from_pylist(list(rows), schema=RESULTS)
    table.validate(full=True)
    for field in RESULTS:
        assert field.nullable or not table[field.name].null_count, field.name
    back: list[dict[str, Any]] = table.to_pylist()
    return back


@pytest.mark.parametrize("method", ["collapsed", "direct"])
def test_indicators_equal_the_hand_solved_example(method: str) -> None:
    """z1 = 8500, z2 = 900 / 3, z3 = 5600 : 900 of 6500, z4 = 2, through the whole pipeline."""
    network = hand_made()
    options = dataclasses.replace(HIGHS, method=method, gap=0.0)
    (row,) = arrow(solved_row(JOB, 2.0, 1, network, solve(network.problem(2.0), options)))
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


def test_a_row_names_its_coordinate_and_circumstances() -> None:
    """Coordinate, attempt, host and the draw's attempt are those of the job and the network."""
    network = hand_made()
    result = solve(network.problem(2.0), HIGHS)
    (row,) = arrow(solved_row(JOB, 2.0, 7, network, result))
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
    (row,) = arrow(solved_row(JOB, 2.0, 1, hand_made(), result))
    for name in (*INDICATORS, "objective", "bound", "gap", "open_sites", "assignment"):
        assert row[name] is None, name
    assert row["status"] == status.value


def test_an_infeasible_network_is_a_row_without_numbers() -> None:
    """Too little capacity is proven infeasible by the solver, and stored so."""
    network = dataclasses.replace(hand_made(), capacity=np.array([30, 29]))
    (row,) = arrow(solved_row(JOB, 2.0, 1, network, solve(network.problem(2.0), HIGHS)))
    assert row["status"] == "infeasible"
    assert [row[name] for name in INDICATORS] == [None] * 5


def test_an_incumbent_at_the_time_limit_keeps_its_numbers() -> None:
    """A solution that is not proven optimal still has all indicators."""
    cost = Cost(first=30.0, second=10.0, fixed=60.0)
    found = indicators(result_of(cost, Status.TIME_LIMIT), 2)
    assert found == {"z1": 100.0, "z2": 5.0, "z3_first": 0.75, "z3_second": 0.25, "z4": 1}


def test_shares_without_transport_are_null() -> None:
    """Where nothing travels any distance there is no share, while costs of 0 are numbers."""
    found = indicators(result_of(Cost(first=0.0, second=0.0, fixed=5000.0)), 2)
    assert found == {"z1": 5000.0, "z2": 0.0, "z3_first": None, "z3_second": None, "z4": 1}


def test_an_error_row_has_its_coordinate_and_its_error_only() -> None:
    """A row of an instance without result tells what went wrong, and no numbers."""
    (row,) = arrow(error_row(JOB, 5.0, 2, "it broke"))
    filled = {name for name, value in row.items() if value is not None}
    run_metadata = {"status", "error", "attempt", "host", "finished_at"}
    assert filled == {*JOB.network._fields, "alpha", *run_metadata}
    assert (row["status"], row["error"], row["attempt"]) == ("error", "it broke", 2)


# The worker.

WORK = SolveContext(
    network=NetworkConfig.model_validate(
        {
            "allocations": {"T1": [2, 3, 4], "T2": [3, 2, 5]},
            "cluster_sd_km": 20,
            "diagonal_redraw": 0.85,
            "demand": [1, 100],
            "capacity": [100, 500],
            "fixed_cost": 5000,
            "supply": 99_999_999,
            "min_capacity_ratio": 1.05,
        }
    ),
    seed=2016,
    options=HIGHS,
)
CHUNK = tuple(
    Job(NetworkCoordinate(*where), (2.0, 20.0), 0.1)
    for where in (("T1", "C3"), ("T2", "C11"), ("T1", "C17", 1))
)
CULPRIT = CHUNK[1].network


def where(row: dict[str, Any]) -> tuple[NetworkCoordinate, float]:
    """Name the instance of a row."""
    network = NetworkCoordinate(*(row[name] for name in NetworkCoordinate._fields))
    return network, row["alpha"]


def solved(
    attempt: int = 1, work: SolveContext = WORK
) -> dict[tuple[NetworkCoordinate, float], dict[str, Any]]:
    """Solve the chunk; give the deterministic columns and the error of each instance."""
    made = [row for job in CHUNK for row in solve_job(work, job, attempt)]
    columns = [*(name for name in RESULTS.names if name not in NON_DETERMINISTIC), "error"]
    rows = to_table(made).select(columns).to_pylist()
    assert [where(row) for row in rows] == [(job.network, a) for job in CHUNK for a in job.alphas]
    return {where(row): row for row in rows}


def test_a_chunk_is_solved_row_by_row() -> None:
    """Each instance of a chunk has one row, equal to that of its network solved alone."""
    rows = solved()
    for (network, alpha), row in rows.items():
        alone = solve(draw(network, WORK.network, WORK.seed).problem(alpha), HIGHS)
        assert row["status"] == "optimal"
        assert row["z1"] == alone.objective
        assert row["error"] is None


def test_a_chunk_is_solved_again_alike() -> None:
    """Another attempt at a chunk gives the same rows in every deterministic column."""
    assert solved(attempt=1) == solved(attempt=3)


def test_a_bad_instance_costs_the_others_nothing() -> None:
    """An exception in one solve is an error row with its traceback; all others are untouched."""
    undisturbed = solved()
    culprits_inbound = draw(CULPRIT, WORK.network, WORK.seed).problem(2.0).inbound

    def failing(problem: Problem, options: Options) -> Result:
        if problem.alpha == 2.0 and np.array_equal(problem.inbound, culprits_inbound):
            raise ZeroDivisionError("no such luck")
        return solve(problem, options)

    rows = solved(work=dataclasses.replace(WORK, solve=failing))
    bad = rows.pop((CULPRIT, 2.0))
    del undisturbed[CULPRIT, 2.0]
    assert rows == undisturbed
    assert bad["status"] == "error"
    for part in ("Traceback", "in failing", "ZeroDivisionError: no such luck"):
        assert part in bad["error"]
    assert [bad[name] for name in (*INDICATORS, "objective", "bound", "gap")] == [None] * 8


def test_a_network_that_cannot_be_drawn_costs_the_others_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An exception in a draw is an error row for each alpha of that network, and for no other."""
    undisturbed = solved()

    def failing(coordinate: NetworkCoordinate, config: NetworkConfig, seed: int) -> Network:
        if coordinate == CULPRIT:
            raise RuntimeError("cannot be drawn")
        return draw(coordinate, config, seed)

    monkeypatch.setattr(worker, "draw", failing)
    rows = solved()
    for instance, row in rows.items():
        if instance[0] == CULPRIT:
            assert row["status"] == "error"
            assert "RuntimeError: cannot be drawn" in row["error"]
            assert row["z1"] is None
        else:
            assert row == undisturbed[instance]


def test_a_lost_chunk_is_error_rows_for_all_of_it() -> None:
    """A chunk that no worker survived has an error row for each of its instances."""
    rows = error_table(CHUNK, 3, "worker died").to_pylist()
    assert [where(row) for row in rows] == [(job.network, a) for job in CHUNK for a in job.alphas]
    for row in arrow(*rows):
        assert (row["status"], row["error"], row["attempt"]) == ("error", "worker died", 3)
        assert row["z1"] is None
