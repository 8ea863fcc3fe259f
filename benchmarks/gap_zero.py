"""How far the indicators move if every instance is solved to a gap of 0 instead of 1e-4.

usage: python -m benchmarks.gap_zero [key=value ...]

A solution within the gap has a z1 that is at most that much too high; but its sites, and so its z2
to z4, may be others than those of the optimal solution. Solves networks of the paper at its four
alphas with both gaps, by the native search with HiGHS behind it, on one thread. Prints for
each indicator in how many instances it differs, how far, and how far the medians move over the
structures of an allocation at one alpha. An instance that is not proven optimal within the time
limit at both gaps is named and left out.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import product
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from analysis.aggregate import INDICATORS
from analysis.paper import ALLOCATIONS, ALPHAS, CLUSTERS
from benchmarks.arguments import key, run_benchmark
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.network.draw import draw
from pipeline.network.network import Network
from pipeline.results.rows import indicators
from pipeline.sweep.coordinate import NetworkCoordinate
from solvers import native
from solvers.options import Options
from solvers.result import Status
from solvers.solve import solve

GAPS = (1e-4, 0.0)

SAME = 1e-9
"""Relative difference of two numbers that are the same but for rounding."""


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    allocation: tuple[str, ...] = key(
        ("A2", "A4", "A5", "A6", "A7"), "allocations to solve", choices=ALLOCATIONS
    )
    structure: tuple[str, ...] = key(
        tuple(CLUSTERS), "structures to solve", choices=tuple(CLUSTERS)
    )
    limit: float = key(120.0, "time limit of each solve in seconds")


def main(arguments: Arguments) -> int:
    """Solve the sample with both gaps, compare and print."""
    config = validate(compose("config", []))
    native.warm_up()
    rows: list[dict[str, Any]] = []
    unsolved = []
    for allocation, structure in product(arguments.allocation, arguments.structure):
        network = draw(NetworkCoordinate(allocation, structure), config.network, config.seed)
        for alpha in ALPHAS:
            label = {"allocation": allocation, "structure": structure, "alpha": alpha}
            row = solve_twice(network, alpha, arguments.limit)
            if row is None:
                unsolved.append(f"{allocation} {structure} alpha {alpha:g}")
            else:
                rows.append(label | row)
        print(f"\r{allocation} {structure}  ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    console = Console(width=100, highlight=False)
    if rows:
        found = pl.DataFrame(rows)
        console.print(movements(found, medians(found)))
        seconds = (found[f"seconds {gap:g}"].sum() for gap in GAPS)
        times = ", ".join(f"gap {gap:g}: {s:.0f} s" for gap, s in zip(GAPS, seconds, strict=True))
        console.print(f"{len(rows)} instances of {', '.join(arguments.allocation)}; {times}")
    if unsolved:
        console.print(f"not proven optimal at both gaps: {', '.join(unsolved)}")
    return 0


def solve_twice(network: Network, alpha: float, limit_s: float) -> dict[str, float | None] | None:
    """Solve a network at one alpha with both gaps.

    Returns
    -------
    dict or None
        Indicator and gap, such as ``z1 0.0001``, -> its value; and the seconds. None if one of the
        solves ends without a proof.
    """
    found: dict[str, float | None] = {}
    for gap in GAPS:
        result = solve(network.problem(alpha), Options("native", gap=gap, time_limit_s=limit_s))
        if result.status is not Status.OPTIMAL:
            return None
        values = indicators(result, len(network.customers))
        found |= {f"{name} {gap:g}": value for name, value in values.items()}
        found[f"seconds {gap:g}"] = result.solve_s
    return found


def medians(found: pl.DataFrame) -> pl.DataFrame:
    """Return the medians over the structures of each allocation and alpha."""
    columns = [f"{name} {gap:g}" for name in INDICATORS for gap in GAPS]
    return found.group_by("allocation", "alpha").agg(pl.col(columns).median())


def movements(found: pl.DataFrame, medians: pl.DataFrame) -> Table:
    """Build the table of how often and how far each indicator differs, in percent."""
    table = Table(
        *("indicator", "instances", "mean, %", "largest, %", "medians", "largest, %"),
        title=f"what differs between gap {GAPS[0]:g} and gap 0",
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for name in INDICATORS:
        cells = []
        for frame in (found, medians):
            change = changes(frame, name)
            moved = change.filter(change > SAME)
            cells.append(f"{len(moved)} of {len(change)}")
            if frame is found:
                cells.append(f"{100 * float(change.sum()) / len(change):.4f}")
            cells.append(f"{100 * max(change):.4f}")
        table.add_row(name, *cells)
    table.caption = "medians: over the structures of an allocation at one alpha"
    return table


def changes(frame: pl.DataFrame, name: str) -> pl.Series:
    """Return how far an indicator of each row is from its value at gap 0, as a fraction of it."""
    at_gap, at_zero = (frame[f"{name} {gap:g}"].cast(pl.Float64) for gap in GAPS)
    return ((at_gap - at_zero).abs() / at_zero).fill_nan(0.0).drop_nulls()


if __name__ == "__main__":
    run_benchmark(main, Arguments, __doc__)
