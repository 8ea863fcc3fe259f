"""Runs a sweep: puts folder, table, engine and committer together and solves what is missing."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import polars as pl

from pipeline.config.command import FAILED, print_status
from pipeline.config.errors import UserError
from pipeline.config.folder import join_path
from pipeline.config.sections import Config
from pipeline.engine import serial
from pipeline.engine.interface import SolveChunks
from pipeline.engine.progress_bar import ProgressReport
from pipeline.engine.worker import Solve, SolveContext
from pipeline.results import maintenance, provenance
from pipeline.results.committer import Committer
from pipeline.results.failure_bundles import FAILURES, FailureBundleWriter
from pipeline.results.schema import COORDINATE
from pipeline.results.table import create_table, read_results
from pipeline.sweep.chunks import PendingWork
from pipeline.sweep.grid import Sweep
from solvers.backends.backend import SolverUnavailable
from solvers.backends.select import describe
from solvers.result import Status
from solvers.solve import solve as default_solve

COMPLETE = 0
"""Exit code if no instance ended in error."""


RAY_LISTENS_EVERYWHERE = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Ray's variable for clusters of several machines; on Windows and macOS its default is 0."""


def run(config: Config, solve: Solve = default_solve) -> int:
    """Solve the instances of a sweep that have no row in the results table yet.

    Parameters
    ----------
    config : Config
        The sweep, how to solve it, and the folder of the results.
    solve : callable
        Solves a problem. Child processes import it, except with `engine.in_process`.

    Returns
    -------
    int
        Exit code: `COMPLETE`, or `pipeline.config.command.FAILED` if instances ended as error rows.

    Raises
    ------
    UserError
        The solver has no licence here, or the folder does not fit this configuration; then nothing
        has been written. Or another driver, which began earlier, computes the same instances.
    Failure
        The folder cannot be written any more; what was committed stays.
    """
    solver = _describe_solver(config)
    run_metadata = provenance.run_metadata(config, solver)
    provenance.create_or_check_run_file(config.out, run_metadata, config)
    create_table(config.out)
    if config.retry == "errors":
        _delete_error_rows(config)
    committer = Committer(config.out, config.store.commit_rows, config.store.commit_s, run_metadata)
    pending = _pending_work(config, committer)
    print_status(f"sweep {config.sweep.name}, {pending.summary}; results in {config.out}")
    if pending.n_instances == 0:
        print_status("all done")
        return COMPLETE
    print_status(f"solver: {solver}")
    bundles = FailureBundleWriter(config.out, config.network, config.seed, run_metadata)
    n_errors = _solve_pending(config, solve, committer, bundles, pending)
    warning = maintenance.maintain(config.out)
    if warning:
        print_status(warning)
    if n_errors:
        failures = join_path(config.out, FAILURES)
        print_status(
            f"{n_errors} instances ended in error: see {failures}; retry=errors tries again"
        )
        return FAILED
    return COMPLETE


def _describe_solver(config: Config) -> str:
    """Return solver and licence in words; raise `UserError` if there is no licence."""
    try:
        return describe(config.solver.name)
    except SolverUnavailable as error:
        raise UserError(f"solver=gurobi: {error}; expected a licence, or solver=native") from None


def _delete_error_rows(config: Config) -> None:
    """Delete the error rows of this shard, so that their instances are solved again."""
    sweep, (part, parts) = Sweep.of(config), config.shard_of
    errors = read_results(config.out).filter(pl.col("status") == Status.ERROR.value)
    in_shard = pl.col("network") % parts == part - 1
    coordinates = (
        sweep.with_numbers(errors).filter(in_shard).select(COORDINATE).collect(engine="in-memory")
    )
    if not coordinates.is_empty():
        maintenance.delete_error_rows(config.out, coordinates)
        print_status(f"{coordinates.height} rows that ended in error are tried again")


def _pending_work(config: Config, committer: Committer) -> PendingWork:
    """Return the instances of the sweep that the table lacks."""
    sweep = Sweep.of(config)
    return PendingWork(sweep, sweep.done_mask(committer.rows()), config)


def _solve_pending(
    config: Config,
    solve: Solve,
    committer: Committer,
    bundles: FailureBundleWriter,
    pending: PendingWork,
) -> int:
    """Solve and commit the pending instances; return how many ended in error."""
    context = SolveContext(
        config.network,
        config.run_id,
        config.seed,
        config.solver.options,
        config.engine.grace_s,
        solve,
    )
    n_done = pending.n_instances_of_shard - pending.n_instances
    progress = ProgressReport(pending.n_instances_of_shard, n_done, pending.predicted_s)
    try:
        # The contexts end in reverse order: an interrupt first commits the finished rows, then
        # stops the cluster.
        with _engine(config, context) as solve_chunks, committer, progress:
            for chunk, rows in solve_chunks(pending.chunks()):
                bundles.add(rows)
                committer.add(rows)
                progress.add(rows, sum(job.predicted_s for job in chunk))
    except KeyboardInterrupt:
        print_status(f"stopped after {progress.summary}; the same command goes on from there")
        raise
    print_status(progress.summary)
    return progress.errors


def _engine(config: Config, context: SolveContext) -> AbstractContextManager[SolveChunks]:
    if config.engine.name == "serial":
        in_process = config.engine.in_process
        solve = serial.solve_chunks_in_process if in_process else serial.solve_chunks
        return nullcontext(partial(solve, context))
    # Ray reads this when it is imported. With 0, a cluster that is started here listens on the
    # loopback address only, else on all interfaces.
    os.environ[RAY_LISTENS_EVERYWHERE] = "0" if config.engine.address is None else "1"
    # The import of Ray takes a second, which the serial engine does not need.
    from pipeline.engine import ray_tasks

    return ray_tasks.open_engine(context, config.engine)
