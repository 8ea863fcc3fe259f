"""An instance as a file: JSON in the paper's notation, or MPS for any MIP solver."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from pipeline.network.network import Network
from pipeline.sweep.coordinate import NetworkCoordinate
from solvers.backends.highs import write_mps
from solvers.formulations import direct
from solvers.problem import Problem


def describe(
    coordinate: NetworkCoordinate,
    network: Network,
    alpha: float,
    solution: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Describe an instance in the paper's notation; units are km, t and tkm.

    Parameters
    ----------
    coordinate : NetworkCoordinate
        Where the network was drawn.
    network : Network
        The network.
    alpha : float
        Buy-to-fly ratio.
    solution : dict or None
        status, z1, bound, gap, open_sites and assignment.

    Returns
    -------
    dict
        ``coordinate``; ``sources``, ``sites``, ``customers`` with positions x (east) and y
        (north) in km; ``t`` (I x J) and ``c`` (K x J) in km; ``d``, ``s``, ``p`` in t; ``f`` in
        tkm; ``alpha``; ``solution`` (null, or status, z1, bound, gap, open_sites and assignment).
    """
    problem = network.problem(alpha)
    return {
        "coordinate": {**coordinate._asdict(), "alpha": alpha},
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


def problem_from(description: dict[str, Any]) -> Problem:
    """Build the problem from a description; the inverse of `describe`.

    Raises
    ------
    KeyError
        A key is missing.
    solvers.problem.ProblemError
        The data do not describe a problem.
    """
    return Problem(
        inbound=description["t"],
        outbound=description["c"],
        demand=description["d"],
        capacity=description["s"],
        fixed_cost=description["f"],
        supply=description["p"],
        alpha=description["alpha"],
    )


def to_json(description: dict[str, Any]) -> bytes:
    """Format as JSON with one key per line, so that each long matrix is a single line."""
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in description.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def to_mps(problem: Problem) -> bytes:
    """Format model (1)-(11) of the paper as an MPS file, for any MIP solver."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.mps"
        write_mps(direct.formulate(problem), path)
        return path.read_bytes()
