"""Turns the result of one instance into one row of the results table, as a dictionary.

This module must not import pyarrow, which starts threads: the fork server imports it and must have
one thread (see `pipeline.engine.fork_server`).
"""

from __future__ import annotations

import datetime
import platform
from collections.abc import Mapping
from typing import Any, NamedTuple

from pipeline.network.network import Network
from pipeline.sweep.job import Job
from solvers.result import Result, Status


class RunColumns(NamedTuple):
    """Columns that are the same in all rows of one command.

    Parameters
    ----------
    run_id : str
        Digest of what decides the numbers of a row (`pipeline.config.sections.Config.run_id`).
    seed : int
        Root of all random numbers.
    time_limit_s : float
        Time limit of each instance, seconds.
    threads : int
        Threads of the solver.
    """

    run_id: str
    seed: int
    time_limit_s: float
    threads: int


def indicators(result: Result, n_customers: int) -> dict[str, float | int | None]:
    """Compute z1 to z4 of the paper, section 4.1, from the costs of the checked solution.

    The shares z3 are fractions of the transport without the fixed costs; they are null if there is
    no transport over any distance. Without a solution all are null.

    Parameters
    ----------
    result : Result
        Result of a solve.
    n_customers : int
        Number of customers, for z2.

    Returns
    -------
    dict
        ``z1`` and ``z2`` in tkm, ``z3_first`` and ``z3_second`` in 0..1, ``z4`` the number of open
        sites.
    """
    if result.cost is None or result.solution is None:
        return dict.fromkeys(("z1", "z2", "z3_first", "z3_second", "z4"))
    cost = result.cost
    transport = cost.first + cost.second
    return {
        "z1": cost.total,
        "z2": cost.second / n_customers,
        "z3_first": cost.first / transport if transport else None,
        "z3_second": cost.second / transport if transport else None,
        "z4": len(result.solution.open_sites),
    }


def solved_row(
    run_columns: RunColumns,
    job: Job,
    alpha: float,
    attempt: int,
    network: Network,
    result: Result,
) -> dict[str, Any]:
    """Make the row of a result with any status; columns `pipeline.results.schema.RESULTS`."""
    solution = result.solution
    return _row(
        run_columns,
        job,
        alpha,
        attempt,
        {
            **network_columns(network),
            **indicators(result, len(network.customers)),
            "status": result.status.value,
            "objective": result.objective,
            "bound": result.bound,
            "gap": result.gap,
            "open_sites": None if solution is None else solution.open_sites.tolist(),
            "assignment": None if solution is None else solution.assignment.tolist(),
            "solver": result.solver,
            "solver_version": result.solver_version,
            "method": result.method,
            "fallback_reason": result.fallback_reason,
            "nodes": result.nodes,
            "build_s": result.build_s,
            "solve_s": result.solve_s,
            "error": result.error,
        },
    )


def error_row(
    run_columns: RunColumns, job: Job, alpha: float, attempt: int, error: str
) -> dict[str, Any]:
    """Make the row of an instance without a result; ``error`` says why it has none."""
    values = {"status": Status.ERROR.value, "error": error}
    return _row(run_columns, job, alpha, attempt, values)


def network_columns(network: Network) -> dict[str, int | float]:
    """Return the columns that describe a network."""
    return {
        "n_sources": len(network.sources),
        "n_sites": len(network.sites),
        "n_customers": len(network.customers),
        "total_demand": int(network.demand.sum()),
        "total_capacity": float(network.capacity.sum()),
        "draw_attempt": network.draw_attempt,
    }


def _row(
    run_columns: RunColumns, job: Job, alpha: float, attempt: int, values: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        **run_columns._asdict(),
        **job.network._asdict(),
        "alpha": alpha,
        "attempt": attempt,
        "host": platform.node(),
        "finished_at": datetime.datetime.now(datetime.UTC),
        **values,
    }
