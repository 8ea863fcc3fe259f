"""Compares the processor time of the native search with that of general solvers.

usage: python -m benchmarks.speed [ARM ...] [key=value ...]

An arm is a way to solve a problem: native, highs-direct, highs-collapsed, scip-collapsed,
cpsat-collapsed, gurobi-direct or gurobi-collapsed. The last two run only when they are named;
Gurobi's terms forbid publishing what they measure. Each arm has a process of its own. All processes
use the same core, and only one of them runs at a time; each problem is solved by all arms in turn,
on one thread, to a gap of 1e-4. A problem that is not solved within the time limit is named, and
the limit counts as its time. Problems: every allocation x C1, C5, C10, C11, C19 x alpha 2 and 20.
Writes speed.csv and the distributions of the times, speed.svg and speed.png. Exit code 1 if proven
intervals of the optimal cost have no number in common.
"""

from __future__ import annotations

import csv
import os
import platform
import sys
from dataclasses import asdict, dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from math import exp, log
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from rich.console import Console
from rich.table import Table

from analysis.paper import ALLOCATIONS
from benchmarks.arguments import key, run_benchmark
from benchmarks.arms import ARMS, OPEN_ARMS, Measurement
from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.sections import validate
from pipeline.network.draw import draw
from pipeline.sweep.coordinate import NetworkCoordinate
from solvers import native
from solvers.certificate import CERTIFICATE_TOLERANCE

STRUCTURES = ("C1", "C5", "C10", "C11", "C19")
ALPHAS = (2.0, 20.0)
GAP = 1e-4
SHIFT_S = 0.1
"""Shift of the geometric mean, so that differences of milliseconds carry little weight."""

Coordinate = tuple[str, str, float]
"""Allocation, structure and alpha of a problem."""

Measurements = dict[Coordinate, dict[str, Measurement]]
"""Problem -> arm -> its measurement."""


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    arms: tuple[str, ...] = key(
        OPEN_ARMS, "arms to compare, by default", choices=ARMS, positional=True
    )
    allocation: tuple[str, ...] = key(ALLOCATIONS, "allocations to solve", choices=ALLOCATIONS)
    limit: float = key(120.0, "time limit of each solve in seconds")
    core: int = key(
        min(os.sched_getaffinity(0)),
        "number of the core that all arms run on",
        choices=sorted(os.sched_getaffinity(0)),
    )
    out: str = key("outputs/benchmarks", "folder of the files written")


def main(arguments: Arguments) -> int:
    """Measure all arms, print and draw; return 1 if their proven intervals contradict."""
    arms, limit_s, folder = list(arguments.arms), arguments.limit, Path(arguments.out)
    console = Console(width=30 + 20 * len(arms))
    print_environment(console, arms)
    console.print(
        f"one thread on core {arguments.core}, gap {GAP:g}, limit {limit_s:g} s", highlight=False
    )
    folder.mkdir(parents=True, exist_ok=True)
    measurements = measure_all(arguments, folder / "speed.csv")
    console.print(seconds_table(measurements, arms))
    console.print(summary_table(measurements, arms, limit_s))
    for arm in arms:
        unsolved = [
            name(problem) for problem in measurements if not measurements[problem][arm].solved
        ]
        if unsolved:
            console.print(f"not solved by {ARMS[arm].title}: {', '.join(unsolved)}")
    plot(folder, measurements, arms, limit_s)
    contradicting = [problem for problem, by_arm in measurements.items() if not agree(by_arm)]
    for problem in contradicting:
        console.print(f"[red]intervals do not meet[/red]: {name(problem)}")
    return 1 if contradicting else 0


def print_environment(console: Console, arms: list[str]) -> None:
    """Print the machine and the versions of the packages that the arms use.

    Raises
    ------
    pipeline.config.errors.UserError
        A package is not installed.
    """
    console.print(f"{platform.platform()}, {_processor()}, Python {platform.python_version()}")
    for package in dict.fromkeys(ARMS[arm].package for arm in arms):
        try:
            console.print(f"{package} {version(package)}", end="  ", highlight=False)
        except PackageNotFoundError:
            console.print()
            raise UserError(
                f"{package} is not installed: name other arms, or use `make bench`"
            ) from None
    console.print()


def measure_all(arguments: Arguments, path: Path) -> Measurements:
    """Solve every problem by every arm; the CSV file is written anew after each problem."""
    arms = list(arguments.arms)
    workers = {arm: Worker(arm, arguments.core, arguments.limit) for arm in arms}
    problems = list(product(arguments.allocation, STRUCTURES, ALPHAS))
    measurements: Measurements = {}
    for turn, problem in enumerate(problems):
        order = [arms[(turn + i) % len(arms)] for i in range(len(arms))]
        measurements[problem] = {arm: workers[arm].measure(problem) for arm in order}
        print(f"\r{turn + 1}/{len(problems)}", end="", file=sys.stderr, flush=True)
        write_csv(path, measurements)
    print(file=sys.stderr)
    for worker in workers.values():
        worker.close()
    return measurements


