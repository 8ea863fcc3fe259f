"""Compares the processor time of the search in this folder with that in another checkout.

usage: python -m benchmarks.revisions old=FOLDER [key=value ...]

Both revisions solve each problem in turn, each in a process of its own, one after the other on the
same core; only processor time counts, so that other work on the machine matters little. `old` is a
folder with another revision of the project, for example made by `git worktree add`. Problems: every
structure x alpha of the allocations and replications given. Exit code 1 if proven intervals of the
optimal cost have no number in common.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from analysis.paper import ALLOCATIONS, CLUSTERS
from benchmarks.arguments import key, run_benchmark
from pipeline.config.errors import UserError
from solvers.certificate import CERTIFICATE_TOLERANCE

ALPHAS = ("2", "5", "10", "20")

WORKER = """
import json, sys, time
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.network.draw import draw
from pipeline.sweep.coordinate import NetworkCoordinate
from solvers import native
from solvers.options import Options
from solvers.solve import solve
config = validate(compose("config", []))
native.warm_up()
for line in sys.stdin:
    allocation, structure, replication, alpha, limit_s = json.loads(line)
    coordinate = NetworkCoordinate(allocation, structure, replication)
    network = draw(coordinate, config.network, config.seed)
    problem = network.problem(alpha)
    begin = time.process_time()
    result = solve(problem, Options("native", gap=1e-4, time_limit_s=limit_s))
    seconds = time.process_time() - begin
    print(json.dumps([seconds, result.status, result.objective, result.bound]), flush=True)
"""
"""Program of both processes: it uses only what both revisions have."""


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    old: str = key("", "folder of the other revision")
    allocation: tuple[str, ...] = key(ALLOCATIONS, "allocations to solve", choices=ALLOCATIONS)
    structure: tuple[str, ...] = key(tuple(CLUSTERS), "structures", choices=tuple(CLUSTERS))
    alpha: tuple[str, ...] = key(ALPHAS, "buy-to-fly ratios", choices=ALPHAS)
    replications: int = key(1, "number of replications, from 0 on")
    limit: float = key(60.0, "time limit of each solve in seconds")
    core: int = key(
        min(os.sched_getaffinity(0)),
        "number of the core of both revisions",
        least=0,
        choices=sorted(os.sched_getaffinity(0)),
    )


@dataclass
class Sum:
    """What one revision needed for the problems of an allocation."""

    seconds: float = 0.0
    largest_s: float = 0.0
    unproven: int = 0


def main(arguments: Arguments) -> int:
    """Solve all problems by both revisions and print the sums; return 1 at a contradiction."""
    if not (Path(arguments.old) / "solvers").is_dir() or not arguments.old:
        raise UserError(f"old={arguments.old}: expected the folder of another revision")
    workers = [_start(Path(folder), arguments.core) for folder in (arguments.old, Path.cwd())]
    sums: dict[str, list[Sum]] = defaultdict(lambda: [Sum(), Sum()])
    contradictions = []
    problems = list(
        product(
            range(arguments.replications),
            arguments.allocation,
            arguments.structure,
            map(float, arguments.alpha),
        )
    )
    for turn, (replication, allocation, structure, alpha) in enumerate(problems):
        question = json.dumps([allocation, structure, replication, alpha, arguments.limit])
        answers = {i: _ask(workers[i], question) for i in ((0, 1) if turn % 2 else (1, 0))}
        for i, (seconds, status, _, _) in answers.items():
            entry = sums[allocation][i]
            entry.seconds += seconds
            entry.largest_s = max(entry.largest_s, seconds)
            entry.unproven += status != "optimal"
        if _contradict(answers[0][2:], answers[1][2:]):
            contradictions.append(question)
        print(f"\r{turn + 1}/{len(problems)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    console = Console(width=100)
    console.print(_table(sums))
    for question in contradictions:
        console.print(f"intervals do not meet: {question}", style="red")
    return 1 if contradictions else 0


def _start(folder: Path, core: int) -> subprocess.Popen[str]:
    """Start the process of a revision."""
    environment = os.environ | {"PYTHONPATH": str(folder.resolve())}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )


def _ask(worker: subprocess.Popen[str], question: str) -> list[Any]:
    """Let a process solve a problem; return its seconds, status, objective and bound."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(question + "\n")
    worker.stdin.flush()
    answer: list[Any] = json.loads(worker.stdout.readline())
    return answer


def _contradict(first: list[Any], second: list[Any]) -> bool:
    """Return whether the intervals from bound to objective have no number in common."""
    objectives = [objective for objective, _ in (first, second) if objective is not None]
    bounds = [bound for _, bound in (first, second) if bound is not None]
    if not objectives or not bounds:
        return False
    return bool(max(bounds) > min(objectives) * (1 + 2 * CERTIFICATE_TOLERANCE))


def _table(sums: dict[str, list[Sum]]) -> Table:
    """Build the table of processor times, with a last line for all allocations."""
    table = Table(
        *("allocation", "old, s", "new, s", "old / new"),
        *("largest old, s", "largest new, s", "unproven old", "unproven new"),
        title="processor time",
    )
    total = [
        Sum(
            sum(pair[i].seconds for pair in sums.values()),
            max(pair[i].largest_s for pair in sums.values()),
            sum(pair[i].unproven for pair in sums.values()),
        )
        for i in range(2)
    ]
    for name, (old, new) in [*sums.items(), ("all", total)]:
        table.add_row(
            *(name, f"{old.seconds:.1f}", f"{new.seconds:.1f}", f"{old.seconds / new.seconds:.2f}"),
            *(f"{old.largest_s:.2f}", f"{new.largest_s:.2f}"),
            *(str(old.unproven), str(new.unproven)),
        )
    return table


if __name__ == "__main__":
    run_benchmark(main, Arguments, __doc__)
