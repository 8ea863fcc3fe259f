"""Run a sweep of facility-siting problems.

usage: python -m pipeline [sweep=NAME] [key=value ...]

  sweep=paper | smoke | extended   which sweep (default paper: the 700 instances)
  sweep.allocation=[A1,A5]         axes: a list, or all
  sweep.structure=all
  sweep.replications=10            independent draws of every network
  sweep.scale=[1,2]                multiplies the node counts
  sweep.alpha=[2,20]               buy-to-fly ratios; range(start,stop,step) too
  solver=auto | gurobi | highs     auto: Gurobi where its licence allows, else HiGHS
  solver.method=collapsed          the solver alone; default native: own search first; or direct
  solver.gap=1e-4                  also solver.time_limit_s, .threads, .seed
  engine=ray | serial              Ray, or this process alone
  engine.workers=2                 solves at once on this machine
  engine.address=HOST:PORT         a Ray cluster that runs already
  out=outputs/NAME                 the run's folder, or s3://bucket/prefix; the same one goes on
  retry=errors                     tries rows again that ended in error, and replaces them
  shard=3/16                       part 3 of 16 of the networks
  dry_run=true                     print the plan, compute nothing

All keys with their defaults are in conf/. Exit codes: 0 done, 1 some instances ended in error or
the folder could not be written any more, 2 a mistake in the configuration or the folder,
130 interrupted, 143 terminated.
"""

from conf.command import run as run_command
from conf.compose import compose
from pipeline.config import validate
from pipeline.run import plan, run


def main(words: list[str]) -> int:
    """Compose the configuration from the words of the command line, and run it."""
    config = validate(compose("config", words))
    if config.dry_run:
        print(plan(config))
        return 0
    return run(config)


if __name__ == "__main__":
    run_command(main, __doc__)
