"""A complete sweep of the paper's 700 instances, its indicators given by simple rules."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from analysis.paper import ALLOCATIONS, ALPHAS, CLUSTERS
from pipeline.results.schema import RESULTS

Row = dict[str, Any]
Frame = Callable[[Iterable[Row]], pl.DataFrame]


def instance(
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


def unsolved(row: Row, status: str = "no_solution") -> Row:
    """Take the solution from a row."""
    return row | dict.fromkeys(["z1", "z2", "z3_first", "z3_second", "z4"]) | {"status": status}


@pytest.fixture
def make() -> Callable[..., Row]:
    """Give `instance`."""
    return instance


@pytest.fixture
def fail() -> Callable[..., Row]:
    """Give `unsolved`."""
    return unsolved


@pytest.fixture
def frame() -> Frame:
    """Give a function: rows -> a frame with the columns and types of the results table."""

    def build(rows: Iterable[Row]) -> pl.DataFrame:
        result = pl.from_arrow(pa.Table.from_pylist(list(rows), schema=RESULTS))
        assert isinstance(result, pl.DataFrame)
        return result

    return build


@pytest.fixture
def sweep() -> list[Row]:
    """Give the 700 rows, in the arbitrary order of a table that many workers wrote."""
    rows = [instance(a, c, alpha) for a in ALLOCATIONS for c in CLUSTERS for alpha in ALPHAS]
    return [rows[i] for i in np.random.default_rng(7).permutation(len(rows))]
