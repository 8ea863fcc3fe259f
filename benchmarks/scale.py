"""How large the proven gap is on larger networks, without any commercial licence.

usage: python -m benchmarks.scale [key=value ...]

Solves structure C11 of every allocation at alpha 2 and 20, with `scale` times the nodes of the
paper, by the native search with HiGHS behind it, on one thread. Prints the gap between each
incumbent and its proven bound.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from analysis.paper import ALLOCATIONS
from benchmarks.arguments import key, run_benchmark
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.network.draw import draw
from pipeline.sweep.coordinate import NetworkCoordinate
from solvers import native
from solvers.options import Options
from solvers.solve import solve

STRUCTURE = "C11"
ALPHAS = (2.0, 20.0)


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    scale: int = key(4, "factor by which the node counts are multiplied")
    limit: float = key(60.0, "time limit of each solve in seconds")
    allocation: tuple[str, ...] = key(ALLOCATIONS, "allocations to solve", choices=ALLOCATIONS)


def main(arguments: Arguments) -> int:
    """Solve every problem and print the gaps."""
    scale, limit_s = arguments.scale, arguments.limit
    config = validate(compose("config", []))
    table = Table(
        *("allocation", "sites", "customers", "alpha", "z1, tkm", "bound", "gap, %", "nodes", "s"),
        title=f"{STRUCTURE}, scale {scale} ({90 * scale} nodes), limit {limit_s:g} s, one thread",
    )
    native.warm_up()
    gaps_pct = []
    for allocation in arguments.allocation:
        network = draw(
            NetworkCoordinate(allocation, STRUCTURE, 0, scale), config.network, config.seed
        )
        for alpha in ALPHAS:
            problem = network.problem(alpha)
            begin = time.perf_counter()
            result = solve(problem, Options("native", gap=1e-4, time_limit_s=limit_s))
            seconds = time.perf_counter() - begin
            gap_pct = 100.0 if result.gap is None else 100 * result.gap
            gaps_pct.append(gap_pct)
            table.add_row(
                *(allocation, str(problem.n_sites), str(problem.n_customers), f"{alpha:g}"),
                *(
                    f"{value:,.0f}" if value else "none"
                    for value in (result.objective, result.bound)
                ),
                *(f"{gap_pct:.3f}", f"{result.nodes or 0:,}", f"{seconds:.1f}"),
            )
            print(f"\r{allocation} alpha {alpha:g}: {gap_pct:.3f} %  ", end="", file=sys.stderr)
    print(file=sys.stderr)
    console = Console(width=100)
    console.print(table)
    console.print(f"largest gap: {max(gaps_pct):.3f} %")
    return 0


if __name__ == "__main__":
    run_benchmark(main, Arguments, __doc__)
