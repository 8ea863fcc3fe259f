"""How well the core hours of a sweep are predicted from a table with few of its rows.

usage: python -m benchmarks.prediction [RUN] [key=value ...]

  RUN   folder of a run whose rows are all there (outputs/paper), such as that of
        sitesweep run solver=native

Draws some rows at random, learns from them, and predicts the solver's time of all others, whose
actual time is in the table. Prints the error of each split, and the median of their sizes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from benchmarks.arguments import key, run_benchmark
from pipeline.config.duration import describe_core_time
from pipeline.config.errors import UserError
from pipeline.config.sections import validate
from pipeline.results import provenance
from pipeline.results.schema import COORDINATE
from pipeline.results.table import read_results
from pipeline.sweep.chunks import PendingWork
from pipeline.sweep.grid import Sweep
from pipeline.sweep.time_model import TimeModel


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    run: tuple[str, ...] = key(("outputs/paper",), "folder of the run", positional=True)
    rows: int = key(100, "rows to learn from")
    splits: int = key(10, "how many times rows are drawn")
    seed: int = key(0, "of the draws", least=0)


def main(arguments: Arguments) -> int:
    """Print the error of the prediction for every split."""
    run = arguments.run[0]
    config = validate({**provenance.read(run)["configuration"], "shard": "1/1"})
    sweep = Sweep.of(config)
    numbered = sweep.with_numbers(read_results(run).drop_nulls("solve_s"))
    table = numbered.select(*COORDINATE, "solve_s", "instance").sort("instance").collect()
    if table.height <= arguments.rows:
        raise UserError(f"rows: expected fewer than the {table.height} rows of {run}")
    generator = np.random.default_rng(arguments.seed)
    errors = []
    for _ in range(arguments.splits):
        learnt = np.zeros(table.height, dtype=bool)
        learnt[generator.choice(table.height, arguments.rows, replace=False)] = True
        held_out = table.filter(pl.Series(~learnt))
        done = np.ones(sweep.n_instances, dtype=bool)
        done[held_out["instance"].to_numpy()] = False
        times = TimeModel(config, table.filter(pl.Series(learnt)).lazy())
        missing = PendingWork(sweep, done.reshape(sweep.n_networks, -1), config, times=times)
        predicted_s = missing.predicted_s
        actual_s = float(held_out["solve_s"].sum())
        errors.append(predicted_s / actual_s - 1)
        print(
            f"predicted {describe_core_time(predicted_s)} for {held_out.height:,} instances, "
            f"they took {describe_core_time(actual_s)}: {errors[-1]:+.0%}"
        )
    print(f"median error from {arguments.rows} rows: {np.median(np.abs(errors)):.0%}")
    return 0


if __name__ == "__main__":
    run_benchmark(main, Arguments, __doc__)
