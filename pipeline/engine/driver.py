"""Runs a sweep: puts folder, table, engine and committer together and solves what is missing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import takewhile
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.config.command import FAILED, LOGGER, print_status
from pipeline.config.errors import UserError
from pipeline.config.folder import join_path
from pipeline.config.sections import Config
from pipeline.engine import serial
from pipeline.engine.cluster_address import find_cluster
from pipeline.engine.end_time import describe_end, end_time
from pipeline.engine.interface import SolveChunks
from pipeline.engine.licences import STAGES, Stages
from pipeline.engine.progress_bar import ProgressReport
from pipeline.engine.worker import Solve, SolveContext
from pipeline.results import completeness, maintenance, provenance, selections
from pipeline.results.committer import Committer
from pipeline.results.failure_bundles import FAILURES, FailureBundleWriter
from pipeline.results.pending import pending_work, retried_rows
from pipeline.results.replacement import RowReplacer
from pipeline.results.run_log import run_log
from pipeline.results.table import create_table, read_results
from pipeline.sweep.chunks import PendingWork
from solvers import native
from solvers.backends.backend import SolverUnavailable
from solvers.backends.select import describe
from solvers.problem import count
from solvers.solve import solve as default_solve

COMPLETE = 0
"""Exit code if every instance that was asked for has a row, and none is an error row."""


RAY_LISTENS_EVERYWHERE = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Ray's variable for clusters of several machines; on Windows and macOS its default is 0."""


