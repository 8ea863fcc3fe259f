"""How long the plan of a large sweep takes, and how much memory, if half of its rows are there.

usage: python -m benchmarks.planning [key=value ...]

Writes a table of made-up rows (`benchmarks.synthetic_table`), plans a sweep of twice as many
instances over it in a process of its own, and prints what that took: for the resume, and for the
same sweep in an empty folder.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from analysis.paper import ALLOCATIONS, CLUSTERS
from benchmarks.arguments import key, run_benchmark
from benchmarks.processor_time import measure
from benchmarks.synthetic_table import SCALES, write_synthetic_table

ALPHAS = tuple(float(alpha) for alpha in range(1, 11))


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    instances: int = key(1_000_000, "of the sweep; each file has whole replications of 3,500")
    files: int = key(100, "data files of the rows that are there")


def main(arguments: Arguments) -> int:
    """Print wall time, processor time and memory of both plans."""
    per_replication = len(ALLOCATIONS) * len(CLUSTERS) * len(SCALES) * len(ALPHAS)
    # Each file holds whole replications.
    per_file = -(-arguments.instances // (2 * arguments.files * per_replication))
    n_replications = 2 * per_file * arguments.files
    with tempfile.TemporaryDirectory() as name:
        half, empty, log = Path(name, "half"), Path(name, "empty"), Path(name, "log")
        n_rows = n_replications // 2 * per_replication
        write_synthetic_table(half, n_rows, arguments.files, ALPHAS, seed=0)
        words = [
            *(
                f"sweep.replications={n_replications}",
                f"sweep.scale=[{','.join(map(str, SCALES))}]",
            ),
            f"sweep.alpha=[{','.join(map(str, ALPHAS))}]",
        ]
        codes: tuple[int, ...] = ()
        for label, folder in (("half done", half), ("nothing done", empty)):
            command = [sys.executable, "-m", "pipeline.commands.plan", f"out={folder}", *words]
            usage = measure([command], log)
            codes += usage.codes
            print(
                f"{n_replications * per_replication:,} instances, {label}: {usage.wall_s:.1f} s, "
                f"processor {usage.processor_s:.1f} s, at most {usage.peak_mb:.0f} MB"
            )
        print("\n".join(line for line in log.read_text().splitlines() if "instances" in line))
    return int(any(codes))


if __name__ == "__main__":
    run_benchmark(main, Arguments, __doc__)
