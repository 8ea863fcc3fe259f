"""What crashing and hanging instances cost a sweep, if one in a hundred does each.

usage: python -m benchmarks.poison [key=value ...]

Runs a sweep twice on Ray, once with a sound solver and once with one that crashes on one instance
in a hundred and hangs on another one. Prints both wall times, and the sum of the deadlines of the
hanging instances. Every failing instance must have an error row and a failure bundle; all other
rows must equal those of the first run. Exit code 1 if not.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analysis.paper import CLUSTERS
from benchmarks.arguments import key, run_benchmark
from benchmarks.faulty_solver import solve_or_fail
from pipeline.config.compose import compose
from pipeline.config.sections import Config, validate
from pipeline.engine.attempts import MAX_ATTEMPTS
from pipeline.engine.driver import run
from pipeline.results.schema import COORDINATE, NON_DETERMINISTIC
from pipeline.results.table import read_results
from solvers.solve import solve

WORDS = [
    *("sweep=paper", "sweep.allocation=[A2,A7]", "solver=highs"),
    *("sweep.replications=3", "solver.time_limit_s=15", "engine.grace_s=3", "engine=ray"),
]
"""Configuration of both runs."""


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    structures: int = key(
        len(CLUSTERS),
        "number of structures, from C1 on",
        choices=range(1, len(CLUSTERS) + 1),
    )
    workers: int = key(2, "number of Ray workers")


def main(arguments: Arguments) -> int:
    """Run both sweeps, compare and print; return 1 if they differ where they must not."""
    labels = ",".join(f"C{n}" for n in range(1, arguments.structures + 1))
    words = [*WORDS, f"sweep.structure=[{labels}]", f"engine.workers={arguments.workers}"]
    with tempfile.TemporaryDirectory() as name:
        clean_s, clean = _timed_run(_config(words, Path(name) / "clean"), faulty=False)
        config = _config(words, Path(name) / "poisoned")
        wall_s, rows = _timed_run(config, faulty=True)
        bundles = len(list((Path(config.out) / "failures").iterdir()))
    failed = rows.filter(pl.col("status") == "error")
    hung = failed.filter(pl.col("error").str.starts_with("hung")).height
    others = rows.join(failed, on=COORDINATE, how="anti").drop(NON_DETERMINISTIC)
    expected = clean.join(failed, on=COORDINATE, how="anti").drop(NON_DETERMINISTIC)
    equal = others.equals(expected) and bundles == failed.height
    deadline_s = config.solver.time_limit_s + config.engine.grace_s
    deadlines_s = hung * MAX_ATTEMPTS * deadline_s / arguments.workers
    crashed, without_deadlines_s = failed.height - hung, wall_s - deadlines_s
    print(f"{rows.height} instances: {crashed} crash, {hung} hang; {bundles} bundles")
    print(
        f"clean {clean_s:.0f} s; with poison {wall_s:.0f} s, of which deadlines {deadlines_s:.0f} s"
    )
    print(
        f"without the deadlines: {100 * (without_deadlines_s / clean_s - 1):+.0f} % of a clean run"
    )
    print(
        "all other rows equal a clean run's" if equal else "NOT all other rows equal a clean run's"
    )
    return 0 if equal else 1


def _config(words: list[str], out: Path) -> Config:
    """Return the configuration of a run in a folder."""
    return validate(compose("config", [*words, f"out={out}"]))


def _timed_run(config: Config, faulty: bool) -> tuple[float, pl.DataFrame]:
    """Run a sweep; return its wall time in seconds and its rows in a fixed order."""
    begin = time.monotonic()
    run(config, solve_or_fail if faulty else solve)
    rows = read_results(config.out).sort(COORDINATE).collect(engine="in-memory")
    return time.monotonic() - begin, rows


if __name__ == "__main__":
    run_benchmark(main, Arguments, __doc__)
