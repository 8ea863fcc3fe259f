"""Rows of a results table whose indicators follow simple rules, so that medians are known."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from analysis.paper import ALLOCATIONS, ALPHAS, CLUSTERS
from pipeline.results.schema import RESULTS

Row = dict[str, Any]
ToFrame = Callable[[Iterable[Row]], pl.DataFrame]


def _make_row(
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
    }
    return row | changed


def _without_solution(row: Row, status: str = "no_solution") -> Row:
    """Remove the solution from a row."""
    return row | dict.fromkeys(["z1", "z2", "z3_first", "z3_second", "z4"]) | {"status": status}


@pytest.fixture
def make_row() -> Callable[..., Row]:
    """Function that makes one row of the results table."""
    return _make_row


@pytest.fixture
def without_solution() -> Callable[..., Row]:
    """Function that removes the solution from a row."""
    return _without_solution


@pytest.fixture
def to_frame() -> ToFrame:
    """Function that turns rows into a frame with the columns and types of the results table."""

    def build(rows: Iterable[Row]) -> pl.DataFrame:
        result = pl.from_arrow(pa.Table.from_pylist(list(rows), schema=RESULTS))
        assert isinstance(result, pl.DataFrame)
        return result

    return build


@pytest.fixture
def paper_rows() -> list[Row]:
    """Rows of the paper's 700 instances in a random order, as many workers would write them."""
    rows = [_make_row(a, c, alpha) for a in ALLOCATIONS for c in CLUSTERS for alpha in ALPHAS]
    return [rows[i] for i in np.random.default_rng(7).permutation(len(rows))]
