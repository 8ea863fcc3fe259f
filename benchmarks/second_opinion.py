"""Two ways to the same number: the direct and the collapsed model on one network a allocation.

usage: python benchmarks/second_opinion.py [SOLVER] [SECONDS]

SOLVER is highs (the default) or gurobi; SECONDS limits each solve (default 300). Gurobi's terms
forbid publishing figures measured with it: what it prints stays on your own machine.
Exit code 1 if two proven intervals of z1 have no number in common.
"""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from conf.compose import compose
from pipeline.config import validate
from pipeline.coordinate import NetworkCoordinate
from pipeline.network import draw
from solvers.options import METHODS, Options
from solvers.result import Result
from solvers.select import describe
from solvers.solve import solve

STRUCTURE = "C11"
ALPHAS = (2.0, 20.0)


def main() -> int:
    """Solve, compare, print."""
    solver = sys.argv[1] if len(sys.argv) > 1 else "highs"
    time_limit_s = float(sys.argv[2]) if len(sys.argv) > 2 else 300.0
    config = validate(compose("config", []))
    console = Console(width=100)
    console.print(f"{describe(solver)}; one thread, gap {config.solver.gap}, structure {STRUCTURE}")
    table = Table("network", "alpha", *METHODS, "difference", "gaps", "agree", "seconds")
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
            agreed &= agree(*results)
            table.add_row(f"{allocation} {STRUCTURE}", f"{alpha:g}", *cells(*results))
    console.print(table)
    return 0 if agreed else 1


def agree(one: Result, other: Result) -> bool:
    """Whether both certificates leave a value of z1 possible: [bound, objective] intersect."""
    if None in (one.objective, one.bound, other.objective, other.bound):
        return False
    return max(one.bound, other.bound) <= min(one.objective, other.objective) * (1 + 1e-6)


def cells(one: Result, other: Result) -> list[str]:
    """Format the two results of one problem."""
    both = (one, other)
    objectives = ["none" if r.objective is None else f"{r.objective:,.1f}" for r in both]
    difference = "?"
    if one.objective is not None and other.objective is not None:
        difference = f"{abs(one.objective - other.objective) / one.objective:.1e}"
    gaps = " / ".join("?" if r.gap is None else f"{r.gap:.1e}" for r in both)
    seconds = " / ".join(f"{r.solve_s:.1f}" for r in both)
    return [*objectives, difference, gaps, "yes" if agree(one, other) else "NO", seconds]


if __name__ == "__main__":
    sys.exit(main())
