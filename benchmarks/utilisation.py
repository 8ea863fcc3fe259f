"""How busy the workers of a sweep are, and how long it takes until they are.

usage: python -m benchmarks.utilisation [key=value ...]

Runs the paper's sweep by the native search, with a Ray of its own. Prints the share of the time
between the first and the last solve in which the workers solve, and the time from the start of the
program to the first solve, beside that of a program that only starts a Ray with as many workers.
Exit code 1 if an instance is not certified.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from analysis.paper import ALLOCATIONS
from benchmarks.arguments import key, run_benchmark
from pipeline.results.table import read_results
from solvers import native

BARE_RAY = """
import os, secrets, time
os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
import pipeline.engine
import ray
ray.init(address="local", num_cpus={workers}, include_dashboard=False, log_to_driver=False)
print(ray.get(ray.remote(lambda: time.time()).remote()))
ray.shutdown()
"""
"""A program that prints when its first task ran."""


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    workers: int = key(2, "Ray workers")
    allocation: tuple[str, ...] = key(ALLOCATIONS, "allocations to solve", choices=ALLOCATIONS)


def main(arguments: Arguments) -> int:
    """Run the sweep and print the figures."""
    native.warm_up()  # compiles before anything is timed
    with tempfile.TemporaryDirectory() as name:
        begin_bare = time.time()
        program = BARE_RAY.format(workers=arguments.workers)
        printed = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        ).stdout
        bare_s = float(printed) - begin_bare
        out = Path(name, "run")
        words = [
            *("sweep=paper", "solver=native", "engine=ray", f"out={out}"),
            f"engine.workers={arguments.workers}",
            f"sweep.allocation=[{','.join(arguments.allocation)}]",
        ]
        begin = time.time()
        code = subprocess.run([sys.executable, "-m", "sitesweep", "run", *words]).returncode
        rows = read_results(out).select("finished_at", "build_s", "solve_s").collect()
    took_s = (rows["build_s"] + rows["solve_s"]).to_numpy()
    end_s = rows["finished_at"].dt.epoch("us").to_numpy() / 1e6
    first = (end_s - took_s).min()
    span_s = end_s.max() - first
    busy = took_s.sum() / (arguments.workers * span_s)
    print(
        f"{rows.height} instances: {arguments.workers} workers solved in {busy:.2f} of the "
        f"{span_s:.1f} s between the first and the last solve\n"
        f"first solve after {first - begin:.1f} s; first task of a bare Ray after {bare_s:.1f} s"
    )
    return code


if __name__ == "__main__":
    run_benchmark(main, Arguments, __doc__)
