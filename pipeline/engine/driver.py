"""Runs a sweep: what is left of the grid, through an engine, into the results table."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import polars as pl

from pipeline.config.command import FAILED
from pipeline.config.errors import UserError
from pipeline.config.folder import join_path
from pipeline.config.sections import Config
from pipeline.engine import serial
from pipeline.engine.chunk_table import Compute
from pipeline.engine.progress_bar import ProgressReport
from pipeline.engine.worker import Solve, SolveContext
from pipeline.results import maintenance, provenance
from pipeline.results.committer import Committer
from pipeline.results.failure_bundles import Bundles
from pipeline.results.schema import COORDINATE
from pipeline.results.table import (
    create_table,
    read_results,
)
from pipeline.sweep.chunks import PendingWork
from pipeline.sweep.grid import Sweep
from solvers.backends.backend import SolverUnavailable
from solvers.backends.select import describe
from solvers.result import Status
from solvers.solve import solve as solve_anything

COMPLETE = 0


def run(config: Config, solve: Solve = solve_anything) -> int:
    """Compute what the results table lacks of a sweep.

    Parameters
    ----------
    config : Config
        What to compute, how, and where it goes.
    solve : callable
        What solves a problem; it goes to the workers.

    Returns
    -------
    int
        Exit code: `COMPLETE`, or `pipeline.config.command.FAILED` if instances ended as error rows.

    Raises
    ------
    UserError
        The solver has no licence here, or the folder is not fit for this configuration: nothing
        has been written. Or another driver, which began earlier, computes the same instances.
    Failure
        The folder cannot be written any more; what was committed stays.
    """
    try:
        solver = describe(config.solver.name)
    except SolverUnavailable as error:
        raise UserError(f"solver=gurobi: {error}; expected a licence, or solver=highs") from None
    folder = config.out
    record = provenance.run_metadata(config, solver)
    provenance.claim(folder, record, config)
    create_table(folder)
    if config.retry == "errors":
        _delete_error_rows(config)
    committer = Committer(folder, config.store.commit_rows, config.store.commit_s, record)
    pending = pending_work(config, committer)
    print_status(f"sweep {config.sweep.name}, {pending.summary}; results in {folder}")
    if pending.n_instances == 0:
        print_status("all done")
        return COMPLETE
    first = "native search, then " if config.solver.method == "native" else ""
    print_status(f"solver: {first}{solver}")
    bundles = Bundles(folder, config.network, config.seed, record)
    return _compute(config, solve, committer, bundles, pending)


def pending_work(config: Config, committer: Committer) -> PendingWork:
    """Subtract what the table holds from the sweep."""
    sweep = Sweep.of(config)
    return PendingWork(sweep, sweep.done(committer.rows()), config)


def _delete_error_rows(config: Config) -> None:
    """Delete the error rows of this part of the sweep, so that they are to be computed again."""
    sweep, (part, parts) = Sweep.of(config), config.shard_of
    errors = read_results(config.out).filter(pl.col("status") == Status.ERROR.value)
    ours = pl.col("network") % parts == part - 1
    wanted = sweep.numbered(errors).filter(ours).select(COORDINATE).collect(engine="in-memory")
    if not wanted.is_empty():
        maintenance.delete_error_rows(config.out, wanted)
        print_status(f"{wanted.height} rows that ended in error are tried again")


def _compute(
    config: Config, solve: Solve, committer: Committer, bundles: Bundles, pending: PendingWork
) -> int:
    work = SolveContext(
        config.network, config.seed, config.solver.options, config.engine.grace_s, solve
    )
    done = pending.n_instances_of_shard - pending.n_instances
    report = ProgressReport(pending.n_instances_of_shard, done, pending.predicted_s)
    try:
        # In this order an interrupt first commits what is done, and then ends the cluster.
        with _engine(config, work) as compute, committer, report:
            for chunk, rows in compute(pending.chunks()):
                bundles.add(rows)
                committer.add(rows)
                report.add(rows, sum(job.predicted_s for job in chunk))
    except KeyboardInterrupt:
        print_status(f"stopped after {report.summary}; the same command goes on from there")
        raise
    print_status(report.summary)
    untidy = maintenance.compact_if_fragmented(config.out)
    if untidy:
        print_status(untidy)
    if report.errors:
        failures = join_path(config.out, "failures")
        print_status(
            f"{report.errors} instances ended in error: see {failures}; retry=errors tries again"
        )
        return FAILED
    return COMPLETE


def _engine(config: Config, work: SolveContext) -> AbstractContextManager[Compute]:
    if config.engine.name == "serial":
        return nullcontext(partial(serial.compute, work))
    # Ray takes a second to import, which the serial engine can do without.
    from pipeline.engine import ray_tasks

    return ray_tasks.open_engine(work, config.engine)


def print_status(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
