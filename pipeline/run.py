"""Runs a sweep: what is left of the grid, through an engine, into the results table."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import polars as pl

from conf.command import FAILED
from conf.errors import UserError
from pipeline import place, provenance, store, upkeep
from pipeline.answers import Compute
from pipeline.chunks import Remaining
from pipeline.committer import Committer
from pipeline.config import Config
from pipeline.engine import serial
from pipeline.failures import Bundles
from pipeline.progress import ProgressReport
from pipeline.schema import COORDINATE
from pipeline.sweep import Sweep
from pipeline.worker import Solve, Work
from solvers.backend import SolverUnavailable
from solvers.result import Status
from solvers.select import describe
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
        Exit code: `COMPLETE`, or `conf.command.FAILED` if instances ended as error rows.

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
    record = provenance.circumstances(config, solver)
    provenance.claim(folder, record, config)
    store.create(folder)
    if config.retry == "errors":
        _forget_errors(config)
    committer = Committer(folder, config.store.commit_rows, config.store.commit_s, record)
    remaining = remaining_of(config, committer)
    _say(f"sweep {config.sweep.name}, {_of_shard(config, remaining)}; results in {folder}")
    if remaining.n_instances == 0:
        _say("all done")
        return COMPLETE
    first = "native search, then " if config.solver.method == "native" else ""
    _say(f"solver: {first}{solver}")
    bundles = Bundles(folder, config.network, config.seed, record)
    return _compute(config, solve, committer, bundles, remaining)


def plan(config: Config) -> str:
    """Describe what `run` would do, without writing anything.

    Raises
    ------
    UserError
        The folder is not fit for this configuration.
    """
    folder = config.out
    sweep = Sweep.of(config)
    store.refuse_foreign(folder)
    if provenance.is_claimed(folder):
        provenance.check(folder, config)
    rows = store.read(folder) if store.exists(folder) else store.empty()
    remaining = Remaining(sweep, sweep.done(rows), config)
    hours = remaining.predicted_s / 3600
    return "\n".join(
        [
            f"sweep         {config.sweep.name}",
            f"allocations   {', '.join(dict.fromkeys(name for name, _ in sweep.groups))}",
            f"structures    {', '.join(sweep.structures)}",
            f"replications  {sweep.replications}",
            f"scales        {', '.join(map(str, config.sweep.scale))}",
            f"alphas        {', '.join(f'{alpha:g}' for alpha in sweep.alphas)}",
            f"instances     {_of_shard(config, remaining)}",
            f"networks      {remaining.n_networks} left, each drawn once for its alphas",
            f"work          about {hours:.2g} core hours by a rough prediction",
            f"results       {folder}",
        ]
    )


def remaining_of(config: Config, committer: Committer) -> Remaining:
    """Subtract what the table holds from the sweep."""
    sweep = Sweep.of(config)
    return Remaining(sweep, sweep.done(committer.rows()), config)


def _forget_errors(config: Config) -> None:
    """Delete the error rows of this part of the sweep, so that they are to be computed again."""
    sweep, (part, parts) = Sweep.of(config), config.shard_of
    errors = store.read(config.out).filter(pl.col("status") == Status.ERROR.value)
    ours = pl.col("network") % parts == part - 1
    wanted = sweep.numbered(errors).filter(ours).select(COORDINATE).collect(engine="in-memory")
    if not wanted.is_empty():
        upkeep.forget_errors(config.out, wanted)
        _say(f"{wanted.height} rows that ended in error are tried again")


def _compute(
    config: Config, solve: Solve, committer: Committer, bundles: Bundles, remaining: Remaining
) -> int:
    work = Work(config.network, config.seed, config.solver.options, config.engine.grace_s, solve)
    done = remaining.n_instances_of_shard - remaining.n_instances
    report = ProgressReport(remaining.n_instances_of_shard, done, remaining.predicted_s)
    try:
        # In this order an interrupt first commits what is done, and then ends the cluster.
        with _engine(config, work) as compute, committer, report:
            for chunk, rows in compute(remaining.chunks()):
                bundles.add(rows)
                committer.add(rows)
                report.add(rows, sum(job.predicted_s for job in chunk))
    except KeyboardInterrupt:
        _say(f"stopped after {report.summary}; the same command goes on from there")
        raise
    _say(report.summary)
    untidy = upkeep.tidy(config.out)
    if untidy:
        _say(untidy)
    if report.errors:
        failures = place.inside(config.out, "failures")
        _say(f"{report.errors} instances ended in error: see {failures}; retry=errors tries again")
        return FAILED
    return COMPLETE


def _engine(config: Config, work: Work) -> AbstractContextManager[Compute]:
    if config.engine.name == "serial":
        return nullcontext(partial(serial.compute, work))
    # Ray takes a second to import, which the serial engine can do without.
    from pipeline.engine import ray_tasks

    return ray_tasks.opened(work, config.engine)


def _of_shard(config: Config, remaining: Remaining) -> str:
    part, parts = config.shard_of
    shard = "" if parts == 1 else f" of shard {part}/{parts}"
    return f"{remaining.n_instances} of {remaining.n_instances_of_shard} instances{shard} to solve"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
