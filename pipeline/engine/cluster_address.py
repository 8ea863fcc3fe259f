"""Which Ray cluster a run joins: that of the configuration, else that of the environment."""

from __future__ import annotations

import os

from pipeline.config.command import print_status
from pipeline.config.errors import UserError


def find_cluster(address: str | None) -> str | None:
    """Return the address of the cluster to join; None: start one on this machine.

    As everywhere in Ray, the variable ``RAY_ADDRESS`` holds if no address is configured. Only its
    value ``auto`` is not followed, because it names no cluster: Ray would join whatever it finds on
    the machine, which may belong to somebody else.

    Parameters
    ----------
    address : str or None
        ``engine.address`` of the configuration.

    Raises
    ------
    UserError
        ``RAY_ADDRESS`` is the address of a Ray client server.
    """
    if address is not None:
        return address
    named = os.environ.get("RAY_ADDRESS", "")
    if named == "auto":
        print_status("engine: RAY_ADDRESS=auto is not followed, as it names no cluster")
    if named in ("", "auto", "local"):
        return None
    if "://" in named:
        raise UserError(f"RAY_ADDRESS: unknown {named}, expected HOST:PORT of a head node")
    return named


def setting_of(address: str) -> str:
    """Return the name of the setting that names a cluster: of the variable or of the key."""
    return "RAY_ADDRESS" if os.environ.get("RAY_ADDRESS") == address else "engine.address"
