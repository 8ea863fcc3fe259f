"""Columns of the results table: the interface between sweep and analysis."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from solvers.options import BACKENDS

SCHEMA_VERSION = 2
"""To be increased whenever a column is added, removed or changes its meaning."""

COORDINATE = ("allocation", "structure", "replication", "scale", "alpha")
"""The primary key: columns that identify an instance."""


def describe_coordinate(row: Mapping[str, Any]) -> str:
    """Return the coordinate of a row in words, such as ``A1 C3 replication 0 scale 1 alpha 5``."""
    text = "{allocation} {structure} replication {replication} scale {scale} alpha {alpha:g}"
    return text.format(**row)


def _field(
    name: str, kind: pa.DataType, comment: str, unit: str = "", *, nullable: bool = True
) -> pa.Field:
    """Make a field whose metadata, which the table keeps, say what the column holds."""
    metadata = {"comment": comment} | ({"unit": unit} if unit else {})
    return pa.field(name, kind, nullable, metadata)


_OF_THE_SOLUTION = "of the row's solution; others within the gap may differ"

RESULTS = pa.schema(
    [
        # Which run: tables of several runs can be united.
        _field(
            "run_id",
            pa.string(),
            "digest of what decides the numbers of a row: seed, "
            "network parameters, solver, model, gap and the solver's seed",
            nullable=False,
        ),
        _field("seed", pa.int64(), "root of all random numbers", nullable=False),
        # The coordinate of the instance.
        _field("allocation", pa.string(), "label of the numbers of nodes", nullable=False),
        _field("structure", pa.string(), "label of the regions of clusters", nullable=False),
        _field("replication", pa.int32(), "number of the independent draw, from 0", nullable=False),
        _field("scale", pa.int32(), "multiplier of all numbers of nodes", nullable=False),
        _field("alpha", pa.float64(), "buy-to-fly ratio", "t/t", nullable=False),
        # The network; null in rows of instances that could not be drawn or ended their process.
        _field("n_sources", pa.int32(), "I, number of sources"),
        _field("n_sites", pa.int32(), "J, number of potential sites"),
        _field("n_customers", pa.int32(), "K, number of customers"),
        _field("total_demand", pa.int64(), "sum of d_k", "t"),
        _field("total_capacity", pa.float64(), "sum of s_j", "t"),
        _field("draw_attempt", pa.int32(), "first draw with enough capacity, from 1"),
        # Indicators of the paper, section 4.1; null without a solution.
        _field("z1", pa.float64(), "total cost", "tkm"),
        _field(
            "z2", pa.float64(), f"second-stage transport per customer {_OF_THE_SOLUTION}", "tkm"
        ),
        _field(
            "z3_first", pa.float64(), f"first stage's share of transport {_OF_THE_SOLUTION}", "0..1"
        ),
        _field(
            "z3_second",
            pa.float64(),
            f"second stage's share of transport {_OF_THE_SOLUTION}",
            "0..1",
        ),
        _field("z4", pa.int32(), f"number of open sites {_OF_THE_SOLUTION}"),
        # The certificate of optimality.
        _field(
            "status",
            pa.string(),
            "optimal, time_limit, no_solution, infeasible or error",
            nullable=False,
        ),
        _field("objective", pa.float64(), "cost of the incumbent", "tkm"),
        _field("bound", pa.float64(), "proven lower bound on the cost", "tkm"),
        _field("gap", pa.float64(), "(objective - bound) / objective"),
        # The solution.
        _field(
            "open_sites",
            pa.list_(pa.int32()),
            f"indices of the open sites, ascending, {_OF_THE_SOLUTION}",
        ),
        _field(
            "assignment",
            pa.list_(pa.int32()),
            f"assignment[k]: index of the site of customer k {_OF_THE_SOLUTION}",
        ),
        # How it was found.
        _field(
            "solver", pa.string(), f"solver that was used last: native, {' or '.join(BACKENDS)}"
        ),
        _field("solver_version", pa.string(), "its version"),
        _field("method", pa.string(), "native, native+collapsed, collapsed or direct"),
        _field("fallback_reason", pa.string(), "why not the first choice of solver or model"),
        _field("time_limit_s", pa.float64(), "time limit of the instance", "s", nullable=False),
        _field("threads", pa.int32(), "threads the solver could use", nullable=False),
        # Effort and origin: these columns may differ from run to run.
        _field("nodes", pa.int64(), "branch-and-bound nodes"),
        _field("build_s", pa.float64(), "time to formulate the model", "s"),
        _field("solve_s", pa.float64(), "time in the solver", "s"),
        _field("attempt", pa.int32(), "number of the attempt that produced the row, from 1"),
        _field("host", pa.string(), "name of the machine"),
        _field("error", pa.string(), "what failed, or why there is no solution"),
        _field("finished_at", pa.timestamp("us", tz="UTC"), "when the row was made"),
    ]
)

NON_DETERMINISTIC = (
    "nodes",
    "build_s",
    "solve_s",
    "attempt",
    "host",
    "error",
    "finished_at",
)
"""Columns in which two runs of the same configuration may differ."""
