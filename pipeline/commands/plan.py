"""Print what a run would do, without writing anything.

usage: sitesweep plan [sweep=NAME] [key=value ...]

The words are those of sitesweep run, and those of a run with dry_run=true give the same plan.
Exit codes: 0 printed, 2 a mistake in the configuration or the folder.
"""

from __future__ import annotations

from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.sections import Config, validate
from pipeline.results import completeness, provenance, selections
from pipeline.results.pending import pending_work, retried_rows
from pipeline.results.table import check_results_folder, empty_results, read_results, table_exists
from pipeline.sweep.grid import Sweep
from pipeline.sweep.union import Union


def main(words: list[str]) -> int:
    """Print the plan of the run that the command line describes."""
    print(plan(validate(compose("config", words))))
    return 0


def plan(config: Config) -> str:
    """Describe what `run` would do, without writing anything.

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
    hours = pending.predicted_s / 3600
    return "\n".join(
        [
            f"sweep         {config.sweep.name}",
            f"allocations   {', '.join(dict.fromkeys(name for name, _ in sweep.groups))}",
            f"structures    {', '.join(sweep.structures)}",
            f"replications  {sweep.replications}",
            f"scales        {', '.join(map(str, config.sweep.scale))}",
            f"alphas        {', '.join(f'{alpha:g}' for alpha in sweep.alphas)}",
            f"instances     {pending.summary}",
            f"networks      {pending.n_networks} left, each drawn once for its alphas",
            f"work          about {hours:.2g} core hours by a rough prediction",
            f"results       {folder}",
            f"all commands  {completeness.of_union(rows, union)}",
        ]
    )


if __name__ == "__main__":
    run_command(main, __doc__)
