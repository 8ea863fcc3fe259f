"""Compares the optimal costs of three methods on one network of each allocation.

usage: python -m benchmarks.second_opinion [key=value ...]

The methods are the paper's own model (1)-(11), the collapsed model, and the native search. Gurobi's
terms forbid publishing figures measured with it: do not publish what it prints. Exit code 1 if the
proven intervals of z1 have no number in common.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.arguments import key, run_benchmark
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

OWN_SEARCH = {"highs": "native", "gurobi": "auto"}
"""The value of `solvers.options.Options.solver` with our search and then this solver."""


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    solver: str = key("highs", "highs or gurobi", choices=("highs", "gurobi"))
    limit: float = key(300.0, "time limit of each solve in seconds")


def main(arguments: Arguments) -> int:
    """Solve by all methods, compare and print; return 1 if they contradict each other."""
    solver = arguments.solver
    config = validate(compose("config", []))
    console = Console(width=116)
    console.print(f"{describe(solver)}; one thread, gap {config.solver.gap}, structure {STRUCTURE}")
    table = Table("network", "alpha", *METHODS, "spread", "gaps", "agree", "seconds")
    all_agree = True
    for allocation in config.network.allocations:
        coordinate = NetworkCoordinate(allocation, STRUCTURE)
        network = draw(coordinate, config.network, config.seed)
        for alpha in ALPHAS:
            results = [
                solve(network.problem(alpha), options(method, arguments, config.solver.gap))
                for method in METHODS
            ]
            all_agree &= agree(results)
            table.add_row(f"{allocation} {STRUCTURE}", f"{alpha:g}", *format_results(results))
    console.print(table)
    return 0 if all_agree else 1


def options(method: str, arguments: Arguments, gap: float) -> Options:
    """Return the options for one of `METHODS`."""
    if method == "native":
        return Options(OWN_SEARCH[arguments.solver], gap=gap, time_limit_s=arguments.limit)
    return Options(arguments.solver, method, gap, arguments.limit)


def agree(results: list[Result]) -> bool:
    """Return whether the intervals [bound, objective] of z1 have a number in common."""
    bounds = [result.bound for result in results if result.bound is not None]
    objectives = [result.objective for result in results if result.objective is not None]
    complete = len(bounds) == len(objectives) == len(results)
    return complete and max(bounds) <= min(objectives) * (1 + CERTIFICATE_TOLERANCE)


def format_results(results: list[Result]) -> list[str]:
    """Format the results of one problem as the cells of a row."""
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
    run_benchmark(main, Arguments, __doc__)
