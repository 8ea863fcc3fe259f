"""A Ray cluster for the time of a run: one that runs already, or one of our own on this machine."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import socket
import tempfile
from collections.abc import Iterator

import ray

from pipeline.config.errors import UserError

_OBJECT_STORE_BYTES = 200 * 2**20
"""Rows are small and leave at once; the default would take a third of the memory."""

_CONNECT_S = 10.0


def usable_cores() -> int:
    """Count the cores this process may use, which on a shared node is fewer than it has."""
    return len(os.sched_getaffinity(0))


@contextlib.contextmanager
def _keep_sigterm_handler() -> Iterator[None]:
    """Keep the driver's own answer to SIGTERM: `ray.init` replaces and `ray.shutdown` drops it."""
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    except SystemExit as leaving:  # the signal came while Ray's answer was in place
        if leaving.code == signal.SIGTERM and callable(handler):
            handler(signal.SIGTERM, None)
        raise
    finally:
        signal.signal(signal.SIGTERM, handler)


def _shutdown() -> None:
    with _keep_sigterm_handler():
        ray.shutdown()


@contextlib.contextmanager
def local_cluster(cores: int) -> Iterator[None]:
    """Start a cluster on this machine's loopback address, and end it by its own processes.

    It takes tasks only from holders of a token: the user's, or one drawn here and never stored.

    Parameters
    ----------
    cores : int
        Cores that tasks may use together.
    """
    if not {"RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & os.environ.keys():
        # Ray reads a token once a process, so it stays for the next cluster of this process.
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    with tempfile.TemporaryDirectory(prefix="sitesweep-", ignore_cleanup_errors=True) as folder:
        try:
            with _keep_sigterm_handler():
                ray.init(
                    address="local",  # never one that happens to run, whatever RAY_ADDRESS says
                    num_cpus=cores,
                    include_dashboard=False,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                    object_store_memory=_OBJECT_STORE_BYTES,
                    _node_ip_address="127.0.0.1",
                    _temp_dir=folder,
                )
            yield
        finally:
            _shutdown()


@contextlib.contextmanager
def join_cluster(address: str) -> Iterator[None]:
    """Join a cluster that runs already, and leave it as it is.

    Ray's token authentication is on unless ``RAY_AUTH_MODE`` says otherwise; the token comes from
    ``RAY_AUTH_TOKEN`` or from the file named by ``RAY_AUTH_TOKEN_PATH``.

    Parameters
    ----------
    address : str
        ``host:port`` of the head node.

    Raises
    ------
    UserError
        No cluster answers at the address, or it refuses the token.
    """
    try:
        host, port = address.rsplit(":", 1)
        # Ray itself would try for minutes.
        socket.create_connection((host, int(port)), timeout=_CONNECT_S).close()
        with _keep_sigterm_handler():
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, OverflowError, ValueError, ray.exceptions.RayError) as error:
        raise UserError(
            f"engine.address: no Ray cluster joined at {address}: expected a running head node "
            f"there and its token in RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH ({error})"
        ) from error
    try:
        yield
    finally:
        _shutdown()
