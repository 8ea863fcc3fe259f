"""Write one instance of a sweep to a file.

usage: sitesweep instance allocation=A1 structure=C3 alpha=5 out=FILE [key=value ...]

  replication=0 scale=1     the rest of the coordinate
  format=json | mps         json: network, problem and solution; mps: model (1)-(11) of the paper
  run=FOLDER                take seed, network parameters and solution from this run; the default
                            is outputs/paper if that folder exists

Without a run, seed and network parameters are those in conf/, and the solution is null.
Exit codes: 0 written, 2 a mistake in the command line, the run or the output file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import Field

from pipeline.config.command import run_command
from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.folder import Folder
from pipeline.config.sections import Count, NetworkConfig, Positive, Section, Seed, check, validate
from pipeline.config.structures import structures
from pipeline.network.draw import draw
from pipeline.network.instance_io import describe, to_json, to_mps
from pipeline.results import provenance, storage
from pipeline.results.table import read_results, table_exists
from pipeline.sweep.coordinate import NetworkCoordinate

DEFAULT_RUN = "outputs/paper"


class InstanceConfig(Section):
    """Which instance to write, and where."""

    run: str | None
    allocation: str
    structure: str
    replication: Seed
    scale: Count
    alpha: Positive
    format: Literal["json", "mps"]
    out: Annotated[str, Field(min_length=1)]

    @property
    def network(self) -> NetworkCoordinate:
        """The coordinate without alpha."""
        return NetworkCoordinate(self.allocation, self.structure, self.replication, self.scale)


def main(words: list[str]) -> int:
    """Write the instance that the command line names."""
    config = check(InstanceConfig, compose("instance", words, "run"))
    run = _run_folder(config)
    seed, network_config = _seed_and_network_config(run)
    for key, label, labels in (
        ("allocation", config.allocation, network_config.allocations),
        ("structure", config.structure, structures()),
    ):
        if label not in labels:
            raise UserError(f"{key}: unknown {label!r}, expected one of {', '.join(labels)}")
    network = draw(config.network, network_config, seed)
    solution = None if run is None else stored_solution(run, config)
    if config.format == "mps":
        content = to_mps(network.problem(config.alpha))
    else:
        content = to_json(describe(config.network, network, config.alpha, solution))
    _write(Path(config.out), content)
    origin = "conf/ (no run)" if run is None else run
    found = "" if solution is not None or run is None else ", which has no solution of it"
    print(f"wrote {config.out}: network parameters from {origin}{found}", file=sys.stderr)
    return 0


def stored_solution(run: Folder, config: InstanceConfig) -> dict[str, Any] | None:
    """Look up the solution of an instance in a run; None if the run has none."""
    coordinate = {**config.network._asdict(), "alpha": config.alpha}
    rows = (
        read_results(run)
        .filter(pl.all_horizontal(pl.col(key) == value for key, value in coordinate.items()))
        .filter(pl.col("z1").is_not_null())
        .select("status", "z1", "bound", "gap", "open_sites", "assignment")
        .collect(engine="in-memory")
    )
    return None if rows.is_empty() else rows.row(0, named=True)


def _run_folder(config: InstanceConfig) -> str | None:
    if config.run is not None:
        return config.run
    return DEFAULT_RUN if table_exists(DEFAULT_RUN) else None


def _seed_and_network_config(run: Folder | None) -> tuple[int, NetworkConfig]:
    """Return the seed and the network parameters: those of a run, or else those in conf/."""
    if run is None:
        config = validate(compose("config", []))
        return config.seed, config.network
    configuration = provenance.read(run)["configuration"]
    return configuration["seed"], check(NetworkConfig, configuration["network"])


def _write(path: Path, content: bytes) -> None:
    """Write a file atomically: no reader ever sees part of it."""
    try:
        if not path.parent.is_dir():  # a typing error in the path must not create folders
            raise FileNotFoundError(f"no folder {path.parent}")
        storage.write(path.parent, path.name, content)
    except OSError as error:
        raise UserError(f"out: cannot write {path}: {error}") from None


if __name__ == "__main__":
    run_command(main, __doc__)
