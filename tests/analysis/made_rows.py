"""Rows of a results table whose indicators follow simple rules, so that medians are known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl
import pyarrow as pa

from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.results.completeness import Completeness
from pipeline.results.provenance import run_metadata
from pipeline.results.schema import RESULTS
from pipeline.results.united import United

Row = dict[str, Any]


def make_row(
    allocation: str, structure: str, alpha: float, replication: int = 0, **changed: Any
) -> Row:
    """Make one certified row; its indicators are simple functions of its coordinate."""
    a, c = int(allocation[1:]), int(structure[1:])
    row = dict.fromkeys(RESULTS.names) | {
        "allocation": allocation,
        "structure": structure,
        "replication": replication,
        "scale": 1,
        "alpha": alpha,
        "z1": alpha * (1000.0 * a + c),
        "z2": 100.0 * c + a,
        "z3_first": alpha / (alpha + 10),
        "z3_second": 10 / (alpha + 10),
        "z4": a,
        "status": "optimal",
        "gap": 1e-5 * a,
        "solver": "native",
        "solve_s": 0.01 * a * c,
    }
    return row | changed


def without_solution(row: Row, status: str = "no_solution") -> Row:
    """Remove the solution from a row."""
    return row | dict.fromkeys(["z1", "z2", "z3_first", "z3_second", "z4"]) | {"status": status}


def to_frame(rows: Iterable[Row]) -> pl.DataFrame:
    """Turn rows into a frame with the columns and types of the results table."""
    result = pl.from_arrow(pa.Table.from_pylist(list(rows), schema=RESULTS))
    assert isinstance(result, pl.DataFrame)
    return result


def unite_rows(rows: pl.DataFrame, **changed: Any) -> United:
    """Make the union of one run with these rows, of the paper's sweep."""
    config = validate(compose("config", ["solver=native"]))
    counts = rows.group_by("status").len().sort("len", "status")
    values = {
        "runs": ("outputs/paper",),
        "table": rows.lazy(),
        "metadata": (run_metadata(config, "native search, then HiGHS"),),
        "configurations": (config,),
        "completeness": Completeness(rows.height, 0, dict(counts.iter_rows())),
        "notes": (),
    }
    return United(**values | changed)
