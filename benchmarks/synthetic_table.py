"""Writes a results table of made-up rows, as large as asked for, to measure the analysis with.

The rows have the columns, types and data files of a run, and the shares of statuses that a run with
a short time limit has. Their numbers mean nothing: lognormal draws from a seed. There are no
sites and assignments in them; an analysis reads only the columns that it needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from analysis.paper import ALLOCATIONS, CLUSTERS
from pipeline.results.commit import commit
from pipeline.results.data_file import write_data_file
from pipeline.results.schema import RESULTS
from pipeline.results.table import create_table, open_table

SCALES = (1, 2)

STATUSES = {"optimal": 0.98, "time_limit": 0.018, "no_solution": 0.002}
"""Status -> its share of the rows."""


def write_synthetic_table(
    run: Path, n_rows: int, n_files: int, alphas: tuple[float, ...], seed: int
) -> None:
    """Write a results table with equally many rows in each data file, one commit per file.

    Every file holds the same networks in other replications, at all alphas.

    Parameters
    ----------
    run : pathlib.Path
        Folder of the run to make; it has no results table yet.
    n_rows : int
        Number of rows, rounded up so that every allocation, structure, scale and alpha occurs
        equally often in every file.
    n_files : int
        Number of data files.
    alphas : tuple of float
        Buy-to-fly ratios.
    seed : int
        Seed of the random numbers.

    Raises
    ------
    pipeline.config.errors.Failure
        The folder cannot be written.
    """
    create_table(run)
    table = open_table(run, to_write=True)
    groups = pl.DataFrame(
        list(product(ALLOCATIONS, CLUSTERS, SCALES, alphas)),
        schema=["allocation", "structure", "scale", "alpha"],
        orient="row",
    )
    per_file = -(-n_rows // (n_files * groups.height))
    generator = np.random.default_rng(seed)
    for number in range(n_files):
        rows = _draw_rows(groups, range(number * per_file, (number + 1) * per_file), generator)
        table = commit(run, table, [write_data_file(run, rows)])


def _draw_rows(
    groups: pl.DataFrame, replications: range, generator: np.random.Generator
) -> Iterator[pa.Table]:
    """Draw the rows of some replications, a part at a time."""
    step = max(1, 50_000 // groups.height)
    for start in range(replications.start, replications.stop, step):
        part = pl.DataFrame({"replication": range(start, min(start + step, replications.stop))})
        yield _draw_values(part.join(groups, how="cross"), generator)


def _draw_values(coordinates: pl.DataFrame, generator: np.random.Generator) -> pa.Table:
    """Draw status, indicators and bound of every coordinate."""
    n = coordinates.height
    z1, z2 = generator.lognormal((11, 7), (0.8, 0.6), (n, 2)).T
    first = generator.beta(4, 2, n)
    status = generator.choice(list(STATUSES), n, p=list(STATUSES.values()))
    solved, optimal = status != "no_solution", status == "optimal"
    gap = np.where(optimal, 0.0, generator.uniform(0.001, 0.05, n))
    found = {
        "z1": z1,
        "z2": z2,
        "z3_first": first,
        "z3_second": 1 - first,
        "z4": generator.integers(1, 16, n),
        "objective": z1,
        "gap": gap,
    }
    rows = coordinates.with_columns(
        **{name: pl.when(pl.lit(solved)).then(pl.lit(column)) for name, column in found.items()},
        bound=pl.lit(z1 * (1 - gap)),
        status=pl.lit(status),
        run_id=pl.lit("synthetic"),
        seed=pl.lit(0),
        time_limit_s=pl.lit(300.0),
        threads=pl.lit(1),
        solve_s=pl.lit(generator.lognormal(-2, 1, n)),
    )
    missing = [pl.lit(None).alias(name) for name in RESULTS.names if name not in rows.columns]
    return rows.with_columns(missing).select(RESULTS.names).to_arrow().cast(RESULTS)
