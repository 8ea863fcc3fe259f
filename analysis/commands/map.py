"""Draw the map of a stored solution, or of one network at two alphas.

usage: sitesweep map [FOLDER] allocation=A1 structure=C3 alpha=5 [key=value ...]

  outputs/paper           folder of the run (the default), or run=FOLDER
  alpha=[2,20]            the same network at two alphas, with what moved marked
  replication=0 scale=1   the rest of the coordinate
  out=FOLDER              where to write figures/; the default is the folder of the run

Writes figures/map_A1_C3_alpha5.svg, .png and .pdf. Lines are transports; their width is their
weight. Exit codes: 0 done, 1 the folder cannot be written, 2 there is no such solution.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.errors import Failure
from pipeline.config.folder import RunFolder
from pipeline.config.sections import Count, Positive, Section, Seed, check
from pipeline.plotting import style
from pipeline.plotting.network_map import draw_map
from pipeline.results.storage import staging_folder
from pipeline.results.stored_solution import StoredSolution, load_solution


def _to_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else (value,)


class MapConfig(Section):
    """Which solutions to draw, and where to write the map."""

    run: RunFolder
    out: RunFolder
    allocation: str
    structure: str
    replication: Seed
    scale: Count
    alpha: Annotated[
        tuple[Positive, ...], BeforeValidator(_to_tuple), Field(min_length=1, max_length=2)
    ]


def main(words: list[str]) -> int:
    """Draw the map that the command line names."""
    config = check(MapConfig, compose("map", words, "run"))
    place = (config.allocation, config.structure)
    numbers = (config.replication, config.scale)
    alphas = dict.fromkeys(config.alpha)
    stored = [load_solution(config.run, *place, alpha, *numbers) for alpha in alphas]
    figure = draw_map(stored[0].network, [(_title(found), found.solution) for found in stored])
    more = [
        f"{word}{value}"
        for word, value, default in (
            ("replication", config.replication, 0),
            ("scale", config.scale, 1),
        )
        if value != default
    ]
    name = "_".join(["map", *place, *more, *(f"alpha{alpha:g}" for alpha in alphas)])
    try:
        with staging_folder(config.out) as folder:
            paths = style.write(figure, folder / "figures", name)
    except OSError as error:
        raise Failure(f"cannot write to {config.out}: {error}") from error
    for found in stored:
        print(f"{_title(found)}: {_costs(found)}")
    names = ", ".join(path.name for path in paths)
    print(f"wrote {config.out}/figures: {names}", file=sys.stderr)
    return 0


def _title(found: StoredSolution) -> str:
    """Name the instance, and what is proven of its solution."""
    proof = "" if found.status == "optimal" else ", not certified"
    return f"{found.title}{proof}"


def _costs(found: StoredSolution) -> str:
    """Say what a solution costs, and how its cost is made up."""
    cost, total = found.cost, found.cost.total
    shares = ", ".join(
        f"{100 * part / total:.0f} % {name}"
        for part, name in (
            (cost.first, "raw material"),
            (cost.second, "product"),
            (cost.fixed, "fixed cost"),
        )
    )
    return f"{total:,.0f} tkm ({shares}), {len(found.solution.open_sites)} open sites"


if __name__ == "__main__":
    run_command(main, __doc__)
