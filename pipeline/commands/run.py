"""Run a sweep of facility-siting problems.

usage: sitesweep run [sweep=NAME] [key=value ...]

  sweep=paper | smoke | extended   which sweep (default paper: the 700 instances), or FILE.yaml
  sweep.allocation=[A1,A5]         axes: a list, or all
  sweep.structure=all
  sweep.replications=10            independent draws of every network
  sweep.scale=[1,2]                multipliers of the node counts
  sweep.alpha=2,20                 buy-to-fly ratios: a list, or range(start,stop,step)
  +network.allocations.A8=[9,20,30]  one more allocation: sources, sites, customers
  solver=auto                      own search; the rest goes to Gurobi where its licence allows,
                                   else to HiGHS
  solver=native                    the same with HiGHS only
  solver=mip | gurobi | highs      no own search: Gurobi, else HiGHS; or that solver alone
  solver.model=collapsed | direct  the model of mip, gurobi and highs
  solver.gap=1e-4                  also solver.time_limit_s, .threads, .seed
  engine=ray | serial              parallel with Ray, or one instance after the other
  engine.workers=2                 solves in parallel on this machine
  engine.address=HOST:PORT         a Ray cluster that is already running
  out=outputs/NAME                 folder of the run, or s3://bucket/prefix; an old run continues
  retry=errors | unproven          solve instances with an error row, or without a proof, again
  shard=3/16                       only part 3 of 16 of the networks
  dry_run=true                     print the plan, compute nothing

--cfg job prints all keys and their values, and runs nothing. --config-dir DIR adds your own files:
sweep=NAME then also finds DIR/sweep/NAME.yaml, and --config-name NAME the file DIR/NAME.yaml.
Exit codes: 0 every instance asked for has a row and none is an error row, 1 rows are missing or are
error rows, or writing to the folder failed, 2 a mistake in the configuration or the folder, 130
interrupted (Ctrl-C), 143 terminated (SIGTERM).
"""

from pipeline.commands.plan import plan
from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.engine.driver import run


def main(words: list[str]) -> int:
    """Compose the configuration from the command line, and run the sweep."""
    config = validate(compose("config", words))
    if config.dry_run:
        print(plan(config))
        return 0
    return run(config)


if __name__ == "__main__":
    run_command(main, __doc__)
