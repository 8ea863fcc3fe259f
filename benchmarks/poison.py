"""What poison costs a sweep: one coordinate in a hundred crashes, and one in a hundred hangs.

usage: python -m benchmarks.poison [structures=25] [workers=2]

Runs a sweep twice on Ray, as it is and with the poison, and prints the wall times beside what the
deadlines of the hanging ones add up to. Every other coordinate must be there as in the clean run,
every culprit an error row with a bundle. Exit code 1 if not.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from benchmarks.poisons import poison
from pipeline.config.compose import compose
from pipeline.config.sections import Config, validate
from pipeline.engine.driver import run
from pipeline.engine.ray_tasks import MAX_ATTEMPTS
from pipeline.results.schema import COORDINATE, NON_DETERMINISTIC
from pipeline.results.table import read_results
from solvers.solve import solve

WORDS = [
    *("sweep=paper", "sweep.allocation=[A2,A7]", "solver=highs", "solver.method=collapsed"),
    *("sweep.replications=3", "solver.time_limit_s=15", "engine.grace_s=3", "engine=ray"),
]


def main() -> int:
    """Run both, compare, print."""
    words = dict(word.split("=", 1) for word in sys.argv[1:])
    labels = ",".join(f"C{n}" for n in range(1, int(words.get("structures", 25)) + 1))
    workers = int(words.get("workers", 2))
    common = [*WORDS, f"sweep.structure=[{labels}]", f"engine.workers={workers}"]
    with tempfile.TemporaryDirectory() as name:
        clean_s, clean = _timed(_config(common, Path(name) / "clean"), poisoned=False)
        config = _config(common, Path(name) / "poisoned")
        wall_s, found = _timed(config, poisoned=True)
        bundles = len(list((Path(config.out) / "failures").iterdir()))
    culprits = found.filter(pl.col("status") == "error")
    hung = culprits.filter(pl.col("error").str.starts_with("hung")).height
    healthy = found.join(culprits, on=COORDINATE, how="anti").drop(NON_DETERMINISTIC)
    expected = clean.join(culprits, on=COORDINATE, how="anti").drop(NON_DETERMINISTIC)
    equal = healthy.equals(expected) and bundles == culprits.height
    deadline_s = config.solver.time_limit_s + config.engine.grace_s
    deadlines_s = hung * MAX_ATTEMPTS * deadline_s / workers
    crashed, beyond_s = culprits.height - hung, wall_s - deadlines_s
    print(f"{found.height} instances: {crashed} crash, {hung} hang; {bundles} bundles")
    print(
        f"clean {clean_s:.0f} s; with poison {wall_s:.0f} s, of which deadlines {deadlines_s:.0f} s"
    )
    print(f"without the deadlines: {100 * (beyond_s / clean_s - 1):+.0f} % of a clean run")
    print("all others equal a clean run's" if equal else "NOT all others equal a clean run's")
    return 0 if equal else 1


def _config(words: list[str], out: Path) -> Config:
    return validate(compose("config", [*words, f"out={out}"]))


def _timed(config: Config, poisoned: bool) -> tuple[float, pl.DataFrame]:
    """Run a sweep; return its wall time and its rows in a fixed order."""
    begin = time.monotonic()
    run(config, poison if poisoned else solve)
    rows = read_results(config.out).sort(COORDINATE).collect(engine="in-memory")
    return time.monotonic() - begin, rows


if __name__ == "__main__":
    sys.exit(main())
