"""Print what a run would do and what it would take, without writing anything.

usage: sitesweep plan [sweep=NAME] [key=value ...]

  cores=1000                 wall time and memory on so many cores (default: those of a run here)
  cost_per_core_hour=0.05    print the price, too

The other words are those of sitesweep run, and a run with dry_run=true gives the same plan. The
prediction learns from the rows that the folder holds: a shard, such as shard=1/99, makes some.
Exit codes: 0 printed, 2 a mistake in the configuration or the folder.
"""

from __future__ import annotations

from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.duration import describe_core_time, describe_span
from pipeline.config.sections import Config, Count, NonNegative, Section, check, validate
from pipeline.engine.cores import usable_cores
from pipeline.results import completeness, provenance, selections
from pipeline.results.pending import pending_work, retried_rows
from pipeline.results.table import check_results_folder, empty_results, read_results, table_exists
from pipeline.sweep.chunks import PendingWork
from pipeline.sweep.grid import Sweep
from pipeline.sweep.union import Union
from solvers.problem import count

_DRIVER_MB, _WORKER_MB = 600, 350
"""Memory of the driver with Ray's own processes, and of a worker with its child processes, for the
paper's networks; measured."""

_ROW_BYTES = 500
"""Of a row in the table with the paper's number of customers, before `sitesweep compact`."""


class PlanConfig(Section):
    """The keys that only a plan has."""

    cores: Count | None = None
    cost_per_core_hour: NonNegative | None = None


def main(words: list[str]) -> int:
    """Print the plan of the run that the command line describes."""
    values = compose("plan", words)
    own = {key: values.pop(key) for key in PlanConfig.model_fields if key in values}
    print(plan(validate(values), check(PlanConfig, own)))
    return 0


def plan(config: Config, own: PlanConfig | None = None) -> str:
    """Describe what `run` would do, without writing anything.

    Parameters
    ----------
    config : Config
        Of the run.
    own : PlanConfig, optional
        What else to compute.

    Raises
    ------
    UserError
        The folder belongs to another configuration, or holds something else.
    """
    folder = config.out
    sweep = Sweep.of(config)
    check_results_folder(folder)
    rows = read_results(folder) if table_exists(folder) else empty_results()
    union = Union([sweep])
    if provenance.has_run_file(folder):
        provenance.check_identity(folder, config)
        union = selections.union(folder, sweep)
    pending = pending_work(config, rows, retried_rows(config, rows))
    lines = {
        "sweep": config.sweep.name,
        "allocations": ", ".join(dict.fromkeys(name for name, _ in sweep.groups)),
        "structures": ", ".join(sweep.structures),
        "replications": f"{sweep.replications:,}",
        "scales": ", ".join(map(str, config.sweep.scale)),
        "alphas": ", ".join(f"{alpha:g}" for alpha in sweep.alphas),
        "instances": pending.summary,
        "networks": f"{pending.n_networks:,} left, each drawn once for its alphas",
        **_needs(pending, config, own or PlanConfig()),
        "results": folder,
        "all commands": str(completeness.of_union(rows, union)),
    }
    return "\n".join(f"{name:14}{text}" for name, text in lines.items())


def _needs(pending: PendingWork, config: Config, own: PlanConfig) -> dict[str, str]:
    """Return what the pending work takes: core hours, time, memory, disk, price."""
    threads = config.solver.threads
    core_s = pending.predicted_s * threads
    n_learnt = pending.n_learnt_rows
    basis = f"learnt from {count(n_learnt, 'row')}" if n_learnt else "a rough guess: no rows yet"
    cores = own.cores or _cores_of_run(config)
    workers = max(1, cores // threads)
    memory_gb = (_DRIVER_MB + workers * _WORKER_MB) / 1000
    needs = {
        "work": f"about {describe_core_time(core_s)} ({basis})",
        "wall time": f"about {describe_span(core_s / cores)} on {count(cores, 'core')}",
        "memory": f"about {memory_gb:,.1f} GB, for the driver and {count(workers, 'worker')}",
        "disk": f"about {_describe_bytes(pending.n_instances * _ROW_BYTES)} more",
    }
    if own.cost_per_core_hour is not None:
        price = core_s / 3600 * own.cost_per_core_hour
        needs["price"] = f"about {price:,.2f}, at {own.cost_per_core_hour:g} a core hour"
    return needs


def _cores_of_run(config: Config) -> int:
    """Return the cores that a run would use if it started its engine here."""
    threads = config.solver.threads
    if config.engine.name == "serial":
        return threads
    return threads * (config.engine.workers or max(1, usable_cores() // threads))


def _describe_bytes(size: float) -> str:
    for unit in ("kB", "MB"):
        size /= 1000
        if size < 1000:
            return f"{size:,.0f} {unit}"
    return f"{size / 1000:,.1f} GB"


if __name__ == "__main__":
    run_command(main, __doc__)
