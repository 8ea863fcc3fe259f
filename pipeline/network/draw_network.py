"""Draws one network of the paper's generator, from Python."""

from __future__ import annotations

from typing import Any

from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.sections import validate
from pipeline.config.structures import structures
from pipeline.network.draw import draw
from pipeline.network.network import Network
from pipeline.sweep.coordinate import NetworkCoordinate


def draw_network(
    allocation: str,
    structure: str,
    replication: int = 0,
    scale: int = 1,
    seed: int = 0,
    **parameters: Any,
) -> Network:
    """Draw a network; a sweep with the same seed and parameters has the same one.

    Parameters
    ----------
    allocation : str
        Label of the numbers of sources, sites and customers, ``A1`` to ``A7``.
    structure : str
        Label of the regions in which they cluster, ``C1`` to ``C25``.
    replication : int
        Number of the independent draw, from 0.
    scale : int
        Multiplier of all numbers of nodes.
    seed : int
        Root of all random numbers.
    **parameters
        Of the generator, as the keys of ``network`` in a configuration; for example ``supply=1000``
        or ``allocations={"mine": [2, 3, 4]}``.

    Returns
    -------
    Network

    Raises
    ------
    UserError
        A label or a parameter is not known, or not valid.

    Examples
    --------
    >>> from sitesweep import draw_network
    >>> draw_network("A6", "C3")
    Network(60 sources, 20 sites, 10 customers, demand 348 t, capacity 6,501 t)
    """
    values = compose("config", [])
    values["seed"] = seed
    values["network"] = {**values["network"], **parameters}
    values["sweep"]["allocation"] = "all"
    config = validate(values)
    for key, label, labels in (
        ("allocation", allocation, config.network.allocations),
        ("structure", structure, structures()),
    ):
        if label not in labels:
            raise UserError(f"{key}: unknown {label!r}, expected one of {', '.join(labels)}")
    if replication < 0 or scale < 1:
        found = f"got replication {replication} and scale {scale}"
        raise UserError(f"expected replication >= 0 and scale >= 1, {found}")
    return draw(NetworkCoordinate(allocation, structure, replication, scale), config.network, seed)
