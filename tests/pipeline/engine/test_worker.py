"""The worker gives every instance of a chunk a row, whatever happens to the other instances."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from pipeline.config.sections import NetworkConfig
from pipeline.engine import worker
from pipeline.engine.interface import error_table, to_table
from pipeline.engine.worker import SolveContext, solve_job
from pipeline.network.draw import draw
from pipeline.network.network import Network
from pipeline.results.schema import NON_DETERMINISTIC, RESULTS
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solve import solve
from solvers.start import Start
from tests.pipeline.results.round_trip import round_trip
from tests.pipeline.run_columns import RUN

INDICATORS = ("z1", "z2", "z3_first", "z3_second", "z4")
HIGHS = Options(solver="highs")

CONTEXT = SolveContext(
    network=NetworkConfig.model_validate(
        {
            "allocations": {"T1": [2, 3, 4], "T2": [3, 2, 5]},
            "cluster_sd_km": 20,
            "cluster_means_km": [25, 75],
            "outside_grid": "rescaled",
            "diagonal_redraw": 0.85,
            "demand": [1, 100],
            "capacity": [100, 500],
            "fixed_cost": 5000,
            "supply": 99_999_999,
            "min_capacity_ratio": 1.05,
        }
    ),
    run_id="0123456789abcdef",
    seed=2016,
    options=HIGHS,
)
CHUNK = tuple(
    Job(NetworkCoordinate(*labels), (2.0, 20.0), 0.1)
    for labels in (("T1", "C3"), ("T2", "C11"), ("T1", "C17", 1))
)
FAILING = CHUNK[1].network


def instance_of(row: dict[str, Any]) -> tuple[NetworkCoordinate, float]:
    """Return the instance of a row."""
    network = NetworkCoordinate(*(row[name] for name in NetworkCoordinate._fields))
    return network, row["alpha"]


def solved(
    attempt: int = 1, context: SolveContext = CONTEXT
) -> dict[tuple[NetworkCoordinate, float], dict[str, Any]]:
    """Solve the chunk; return the deterministic columns and the error of each instance."""
    all_rows = [row for job in CHUNK for row in solve_job(context, job, attempt)]
    columns = [*(name for name in RESULTS.names if name not in NON_DETERMINISTIC), "error"]
    rows = to_table(all_rows).select(columns).to_pylist()
    assert [instance_of(row) for row in rows] == [
        (job.network, a) for job in CHUNK for a in job.alphas
    ]
    return {instance_of(row): row for row in rows}


def test_a_chunk_is_solved_row_by_row() -> None:
    """Each instance of a chunk has one row, equal to that of its network solved on its own."""
    rows = solved()
    for (network, alpha), row in rows.items():
        alone = solve(draw(network, CONTEXT.network, CONTEXT.seed).problem(alpha), HIGHS)
        assert row["status"] == "optimal"
        assert row["z1"] == alone.objective
        assert row["error"] is None


def test_another_attempt_gives_the_same_rows() -> None:
    """No deterministic column depends on the number of the attempt."""
    assert solved(attempt=1) == solved(attempt=3)


def test_an_exception_in_a_solve_affects_one_instance() -> None:
    """It becomes an error row with its traceback; all other rows are unchanged."""
    expected = solved()
    failing_inbound = draw(FAILING, CONTEXT.network, CONTEXT.seed).problem(2.0).inbound

    def failing(problem: Problem, options: Options, start: Start | None = None) -> Result:
        if problem.alpha == 2.0 and np.array_equal(problem.inbound, failing_inbound):
            raise ZeroDivisionError("no such luck")
        return solve(problem, options, start)

    rows = solved(context=dataclasses.replace(CONTEXT, solve=failing))
    bad = rows.pop((FAILING, 2.0))
    del expected[FAILING, 2.0]
    assert rows == expected
    assert bad["status"] == "error"
    for text in ("Traceback", "in failing", "ZeroDivisionError: no such luck"):
        assert text in bad["error"]
    assert [bad[name] for name in (*INDICATORS, "objective", "bound", "gap")] == [None] * 8


def test_an_exception_in_a_draw_affects_one_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It becomes an error row for each alpha of that network and for no other instance."""
    expected = solved()

    def failing(coordinate: NetworkCoordinate, config: NetworkConfig, seed: int) -> Network:
        if coordinate == FAILING:
            raise RuntimeError("cannot be drawn")
        return draw(coordinate, config, seed)

    monkeypatch.setattr(worker, "draw", failing)
    rows = solved()
    for instance, row in rows.items():
        if instance[0] == FAILING:
            assert row["status"] == "error"
            assert "RuntimeError: cannot be drawn" in row["error"]
            assert row["z1"] is None
        else:
            assert row == expected[instance]


def test_an_error_table_has_a_row_for_each_instance_of_a_chunk() -> None:
    """A chunk that ended its workers becomes one error row per instance."""
    rows = error_table(RUN, CHUNK, 3, "worker died").to_pylist()
    assert [instance_of(row) for row in rows] == [
        (job.network, a) for job in CHUNK for a in job.alphas
    ]
    for row in round_trip(*rows):
        assert (row["status"], row["error"], row["attempt"]) == ("error", "worker died", 3)
        assert row["z1"] is None
