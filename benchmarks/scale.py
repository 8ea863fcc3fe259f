"""How far larger networks are from proven, without any commercial licence.

usage: python -m benchmarks.scale [scale=4] [limit=60] [ALLOCATION ...]

Structure C11 of every allocation (or of those named) at alpha 2 and 20, node counts multiplied by
`scale`, solved by the native search with HiGHS behind it, one thread, within `limit` seconds each.
Prints the gap between each incumbent and its proven bound.
"""

from __future__ import annotations

import sys
import time

from rich.console import Console
from rich.table import Table

from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.network.draw import draw
from pipeline.sweep.coordinate import NetworkCoordinate
from solvers import native
from solvers.options import Options
from solvers.solve import solve

STRUCTURE = "C11"
ALPHAS = (2.0, 20.0)


def main() -> int:
    """Solve and print."""
    words = dict(word.split("=", 1) for word in sys.argv[1:] if "=" in word)
    scale, limit_s = int(words.get("scale", 4)), float(words.get("limit", 60))
    config = validate(compose("config", []))
    named = [word for word in sys.argv[1:] if "=" not in word]
    console = Console(width=100)
    sheet = Table(
        *("allocation", "sites", "customers", "alpha", "z1, tkm", "bound", "gap, %", "nodes", "s"),
        title=f"{STRUCTURE}, scale {scale} ({90 * scale} nodes), limit {limit_s:g} s, one thread",
    )
    native.warm_up()
    gaps = []
    for allocation in named or config.network.allocations:
        network = draw(
            NetworkCoordinate(allocation, STRUCTURE, 0, scale), config.network, config.seed
        )
        for alpha in ALPHAS:
            problem = network.problem(alpha)
            begin = time.perf_counter()
            result = solve(problem, Options("highs", "native", 1e-4, limit_s))
            seconds = time.perf_counter() - begin
            gaps.append(100.0 if result.gap is None else 100 * result.gap)
            sheet.add_row(
                *(allocation, str(problem.n_sites), str(problem.n_customers), f"{alpha:g}"),
                *(
                    f"{value:,.0f}" if value else "none"
                    for value in (result.objective, result.bound)
                ),
                *(f"{gaps[-1]:.3f}", f"{result.nodes or 0:,}", f"{seconds:.1f}"),
            )
            print(f"\r{allocation} alpha {alpha:g}: {gaps[-1]:.3f} %  ", end="", file=sys.stderr)
    print(file=sys.stderr)
    console.print(sheet)
    console.print(f"largest gap: {max(gaps):.3f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
