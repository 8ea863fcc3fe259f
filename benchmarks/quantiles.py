"""Quantiles of all indicators by four columns of a large table, beside DuckDB and pandas.

usage: python -m benchmarks.quantiles [ARM ...] [key=value ...]

Writes a results table of made-up rows (`benchmarks.synthetic_table`), and computes the 10 %, 50 %
and 90 % quantiles of the five indicators by allocation, structure, scale and alpha, from the same
files. An arm is a way to do it: sitesweep (as `sitesweep report`, which also computes between which
ends each quantile is proven to lie), sitesweep-percent (the same relative to alpha = 20), duckdb or
pandas. Each arm has a process of its own, one after the other. Prints seconds and peak memory of
each process, with its imports. Exit code 1 if the arms' quantiles differ.
"""

from __future__ import annotations

import json
import math
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.arguments import key, run_benchmark
from benchmarks.quantile_arms import ARMS
from benchmarks.synthetic_table import write_synthetic_table
from pipeline.config.errors import UserError

ALPHAS = (2.0, 5.0, 10.0, 20.0)

TOLERANCE = 1e-9
"""Relative difference that rounding explains."""

PERCENT = "sitesweep-percent"
"""The arm whose quantiles are not those of the others."""


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    arms: tuple[str, ...] = key(
        tuple(ARMS), "arms to compare, by default", choices=ARMS, positional=True
    )
    rows: int = key(10_000_000, "rows of the table")
    files: int = key(16, "data files of the table")
    cores: int = key(2, "cores that an arm may use")
    seed: int = key(0, "seed of the made-up rows", least=0)


def main(arguments: Arguments) -> int:
    """Make the table, measure all arms, print; return 1 if their quantiles differ."""
    console = Console(width=100, highlight=False)
    console.print(f"{platform.platform()}, Python {platform.python_version()}")
    console.print(", ".join(versions(arguments.arms)))
    with tempfile.TemporaryDirectory(prefix="sitesweep-quantiles-") as folder:
        run = Path(folder) / "run"
        write_synthetic_table(run, arguments.rows, arguments.files, ALPHAS, arguments.seed)
        size = sum(path.stat().st_size for path in (run / "results").glob("*.parquet"))
        found = {}
        for arm in arguments.arms:
            print(f"{arm} ...", file=sys.stderr)
            found[arm] = measure(arm, run, arguments.cores, Path(folder) / f"{arm}.json")
    console.print(
        f"{arguments.rows:,} rows in {arguments.files} files of {size / 1e6:,.0f} MB together, "
        f"{arguments.cores} core{'' if arguments.cores == 1 else 's'}"
    )
    console.print(results_table(found))
    arms = [arm for arm in found if arm != PERCENT]
    differing = [arm for arm in arms[1:] if not agree(found[arms[0]], found[arm])]
    for arm in differing:
        console.print(f"[red]other quantiles than {arms[0]}[/red]: {arm}")
    return 1 if differing else 0


def versions(arms: tuple[str, ...]) -> list[str]:
    """List the packages that the arms use, with their versions.

    Raises
    ------
    pipeline.config.errors.UserError
        A package is not installed.
    """
    packages = [arm.partition("-")[0] for arm in arms]
    try:
        return [f"{name} {version(name)}" for name in dict.fromkeys(["polars", *packages])]
    except PackageNotFoundError as error:
        raise UserError(
            f"{error.name} is not installed: name other arms, or use .venv-bench of `make bench`"
        ) from None


def measure(arm: str, run: Path, cores: int, out: Path) -> dict[str, Any]:
    """Run one arm in a process of its own and return what it wrote."""
    code = "import sys; from benchmarks.quantile_arms import run_arm; run_arm(*sys.argv[1:3], "
    code += "int(sys.argv[3]), sys.argv[4])"
    subprocess.run([sys.executable, "-c", code, arm, run, str(cores), out], check=True)
    result: dict[str, Any] = json.loads(out.read_text())
    return result


def agree(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two arms found the same groups and quantiles."""
    return len(one["quantiles"]) == len(other["quantiles"]) and all(
        group == other_group
        and all(
            math.isclose(a, b, rel_tol=TOLERANCE)
            for a, b in zip(numbers, other_numbers, strict=True)
        )
        for (group, numbers), (other_group, other_numbers) in zip(
            one["quantiles"], other["quantiles"], strict=True
        )
    )


def results_table(found: dict[str, dict[str, Any]]) -> Table:
    """Build the table of times and memory."""
    table = Table("arm", "wall, s", "processor, s", "peak memory, MB", "groups")
    for column in table.columns[1:]:
        column.justify = "right"
    for arm, result in found.items():
        table.add_row(
            arm,
            *(f"{result[name]:.1f}" for name in ("wall_s", "processor_s")),
            f"{result['peak_mb']:,.0f}",
            f"{len(result['quantiles']):,}",
        )
    return table


if __name__ == "__main__":
    run_benchmark(main, Arguments, __doc__)
