"""Ray clusters: join one that already runs, or start one on this machine for a single run."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator

import ray

from pipeline.config.errors import UserError, one_line
from pipeline.config.sections import EngineConfig
from pipeline.engine.cluster_address import setting_of
from pipeline.engine.cluster_check import NodeCheck
from pipeline.engine.licences import RESOURCE
from solvers.backends.select import may_use_licence
from solvers.problem import count

_OBJECT_STORE_BYTES = 200 * 2**20
"""Size of Ray's object store. The rows in it are small and soon removed; Ray's default would take a
third of the memory."""

_OTHER_VERSION = "Version mismatch"
"""What Ray's message contains if Ray or Python of the cluster and of this process differ."""

_CONNECT_S = 10.0
"""Seconds to wait for a connection to a cluster; Ray itself would try for minutes."""


def count_licences(solver: str, engine: EngineConfig) -> int | None:
    """Return how many Gurobi environments may be open at a time; None if they are not counted.

    Parameters
    ----------
    solver : str
        As in `solvers.options.Options`.
    engine : EngineConfig
        On a cluster that was joined, the nodes announce their licences, and nothing is configured.

    Raises
    ------
    UserError
        Licences are configured and not announced, or configured for a cluster that was joined.
    """
    if not may_use_licence(solver):
        return None
    announced = int(ray.cluster_resources().get(RESOURCE, 0))
    if engine.licences is not None and (engine.address is not None or not announced):
        raise UserError(
            "engine.licences: expected none on a cluster that runs already; its nodes announce "
            f"their licences: ray start ... --resources='{{\"{RESOURCE}\": {engine.licences}}}'"
        )
    return announced or None


def describe(address: str | None, threads: int, licences: int | None) -> str:
    """Return in words where the tasks of this process run.

    Parameters
    ----------
    address : str or None
        Of a cluster that was joined.
    threads : int
        Cores of one task.
    licences : int or None
        Gurobi environments that may be open at a time, if they are counted.
    """
    cores = int(ray.cluster_resources().get("CPU", 0))
    nodes = sum(1 for node in ray.nodes() if node["Alive"])
    workers = f"{count(cores // threads, 'worker')} of {count(threads, 'thread')}"
    if licences is not None:
        workers += f", at most {count(licences, 'Gurobi environment')}"
    if address is None:
        return f"Ray on this machine, {workers}"
    where = f"Ray cluster at {address}, {count(cores, 'CPU')} on {count(nodes, 'node')}"
    return f"{where}, {workers}" if cores else f"{where}, waiting for nodes with cores"


@contextlib.contextmanager
def _keep_sigterm_handler() -> Iterator[None]:
    """Restore the driver's SIGTERM handler: `ray.init` replaces it, `ray.shutdown` removes it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    except SystemExit as error:  # the signal came while Ray's handler was installed
        if error.code == signal.SIGTERM and callable(handler):
            handler(signal.SIGTERM, None)
        raise
    finally:
        signal.signal(signal.SIGTERM, handler)


def _shutdown() -> None:
    with _keep_sigterm_handler():
        ray.shutdown()


def _no_check() -> None:
    """Check nothing: the nodes of a cluster that was started here are this installation."""


@contextlib.contextmanager
def local_cluster(cores: int, licences: int | None = None) -> Iterator[Callable[[], None]]:
    """Start a cluster on the loopback address; at the end, stop only the processes of this cluster.

    The cluster accepts tasks only with a token: the user's, or a random one that is never stored.

    Parameters
    ----------
    cores : int
        Cores that all tasks together may use. If this process is connected to a Ray already, as a
        notebook may be, that one is used as it is, and stays.
    licences : int, optional
        Gurobi environments that may be open at a time, if they are counted.
    """
    if ray.is_initialized():
        yield _no_check
        return
    if not {"RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & os.environ.keys():
        # Ray reads the token once per process, so the next cluster of this process needs it too.
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    with tempfile.TemporaryDirectory(prefix="sitesweep-", ignore_cleanup_errors=True) as folder:
        try:
            with _keep_sigterm_handler():
                ray.init(
                    address="local",  # a new cluster, even if one runs or RAY_ADDRESS is set
                    num_cpus=cores,
                    resources={} if licences is None else {RESOURCE: licences},
                    include_dashboard=False,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                    object_store_memory=_OBJECT_STORE_BYTES,
                    _node_ip_address="127.0.0.1",
                    _temp_dir=folder,
                )
            yield _no_check
        finally:
            _shutdown()


@contextlib.contextmanager
def join_cluster(address: str) -> Iterator[Callable[[], None]]:
    """Join a cluster that already runs; at the end, disconnect and leave it running.

    Ray's token authentication is on unless ``RAY_AUTH_MODE`` says otherwise; the token comes from
    ``RAY_AUTH_TOKEN`` or from the file named by ``RAY_AUTH_TOKEN_PATH``.

    Parameters
    ----------
    address : str
        ``host:port`` of the head node.

    Yields
    ------
    callable
        To be called now and then: checks nodes that have joined, and raises like this function.

    Raises
    ------
    UserError
        There is no cluster at the address, it refuses the token, it has another version of Ray or
        Python, or one of its nodes cannot run the tasks (`pipeline.engine.cluster_check`).
    """
    setting = setting_of(address)
    if ray.is_initialized():
        raise UserError(
            f"{setting}: this process is connected to a Ray already: leave {setting} out to use "
            "that one, or call ray.shutdown() first"
        )
    try:
        host, port = address.rsplit(":", 1)
        socket.create_connection((host, int(port)), timeout=_CONNECT_S).close()
        with _keep_sigterm_handler():
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, OverflowError, ValueError, ray.exceptions.RayError) as error:
        reason = one_line(error)
        if _OTHER_VERSION in reason:
            raise UserError(
                f"{setting}: expected the Ray and the Python of the cluster at {address} in "
                f"this process, too: {reason}"
            ) from error
        raise UserError(
            f"{setting}: no Ray cluster joined at {address}: expected a running head node "
            f"there and its token in RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH ({reason})"
        ) from error
    try:
        nodes = NodeCheck(address)
        nodes.check_first_nodes()
        yield nodes.check_new_nodes
    finally:
        _shutdown()