class Worker:
    """A child process that solves by one arm."""

    def __init__(self, arm: str, core: int, limit_s: float) -> None:
        context = get_context("spawn")
        self._pipe, child_end = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(arm, core, limit_s, child_end), daemon=True
        )
        self._process.start()

    def measure(self, problem: Coordinate) -> Measurement:
        """Solve the problem with a coordinate."""
        self._pipe.send(problem)
        measurement: Measurement = self._pipe.recv()
        return measurement

    def close(self) -> None:
        """End the process."""
        self._pipe.send(None)
        self._process.join()


def _serve(arm: str, core: int, limit_s: float, pipe: Connection) -> None:
    """Solve the problems received from the pipe; load the compiled code before the first."""
    os.sched_setaffinity(0, {core})
    if arm == "native":
        native.warm_up()
    config = validate(compose("config", []))
    while (coordinate := pipe.recv()) is not None:
        allocation, structure, alpha = coordinate
        network = draw(NetworkCoordinate(allocation, structure), config.network, config.seed)
        pipe.send(ARMS[arm].solve(network.problem(alpha), GAP, limit_s))


def counted_seconds(measurement: Measurement, limit_s: float) -> float:
    """Return the processor time if the problem was solved, else the limit, s."""
    return min(measurement.seconds, limit_s) if measurement.solved else limit_s


def geometric_mean(seconds: list[float]) -> float:
    """Return the geometric mean shifted by `SHIFT_S`, s."""
    return exp(sum(log(s + SHIFT_S) for s in seconds) / len(seconds)) - SHIFT_S


def agree(by_arm: dict[str, Measurement]) -> bool:
    """Return whether the proven intervals of the optimal cost have a number in common."""
    upper = min((m.objective for m in by_arm.values() if m.objective is not None), default=np.inf)
    lower = max(m.bound for m in by_arm.values() if m.bound is not None)
    return bool(lower <= upper * (1 + 2 * CERTIFICATE_TOLERANCE))


def seconds_table(measurements: Measurements, arms: list[str]) -> Table:
    """Build the table of the seconds of every problem and arm."""
    table = Table("problem", *(ARMS[arm].title for arm in arms), title="seconds")
    for coordinate, by_arm in measurements.items():
        cells = [f"{by_arm[a].seconds:.3f}" if by_arm[a].solved else "limit" for a in arms]
        table.add_row(name(coordinate), *cells)
    return table


def summary_table(measurements: Measurements, arms: list[str], limit_s: float) -> Table:
    """Build the table of means, medians, largest times, sums and ratios to the first arm."""
    table = Table("", *(ARMS[arm].title for arm in arms), title=f"{len(measurements)} problems")
    seconds = {
        a: [counted_seconds(by_arm[a], limit_s) for by_arm in measurements.values()] for a in arms
    }
    means = {a: geometric_mean(seconds[a]) for a in arms}
    solved = {a: sum(by_arm[a].solved for by_arm in measurements.values()) for a in arms}
    table.add_row("solved", *(str(solved[a]) for a in arms))
    table.add_row("mean, s", *(f"{means[a]:.3f}" for a in arms))
    table.add_row("median, s", *(f"{np.median(seconds[a]):.3f}" for a in arms))
    table.add_row("largest, s", *(f"{max(seconds[a]):.1f}" for a in arms))
    table.add_row("sum, s", *(f"{sum(seconds[a]):.1f}" for a in arms))
    table.add_row("ratio of means", *(f"{means[a] / means[arms[0]]:.1f}" for a in arms))
    table.caption = f"mean: geometric, shifted by {SHIFT_S:g} s; unsolved at the limit"
    return table


def write_csv(path: Path, measurements: Measurements) -> None:
    """Write all measurements as CSV."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        names = [field.name for field in fields(Measurement)]
        rows.writerow(["allocation", "structure", "alpha", "arm", *names])
        for coordinate, by_arm in measurements.items():
            for arm, measurement in by_arm.items():
                rows.writerow([*coordinate, arm, *asdict(measurement).values()])


def plot(
    folder: Path,
    measurements: Measurements,
    arms: list[str],
    limit_s: float,
) -> None:
    """Draw the share of problems that each arm solves within a given time."""
    matplotlib.use("Agg")
    figure, axes = plt.subplots(figsize=(7.5, 4.5), layout="constrained")
    for arm in arms:
        times = sorted(
            by_arm[arm].seconds for by_arm in measurements.values() if by_arm[arm].solved
        )
        share = 100 * np.arange(1, len(times) + 1) / len(measurements)
        axes.step([*times, limit_s], [*share, *share[-1:]], where="post", label=ARMS[arm].title)
    axes.set(
        xscale="log",
        xlabel="processor time, s, one thread",
        ylabel="problems solved to a gap of 1e-4 (%)",
        ylim=(0, 102),
        xlim=(None, limit_s),
    )
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    for suffix in ("svg", "png"):
        figure.savefig(folder / f"speed.{suffix}", dpi=150)


def name(coordinate: Coordinate) -> str:
    """Return the name of a problem."""
    allocation, structure, alpha = coordinate
    return f"{allocation} {structure} alpha {alpha:g}"


def _processor() -> str:
    """Return the number and the model of the processors, or the architecture if unknown."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.machine()


if __name__ == "__main__":
    run_benchmark(main, Arguments, __doc__)
