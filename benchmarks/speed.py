"""How much faster the native search is than handing a model to an open solver.

usage: python -m benchmarks.speed [ARM ...] [allocation=A1,A3] [limit=SECONDS] [core=N] [out=FOLDER]

ARM is native, highs-direct, highs-collapsed, scip-collapsed, cpsat-collapsed (all of these by
default), gurobi-direct or gurobi-collapsed (only when named; Gurobi's terms forbid publishing what
they measure). Each arm has a process of its own, all on the same core, one running at a time, in
turn on each problem. One thread, gap 1e-4, limit 120 s; what is not solved counts at the limit and
is named. Problems: every allocation x C1, C5, C10, C11, C19 x alpha 2 and 20. Writes speed.csv and
the distributions, speed.svg and speed.png, to the folder (default outputs/benchmarks). Exit code 1
if proven intervals have no number in common.
"""

from __future__ import annotations

import csv
import os
import platform
import sys
from dataclasses import asdict
from importlib.metadata import version
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

from benchmarks.arms import ARMS, OPEN, Measured
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.network.draw import draw
from pipeline.sweep.coordinate import NetworkCoordinate
from solvers import native
from solvers.certificate import CERTIFICATE_TOLERANCE

STRUCTURES = ("C1", "C5", "C10", "C11", "C19")
ALPHAS = (2.0, 20.0)
GAP = 1e-4
SHIFT_S = 0.1
"""Added before the logarithm of the geometric mean, so that milliseconds do not decide."""

Coordinate = tuple[str, str, float]


def main() -> int:
    """Measure, print, draw."""
    words = dict(word.split("=", 1) for word in sys.argv[1:] if "=" in word)
    arms = [word for word in sys.argv[1:] if "=" not in word] or list(OPEN)
    limit_s = float(words.get("limit", 120))
    core = int(words.get("core", min(os.sched_getaffinity(0))))
    folder = Path(words.get("out", "outputs/benchmarks"))
    folder.mkdir(parents=True, exist_ok=True)
    console = Console(width=30 + 20 * len(arms))
    console.print(f"{platform.platform()}, {_processor()}, Python {platform.python_version()}")
    for package in dict.fromkeys(ARMS[arm].package for arm in arms):
        console.print(f"{package} {version(package)}", end="  ", highlight=False)
    console.print()
    console.print(f"one thread on core {core}, gap {GAP:g}, limit {limit_s:g} s", highlight=False)
    workers = {arm: Worker(arm, core, limit_s) for arm in arms}
    config = validate(compose("config", []))
    named = words["allocation"].split(",") if "allocation" in words else config.network.allocations
    sample = list(product(named, STRUCTURES, ALPHAS))
    found: dict[Coordinate, dict[str, Measured]] = {}
    for turn, coordinate in enumerate(sample):
        order = [arms[(turn + i) % len(arms)] for i in range(len(arms))]
        found[coordinate] = {arm: workers[arm].measure(coordinate) for arm in order}
        print(f"\r{turn + 1}/{len(sample)}", end="", file=sys.stderr, flush=True)
        write(folder / "speed.csv", found)
    print(file=sys.stderr)
    for worker in workers.values():
        worker.close()
    console.print(table(found, arms))
    console.print(summary(found, arms, limit_s))
    for arm in arms:
        missed = [name(coordinate) for coordinate in found if not found[coordinate][arm].solved]
        if missed:
            console.print(f"not solved by {ARMS[arm].title}: {', '.join(missed)}")
    plot(folder, found, arms, limit_s)
    odd = [coordinate for coordinate, by_arm in found.items() if not agree(by_arm)]
    for coordinate in odd:
        console.print(f"[red]intervals do not meet[/red]: {name(coordinate)}")
    return 1 if odd else 0


class Worker:
    """A process that solves by one arm."""

    def __init__(self, arm: str, core: int, limit_s: float) -> None:
        context = get_context("spawn")
        self._pipe, far = context.Pipe()
        self._process = context.Process(target=_serve, args=(arm, core, limit_s, far), daemon=True)
        self._process.start()

    def measure(self, coordinate: Coordinate) -> Measured:
        """Solve the problem of a coordinate."""
        self._pipe.send(coordinate)
        measured: Measured = self._pipe.recv()
        return measured

    def close(self) -> None:
        """End the process."""
        self._pipe.send(None)
        self._process.join()


