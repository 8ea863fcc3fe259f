"""Columns of the results table: the interface between sweep and analysis."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

SCHEMA_VERSION = 1
"""To be increased whenever a column is added, removed or changes its meaning."""

COORDINATE = ("allocation", "structure", "replication", "scale", "alpha")
"""The primary key: columns that identify an instance."""


def describe_coordinate(row: Mapping[str, Any]) -> str:
    """Return the coordinate of a row in words, such as ``A1 C3 replication 0 scale 1 alpha 5``."""
    text = "{allocation} {structure} replication {replication} scale {scale} alpha {alpha:g}"
    return text.format(**row)


RESULTS = pa.schema(
    [
        # The coordinate of the instance.
        pa.field("allocation", pa.string(), nullable=False),
        pa.field("structure", pa.string(), nullable=False),
        pa.field("replication", pa.int32(), nullable=False),
        pa.field("scale", pa.int32(), nullable=False),
        pa.field("alpha", pa.float64(), nullable=False),
        # Indicators of the paper, section 4.1; null without a solution.
        pa.field("z1", pa.float64()),  # total cost, tkm
        pa.field("z2", pa.float64()),  # second-stage transport per customer, tkm
        pa.field("z3_first", pa.float64()),  # first stage's share of transport, 0..1
        pa.field("z3_second", pa.float64()),  # second stage's share of transport, 0..1
        pa.field("z4", pa.int32()),  # number of open sites
        # The certificate of optimality.
        pa.field("status", pa.string(), nullable=False),  # a value of solvers.result.Status
        pa.field("objective", pa.float64()),  # cost of the incumbent, tkm
        pa.field("bound", pa.float64()),  # proven lower bound, tkm
        pa.field("gap", pa.float64()),  # (objective - bound) / objective
        # The solution.
        pa.field("open_sites", pa.list_(pa.int32())),  # indices of open sites, ascending
        pa.field("assignment", pa.list_(pa.int32())),  # assignment[k]: site of customer k
        # How it was found.
        pa.field("solver", pa.string()),
        pa.field("solver_version", pa.string()),
        pa.field("method", pa.string()),  # native | native+collapsed | collapsed | direct
        pa.field("fallback_reason", pa.string()),  # why not the configured solver or method
        pa.field("threads", pa.int32()),
        pa.field("draw_attempt", pa.int32()),  # first draw with enough capacity, from 1
        # Effort and origin: these columns may differ from run to run.
        pa.field("nodes", pa.int64()),  # branch-and-bound nodes
        pa.field("build_s", pa.float64()),  # seconds to formulate the model
        pa.field("solve_s", pa.float64()),  # seconds in the solver
        pa.field("attempt", pa.int32()),  # number of the attempt that produced the row, from 1
        pa.field("host", pa.string()),
        pa.field("error", pa.string()),  # what failed, or why there is no solution
        pa.field("finished_at", pa.timestamp("us", tz="UTC")),
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
