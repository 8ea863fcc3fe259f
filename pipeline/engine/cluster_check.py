"""Whether the nodes of a Ray cluster can run our tasks: a small task on each of them asks.

Ray itself compares the versions of Ray and Python of the driver with those of the head. It does not
know of this package: without the check, another version of it on a node would give rows that nobody
could explain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from pipeline.config.command import print_status
from pipeline.config.errors import UserError, one_line

PACKAGES = ("pipeline", "solvers")
"""Top-level packages that a task imports."""

CHECK_S = 30.0
"""Seconds to wait for the answers: a node has to start a Python process."""

Installed = dict[str, str | None]
"""Versions of Python and Ray, and the SHA-256 of each package's sources; None: not installed."""


def check_nodes(address: str) -> None:
    """Check that all nodes with cores have the driver's Python, Ray and sources of the packages.

    A node that does not answer in time is reported, and not an error: it may be busy.

    Raises
    ------
    UserError
        A node cannot run a task, or has another version of something.
    """
    probe = make_probe()
    expected = probe(PACKAGES)
    nodes = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]
    ask: Any = ray.remote(num_cpus=0, max_retries=0)(probe)
    tasks: dict[Any, str] = {}
    for node in sorted(nodes, key=lambda node: node["NodeManagerAddress"]):
        ask_there = ask.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        )
        tasks[ask_there.remote(PACKAGES)] = node["NodeManagerAddress"]
    if not tasks:
        return  # an autoscaler starts the nodes only when tasks are queued
    answered, silent = ray.wait(list(tasks), num_returns=len(tasks), timeout=CHECK_S)
    for task in answered:
        try:
            problem = compare(expected, ray.get(task))
        except RayError as error:
            problem = f"cannot run a task ({one_line(error)})"
        if problem is not None:
            raise UserError(
                f"engine.address: node {tasks[task]} of the cluster at {address} {problem}"
            )
    if silent:
        names = ", ".join(tasks[task] for task in silent)
        print_status(f"engine: no answer within {CHECK_S:g} s from {names}; going on")


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