def _serve(arm: str, core: int, limit_s: float, pipe: Connection) -> None:
    """Solve what comes through the pipe; the compiled code is loaded before the first."""
    os.sched_setaffinity(0, {core})
    if arm == "native":
        native.warm_up()
    config = validate(compose("config", []))
    while (coordinate := pipe.recv()) is not None:
        allocation, structure, alpha = coordinate
        network = draw(NetworkCoordinate(allocation, structure), config.network, config.seed)
        pipe.send(ARMS[arm].solve(network.problem(alpha), GAP, limit_s))


def counted(measured: Measured, limit_s: float) -> float:
    """Seconds that count: those taken, or the limit."""
    return min(measured.seconds, limit_s) if measured.solved else limit_s


def geometric_mean(seconds: list[float]) -> float:
    """Shifted geometric mean, s."""
    return exp(sum(log(s + SHIFT_S) for s in seconds) / len(seconds)) - SHIFT_S


def agree(by_arm: dict[str, Measured]) -> bool:
    """Whether the proven intervals of the optimum have a number in common."""
    top = min((m.objective for m in by_arm.values() if m.objective is not None), default=np.inf)
    low = max(m.bound for m in by_arm.values() if m.bound is not None)
    return bool(low <= top * (1 + 2 * CERTIFICATE_TOLERANCE))


def table(found: dict[Coordinate, dict[str, Measured]], arms: list[str]) -> Table:
    """Seconds of every problem and arm."""
    sheet = Table("problem", *(ARMS[arm].title for arm in arms), title="seconds")
    for coordinate, by_arm in found.items():
        cells = [f"{by_arm[a].seconds:.3f}" if by_arm[a].solved else "limit" for a in arms]
        sheet.add_row(name(coordinate), *cells)
    return sheet


def summary(found: dict[Coordinate, dict[str, Measured]], arms: list[str], limit_s: float) -> Table:
    """Means, largest times and ratios to the first arm."""
    sheet = Table("", *(ARMS[arm].title for arm in arms), title=f"{len(found)} problems")
    seconds = {a: [counted(by_arm[a], limit_s) for by_arm in found.values()] for a in arms}
    means = {a: geometric_mean(seconds[a]) for a in arms}
    solved = {a: sum(by_arm[a].solved for by_arm in found.values()) for a in arms}
    sheet.add_row("solved", *(str(solved[a]) for a in arms))
    sheet.add_row("mean, s", *(f"{means[a]:.3f}" for a in arms))
    sheet.add_row("median, s", *(f"{np.median(seconds[a]):.3f}" for a in arms))
    sheet.add_row("largest, s", *(f"{max(seconds[a]):.1f}" for a in arms))
    sheet.add_row("sum, s", *(f"{sum(seconds[a]):.1f}" for a in arms))
    sheet.add_row("ratio of means", *(f"{means[a] / means[arms[0]]:.1f}" for a in arms))
    sheet.caption = f"mean: geometric, shifted by {SHIFT_S:g} s; unsolved at the limit"
    return sheet


def write(path: Path, found: dict[Coordinate, dict[str, Measured]]) -> None:
    """Write all that was measured as CSV."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        fields = list(Measured.__dataclass_fields__)
        rows.writerow(["allocation", "structure", "alpha", "arm", *fields])
        for coordinate, by_arm in found.items():
            for arm, measured in by_arm.items():
                rows.writerow([*coordinate, arm, *asdict(measured).values()])


def plot(
    folder: Path,
    found: dict[Coordinate, dict[str, Measured]],
    arms: list[str],
    limit_s: float,
) -> None:
    """Draw the share of problems that each arm solves within a time."""
    matplotlib.use("Agg")
    figure, axes = plt.subplots(figsize=(7.5, 4.5), layout="constrained")
    for arm in arms:
        times = sorted(by_arm[arm].seconds for by_arm in found.values() if by_arm[arm].solved)
        share = 100 * np.arange(1, len(times) + 1) / len(found)
        axes.step([*times, limit_s], [*share, *share[-1:]], where="post", label=ARMS[arm].title)
    axes.set(
        xscale="log",
        xlabel="seconds, one thread",
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
    """Name a problem."""
    allocation, structure, alpha = coordinate
    return f"{allocation} {structure} alpha {alpha:g}"


def _processor() -> str:
    """Name the processor, where Linux tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
