"""What a row costs beside its solve: plan, chunks, engine, worker and commit.

usage: python -m benchmarks.overhead [key=value ...]

Runs a sweep of all the paper's networks whose instances are not solved, or whose solves take a
given processor time, with one driver on Ray, or with several drivers, each on a shard, that fill
one table at the same time. A sweep of one replication comes first: what a run costs before its
first row, on all workers, is in both, so the difference is what the further rows cost. Prints the
processor time for each of these of all processes without that of the solves, and of the drivers
alone; and the driver's largest memory. Every instance must have exactly one row. Exit code 1 if
not.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.arguments import key, run_benchmark
from benchmarks.no_solve import BURN_S
from benchmarks.processor_time import Usage, measure
from pipeline.results.schema import COORDINATE
from pipeline.results.table import read_results
from solvers import native

ALPHAS = (1, 2, 3, 5, 7, 10, 14, 20, 28, 40)
NETWORKS = 7 * 25
"""Of the paper, in one replication."""


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    rows: int = key(100_000, "instances, rounded up to whole replications, at least two")
    ratios: int = key(10, "buy-to-fly ratios of each network", choices=range(1, len(ALPHAS) + 1))
    drivers: int = key(1, "drivers at the same time, each on one shard")
    engine: str = key("ray", "of each driver", choices=("ray", "serial"))
    workers: int = key(2, "Ray workers of each driver")
    burn_ms: int = key(0, "processor time of each solve, ms", least=0)


def main(arguments: Arguments) -> int:
    """Measure a sweep of one replication and one of all; print the difference for each row."""
    native.warm_up()  # compiles, if no process has yet: it must not count as a start
    alphas = ALPHAS[: arguments.ratios]
    n_first = NETWORKS * len(alphas)
    n_replications = max(2, -(-arguments.rows // n_first))
    n_rows = n_replications * n_first
    n_further = n_rows - n_first
    solves_s = n_further * arguments.burn_ms / 1000
    os.environ[BURN_S] = str(arguments.burn_ms / 1000)
    with tempfile.TemporaryDirectory() as name:
        words = ["sweep=extended", f"sweep.alpha={list(alphas)}".replace(" ", "")]
        first = _run(arguments, Path(name, "first"), [*words, "sweep.replications=1"])
        sweep = _run(
            arguments, Path(name, "sweep"), [*words, f"sweep.replications={n_replications}"]
        )
        rows = read_results(Path(name, "sweep")).select(COORDINATE).collect()
    n_distinct = rows.unique().height
    added_s = sweep.processor_s - first.processor_s - solves_s
    own_s = sweep.own_s - first.own_s
    print(
        f"{n_rows:,} instances, {arguments.drivers} drivers on {arguments.engine}: "
        f"{rows.height:,} rows, {n_distinct:,} distinct, in {sweep.wall_s:.0f} s\n"
        f"processor time: {sweep.processor_s:.1f} s, and {first.processor_s:.1f} s of the first "
        f"{n_first:,}; beside solves of {solves_s:.1f} s the others took "
        f"{1000 * added_s / n_further:.3f} ms a row, "
        f"{1000 * own_s / n_further:.3f} ms of it in drivers\n"
        f"largest driver: {sweep.peak_mb:.0f} MB"
    )
    if solves_s:
        print(f"beside the solves: {100 * added_s / solves_s:.1f} % of their time")
    is_right = rows.height == n_distinct == n_rows and set(sweep.codes) == {0}
    return 0 if is_right else 1


def _run(arguments: Arguments, out: Path, words: list[str]) -> Usage:
    """Run a sweep with all drivers at the same time."""
    engine = [f"engine={arguments.engine}"]
    if arguments.engine == "ray":
        engine.append(f"engine.workers={arguments.workers}")
    common = [sys.executable, "-m", "benchmarks.no_solve", f"out={out}", "solver=native", *engine]
    parts = [f"shard={part}/{arguments.drivers}" for part in range(1, arguments.drivers + 1)]
    out.mkdir()
    log = out.with_suffix(".log")
    usage = measure([[*common, part, *words] for part in parts], log)
    if any(usage.codes):
        print(log.read_text()[-2000:], file=sys.stderr)
    return usage


if __name__ == "__main__":
    run_benchmark(main, Arguments, __doc__)
