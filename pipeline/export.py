"""Write one instance of a sweep to a file.

usage: python -m pipeline.export allocation=A1 structure=C3 alpha=5 out=FILE [key=value ...]

  replication=0 scale=1     the rest of the coordinate
  format=json | mps         json: network, problem and solution; mps: model (1)-(11) of the paper
  run=FOLDER                take seed and network parameters from this run, and its solution;
                            by default outputs/paper, if it is there

Without a run the networks are those of conf/, and the solution is null. Exit codes: 0 written,
2 a mistake in the words, the run or the file.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import Field

from conf.command import run as run_command
from conf.compose import compose
from conf.errors import UserError
from pipeline import provenance, store
from pipeline.config import Count, NetworkConfig, Positive, Section, Seed, check, validate
from pipeline.coordinate import NetworkCoordinate
from pipeline.network import Network, draw
from pipeline.structures import structures
from solvers import direct
from solvers.highs_backend import write_mps

DEFAULT_RUN = Path("outputs/paper")


class ExportConfig(Section):
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
        """The coordinate less alpha."""
        return NetworkCoordinate(self.allocation, self.structure, self.replication, self.scale)


def main(words: list[str]) -> int:
    """Write the instance that the words name."""
    wanted = check(ExportConfig, compose("export", words))
    run = _run(wanted)
    seed, parameters = _origin(run)
    for key, label, labels in (
        ("allocation", wanted.allocation, parameters.allocations),
        ("structure", wanted.structure, structures()),
    ):
        if label not in labels:
            raise UserError(f"{key}: unknown {label!r}, expected one of {', '.join(labels)}")
    network = draw(wanted.network, parameters, seed)
    if wanted.format == "mps":
        program = direct.formulate(network.problem(wanted.alpha))
        _write(Path(wanted.out), lambda path: write_mps(program, path))
    else:
        solution = None if run is None else stored_solution(run, wanted)
        text = _lines(document(wanted, network, solution))
        _write(Path(wanted.out), lambda path: path.write_text(text, encoding="utf-8"))
    origin = "conf/, without a run" if run is None else run
    print(f"wrote {wanted.out}: the network of {origin}", file=sys.stderr)
    return 0


def document(
    wanted: ExportConfig, network: Network, solution: dict[str, Any] | None
) -> dict[str, Any]:
    """Describe an instance in the paper's letters; km, t and tkm.

    Returns
    -------
    dict
        ``coordinate``; ``sources``, ``sites``, ``customers`` with positions x (east) and y
        (north) in km; ``t`` (I x J) and ``c`` (K x J) in km; ``d``, ``s``, ``p`` in t; ``f`` in
        tkm; ``alpha``; ``solution`` (null, or z1, open_sites and assignment).
    """
    problem = network.problem(wanted.alpha)
    return {
        "coordinate": {**wanted.network._asdict(), "alpha": wanted.alpha},
        "sources": network.sources.tolist(),
        "sites": network.sites.tolist(),
        "customers": network.customers.tolist(),
        "t": problem.inbound.tolist(),
        "c": problem.outbound.tolist(),
        "d": problem.demand.tolist(),
        "s": network.capacity.tolist(),
        "f": problem.fixed_cost.tolist(),
        "p": problem.supply.tolist(),
        "alpha": problem.alpha,
        "solution": solution,
    }


def stored_solution(run: Path, wanted: ExportConfig) -> dict[str, Any] | None:
    """Look the solution of an instance up in a run; None if the run has none."""
    coordinate = {**wanted.network._asdict(), "alpha": wanted.alpha}
    rows = (
        store.read(run)
        .filter(pl.all_horizontal(pl.col(key) == value for key, value in coordinate.items()))
        .filter(pl.col("z1").is_not_null())
        .select("z1", "open_sites", "assignment")
        .collect(engine="in-memory")
    )
    return None if rows.is_empty() else rows.row(0, named=True)


def _run(wanted: ExportConfig) -> Path | None:
    if wanted.run is not None:
        return Path(wanted.run)
    return DEFAULT_RUN if store.exists(DEFAULT_RUN) else None


def _lines(keys: dict[str, Any]) -> str:
    """Write JSON with one key a line: long matrices stay out of the way of a reader."""
    return (
        "{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(keys[key])}" for key in keys) + "\n}\n"
    )


def _origin(run: Path | None) -> tuple[int, NetworkConfig]:
    """Find the seed and the network parameters: those of a run, or those of conf/."""
    if run is None:
        config = validate(compose("config", []))
        return config.seed, config.network
    configuration = provenance.read(run)["configuration"]
    return configuration["seed"], check(NetworkConfig, configuration["network"])


def _write(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file at once: under another name first, so that no half of it is ever seen."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            # The solver's writer chooses the format by the ending.
            draft = Path(folder) / f"draft{path.suffix or '.mps'}"
            write(draft)
            os.replace(draft, path)
    except OSError as error:
        raise UserError(f"out: cannot write {path}: {error.strerror}") from None


if __name__ == "__main__":
    run_command(main, __doc__)
