"""Three ways to the same number, on one network of each allocation.

usage: python -m benchmarks.second_opinion [SOLVER] [SECONDS]

The paper's own model (1)-(11), the collapsed model, and the native search. SOLVER is highs (the
default) or gurobi; SECONDS limits each solve (default 300). Gurobi's terms forbid publishing
figures measured with it: what it prints stays on your own machine. Exit code 1 if the proven
intervals of z1 have no number in common.
"""

from __future__ import annotations

import math
import sys

from rich.console import Console
from rich.table import Table

from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.network.draw import draw
from pipeline.sweep.coordinate import NetworkCoordinate
from solvers.backends.select import describe
from solvers.certificate import CERTIFICATE_TOLERANCE
from solvers.options import Options
from solvers.result import Result
from solvers.solve import solve

STRUCTURE = "C11"
ALPHAS = (2.0, 20.0)
METHODS = ("direct", "collapsed", "native")


def main() -> int:
    """Solve, compare, print."""
    solver = sys.argv[1] if len(sys.argv) > 1 else "highs"
    time_limit_s = float(sys.argv[2]) if len(sys.argv) > 2 else 300.0
    config = validate(compose("config", []))
    console = Console(width=116)
    console.print(f"{describe(solver)}; one thread, gap {config.solver.gap}, structure {STRUCTURE}")
    table = Table("network", "alpha", *METHODS, "spread", "gaps", "agree", "seconds")
    agreed = True
    for allocation in config.network.allocations:
        coordinate = NetworkCoordinate(allocation, STRUCTURE)
        network = draw(coordinate, config.network, config.seed)
        for alpha in ALPHAS:
            results = [
                solve(
                    network.problem(alpha),
                    Options(solver, method, config.solver.gap, time_limit_s),
                )
                for method in METHODS
            ]
            agreed &= agree(results)
            table.add_row(f"{allocation} {STRUCTURE}", f"{alpha:g}", *cells(results))
    console.print(table)
    return 0 if agreed else 1


def agree(results: list[Result]) -> bool:
    """Whether all certificates leave one value of z1 possible: every [bound, objective] meets."""
    bounds = [result.bound for result in results if result.bound is not None]
    objectives = [result.objective for result in results if result.objective is not None]
    complete = len(bounds) == len(objectives) == len(results)
    return complete and max(bounds) <= min(objectives) * (1 + CERTIFICATE_TOLERANCE)


def cells(results: list[Result]) -> list[str]:
    """Format the results of one problem."""
    objectives = [result.objective for result in results if result.objective is not None]
    spread = (max(objectives) - min(objectives)) / min(objectives) if objectives else math.nan
    return [
        *("none" if r.objective is None else f"{r.objective:,.1f}" for r in results),
        f"{spread:.0e}",
        " / ".join("?" if r.gap is None else f"{r.gap:.0e}" for r in results),
        "yes" if agree(results) else "NO",
        " / ".join(f"{r.solve_s:.1f}" for r in results),
    ]


if __name__ == "__main__":
    sys.exit(main())
