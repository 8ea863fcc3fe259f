"""What a command has to solve: instances without a row, and those that it is asked to retry."""

from __future__ import annotations

import polars as pl

from pipeline.config.sections import Config
from pipeline.results.replacement import RETRIED
from pipeline.results.schema import COORDINATE
from pipeline.sweep.chunks import PendingWork
from pipeline.sweep.grid import Sweep
from pipeline.sweep.time_model import TimeModel
from solvers.start import Start


def retried_rows(config: Config, rows: pl.LazyFrame) -> pl.DataFrame:
    """Return the rows of this shard whose instances are solved again.

    Parameters
    ----------
    config : Config
        The sweep, its shard, and which rows are retried.
    rows : LazyFrame
        Columns `pipeline.results.schema.RESULTS`.

    Returns
    -------
    DataFrame
        The coordinate, the number ``instance`` in the sweep, and what was found: ``assignment``
        and ``bound``.
    """
    sweep, (part, parts) = Sweep.of(config), config.shard_of
    statuses = [status.value for status in RETRIED[config.retry]]
    in_shard = pl.col("network") % parts == part - 1
    chosen = sweep.with_numbers(rows.filter(pl.col("status").is_in(statuses))).filter(in_shard)
    wanted = chosen.select(*COORDINATE, "instance", "assignment", "bound").sort("instance")
    return wanted.collect(engine="in-memory")


def pending_work(config: Config, rows: pl.LazyFrame, retried: pl.DataFrame) -> PendingWork:
    """Return the instances of the sweep that have no row, and those that are solved again.

    Parameters
    ----------
    config : Config
        The sweep and its shard.
    rows : LazyFrame
        Columns `pipeline.results.schema.RESULTS`.
    retried : DataFrame
        As `retried_rows` returns it.
    """
    sweep = Sweep.of(config)
    done = sweep.done_mask(rows)
    done.reshape(-1)[retried["instance"].to_numpy()] = False
    positions = {instance: row for row, instance in enumerate(retried["instance"])}

    def start(instance: int) -> Start | None:
        if (row := positions.get(instance)) is None:
            return None
        assignment = retried["assignment"][row]
        return Start(None if assignment is None else tuple(assignment), retried["bound"][row])

    return PendingWork(sweep, done, config, start, TimeModel(config, rows))