def run(config: Config, solve: Solve = default_solve, stages: Stages = STAGES) -> int:
    """Solve the instances of a sweep that have no row in the results table yet, or a retried one.

    Parameters
    ----------
    config : Config
        The sweep, how to solve it, and the folder of the results.
    solve : callable
        Solves a problem. Child processes import it, except with `engine.in_process`.
    stages : Stages
        Solve a problem in two stages; used instead of `solve` where Gurobi's licences are counted.

    Returns
    -------
    int
        Exit code, from the table: `COMPLETE`, or `pipeline.config.command.FAILED` if rows of this
        shard of the sweep are missing or are error rows.

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
    context = SolveContext(
        config.network,
        config.run_id,
        config.seed,
        config.solver.options,
        config.engine.grace_s,
        solve,
        end_time(config.engine.until),
        stages=stages,
    )
    with run_log(config.out):
        return _run(config, context, solver, run_metadata)


def _run(config: Config, context: SolveContext, solver: str, run_metadata: dict[str, Any]) -> int:
    """Solve the pending instances of a run that has a folder and a table; return the exit code."""
    LOGGER.info("start: %s", json.dumps(run_metadata["configuration"], sort_keys=True))
    selections.record(config)
    committer = Committer(config.out, config.store.commit_rows, config.store.commit_s, run_metadata)
    retried = retried_rows(config, committer.rows())
    if not retried.is_empty():
        n_retried = count(retried.height, "instance")
        print_status(f"retry={config.retry}: {n_retried}; the old rows stand until then")
    replacer = RowReplacer(config.out, retried, config.store.commit_s, run_metadata)
    pending = pending_work(config, committer.rows(), retried)
    print_status(f"sweep {config.sweep.name}, {pending.summary}; results in {config.out}")
    if pending.n_instances:
        print_status(f"solver: {solver}")
        bundles = FailureBundleWriter(config.out, config.network, config.seed, run_metadata)
        _solve_pending(config, context, Sinks(committer, replacer, bundles), pending)
        warning = maintenance.maintain(config.out)
        if warning:
            print_status(warning)
    return _exit_code(config)


def _describe_solver(config: Config) -> str:
    """Return solver and licence in words; raise `UserError` if there is no licence."""
    try:
        return describe(config.solver.name)
    except SolverUnavailable as error:
        raise UserError(f"solver=gurobi: {error}; expected a licence, or solver=native") from None


def _exit_code(config: Config) -> int:
    """Print how complete the table is, and return the exit code of a run that was not stopped."""
    table = read_results(config.out)
    own = completeness.of_command(table, config)
    everything = completeness.of_union(table, selections.union(config.out))
    if everything.instances > own.instances:
        print_status(f"all commands on this folder: {everything}")
    if own.errors:
        failures = join_path(config.out, FAILURES)
        errors = count(own.errors, "error row")
        print_status(f"{errors}: see {failures}; retry=errors solves their instances again")
    if own.uncertified:
        rows = count(own.uncertified, "uncertified row")
        print_status(f"{rows}: retry=unproven with a longer solver.time_limit_s goes on from there")
    print_status(str(own))
    return COMPLETE if own.is_complete else FAILED


class Sinks(NamedTuple):
    """Where finished rows go."""

    committer: Committer
    replacer: RowReplacer
    bundles: FailureBundleWriter

    def add(self, rows: pa.Table) -> None:
        """Write bundles of failures, replace the rows of retried instances, append the others."""
        self.bundles.add(rows)
        new_rows = self.replacer.take(rows)
        if new_rows.num_rows:
            self.committer.add(new_rows)


def _solve_pending(
    config: Config, context: SolveContext, sinks: Sinks, pending: PendingWork
) -> None:
    """Solve and commit the pending instances."""
    n_done = pending.n_instances_of_shard - pending.n_instances
    progress = ProgressReport(
        pending.n_instances_of_shard, n_done, pending.predicted_s, config.solver.threads
    )
    try:
        # The contexts end in reverse order: an interrupt first commits the finished rows, then
        # stops the cluster.
        with (
            _engine(config, context) as solve_chunks,
            sinks.committer,
            sinks.replacer,
            progress,
        ):
            chunks = takewhile(lambda _: not context.too_late, pending.chunks())
            for chunk, rows in solve_chunks(chunks):
                sinks.add(rows)
                progress.add(rows, sum(job.predicted_s for job in chunk))
    except KeyboardInterrupt:
        print_status(f"stopped after {progress.summary}; the same command goes on from there")
        raise
    if context.end is not None and context.too_late and progress.n_left:
        print_status(describe_end(context.end, config.solver.time_limit_s))
    print_status(progress.summary)
    print_status(progress.prediction)


@contextmanager
def _engine(config: Config, context: SolveContext) -> Iterator[SolveChunks]:
    if config.engine.name == "serial":
        _say_if_compiling(config)
        in_process = config.engine.in_process
        solve = serial.solve_chunks_in_process if in_process else serial.solve_chunks
        print_status(f"engine: serial, in {'this' if in_process else 'a child'} process")
        yield partial(solve, context)
        return
    address = find_cluster(config.engine.address)
    if address is None:
        _say_if_compiling(config)
    with _ray_listens_everywhere(address is not None):
        # The import of Ray takes a second, which the serial engine does not need.
        from pipeline.engine import ray_tasks

        engine = config.engine.model_copy(update={"address": address})
        with ray_tasks.open_engine(context, engine) as solve_chunks:
            yield solve_chunks


@contextmanager
def _ray_listens_everywhere(everywhere: bool) -> Iterator[None]:
    """Set Ray's variable until the sweep ends: a node that is started later must not inherit it.

    Ray reads it when it is imported, and so do the processes of a cluster that is started here.
    With 0, that cluster listens on the loopback address only, else on all interfaces.
    """
    before = os.environ.get(RAY_LISTENS_EVERYWHERE)
    os.environ[RAY_LISTENS_EVERYWHERE] = str(int(everywhere))
    try:
        yield
    finally:
        del os.environ[RAY_LISTENS_EVERYWHERE]
        if before is not None:
            os.environ[RAY_LISTENS_EVERYWHERE] = before


def _say_if_compiling(config: Config) -> None:
    if config.solver.method == "native" and not native.is_compiled():
        print_status("compiling the search, about a minute, once")
