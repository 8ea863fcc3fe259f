"""Whether the nodes of a Ray cluster can run our tasks: a small task on each of them asks.

Ray itself compares the versions of Ray and Python of the driver with those of the head. It does not
know of this package: without the check, another version of it on a node would give rows that nobody
could explain.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from pipeline.config.command import print_status
from pipeline.config.errors import UserError, one_line
from pipeline.engine.cluster_address import setting_of

PACKAGES = ("pipeline", "solvers")
"""Top-level packages that a task imports."""

CHECK_S = 30.0
"""Seconds to wait for the answers: a node has to start a Python process."""

Installed = dict[str, str | None]
"""Versions of Python and Ray, and the SHA-256 of each package's sources; None: not installed."""


class NodeCheck:
    """Asks each node of a cluster once, also those that join while the sweep runs.

    Parameters
    ----------
    address : str
        Of the cluster, for the messages.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        probe = make_probe()
        self._expected = probe(PACKAGES)
        self._probe: Any = ray.remote(num_cpus=0, max_retries=0)(probe)
        self._asked: set[str] = set()
        self._tasks: dict[Any, tuple[str, str]] = {}

    def check_first_nodes(self) -> None:
        """Ask the nodes that are there, and wait for their answers.

        A node that does not answer in time is reported, and not an error: it may be busy.

        Raises
        ------
        UserError
            A node cannot run a task, or has another version of something.
        """
        self._ask_new_nodes()
        deadline = time.monotonic() + CHECK_S
        while self._tasks and (left := deadline - time.monotonic()) > 0:
            self._collect(left)
        if self._tasks:
            names = ", ".join(sorted(name for _, name in self._tasks.values()))
            print_status(f"engine: no answer within {CHECK_S:g} s from {names}; going on")

    def check_new_nodes(self) -> None:
        """Ask nodes that have joined, and look at answers that are there; errors as above."""
        self._ask_new_nodes()
        self._collect(0.0)

    def _ask_new_nodes(self) -> None:
        nodes = [
            node
            for node in ray.nodes()
            if node["Alive"] and node["Resources"].get("CPU") and node["NodeID"] not in self._asked
        ]
        for node in sorted(nodes, key=lambda node: node["NodeManagerAddress"]):
            there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            task = self._probe.options(scheduling_strategy=there).remote(PACKAGES)
            self._asked.add(node["NodeID"])
            self._tasks[task] = (node["NodeID"], node["NodeManagerAddress"])

    def _collect(self, timeout_s: float) -> None:
        """Look at the answers that come within a time, at least one if there is one."""
        if not self._tasks:
            return
        answered, _ = ray.wait(list(self._tasks), timeout=timeout_s)
        for task in answered:
            node, name = self._tasks.pop(task)
            try:
                problem = compare(self._expected, ray.get(task))
            except RayError as error:
                if not _is_alive(node):
                    continue  # it was lost before it could answer
                problem = f"cannot run a task ({one_line(error)})"
            if problem is not None:
                setting = setting_of(self._address)
                raise UserError(
                    f"{setting}: node {name} of the cluster at {self._address} {problem}"
                )


def _is_alive(node: str) -> bool:
    """Return whether Ray counts a node, given by its id, as alive."""
    return any(each["NodeID"] == node and each["Alive"] for each in ray.nodes())


def compare(expected: Installed, found: Installed) -> str | None:
    """Say in which way a node cannot run our tasks; None if it can."""
    for name, version in expected.items():
        if found[name] == version:
            continue
        if found[name] is None:
            return f"does not have the package {name}: install sitesweep there"
        if name in PACKAGES:
            return (
                f"has another version of the package {name} than this process: install the same "
                "version of sitesweep there"
            )
        return f"has {name} {found[name]}, this process {version}: install the same version there"
    return None


def make_probe() -> Callable[[tuple[str, ...]], Installed]:
    """Return a function that looks what is installed in the process that calls it.

    Ray sends a function that was defined in another function by its code, not by its name. So it
    runs also where this package is missing.
    """

    def probe(packages: tuple[str, ...]) -> Installed:
        import hashlib
        import importlib.util
        import platform
        from pathlib import Path

        import ray

        found: Installed = {"Python": platform.python_version(), "Ray": ray.__version__}
        for package in packages:
            spec = importlib.util.find_spec(package)
            if spec is None or spec.origin is None:
                found[package] = None
                continue
            folder, digest = Path(spec.origin).parent, hashlib.sha256()
            for path in sorted(folder.rglob("*.py")):
                digest.update(path.relative_to(folder).as_posix().encode())
                digest.update(path.read_bytes())
            found[package] = digest.hexdigest()
        return found

    return probe
