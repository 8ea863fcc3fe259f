"""Run metadata: ``run.json`` of a run's folder, and what every commit records."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from pipeline.config.errors import UserError
from pipeline.config.folder import Folder, is_remote, join_path
from pipeline.config.sections import Config, validate
from pipeline.results import storage
from pipeline.results.schema import SCHEMA_VERSION
from pipeline.results.table import check_results_folder, other_version, table_exists

RUN_FILE = "run.json"

PACKAGES = ("sitesweep", "ray", "gurobipy", "highspy", "numpy", "scipy", "pyarrow", "polars")
"""Packages whose versions are recorded."""

_IDENTITY_TYPES = {"seed": int, "network": dict, "solver": dict}
"""Sections of the configuration that decide what a row holds, and their types in ``run.json``."""


def run_metadata(config: Config, solver: str) -> dict[str, Any]:
    """Describe a run: configuration, versions, and the state of the code.

    Parameters
    ----------
    config : Config
        The complete configuration; it holds no secrets, which come from the environment only.
    solver : str
        Solver and licence in words.
    """
    versions = {package: _version(package) for package in PACKAGES}
    return {
        "schema_version": SCHEMA_VERSION,
        "configuration": config.model_dump(mode="json"),
        "solver": solver,
        "versions": {"python": platform.python_version()} | versions,
        "git": _git_state(),
    }


def create_or_check_run_file(run: Folder, metadata: dict[str, Any], config: Config) -> None:
    """Write ``run.json`` into a new folder, or check that an existing one fits the configuration.

    The first run writes ``run.json``; it is never changed afterwards. Later runs may have other
    axes, but must have the same identity (see `pipeline.config.sections.Config.identity`).

    Raises
    ------
    UserError
        The folder cannot be written, or belongs to another configuration or program.
    """
    check_results_folder(run)
    # In this order: another shard creates first the file and then the table.
    has_table = table_exists(run)
    exists = has_run_file(run)
    if has_table and not exists:
        raise UserError(f"{run} holds a table without a {RUN_FILE}; choose another out=")
    try:
        if not exists:
            text = json.dumps(metadata, indent=2, sort_keys=True) + "\n"
            storage.create(run, RUN_FILE, text.encode())
        if not is_remote(run) and not os.access(run, os.W_OK):
            raise PermissionError("no permission to write")
    except OSError as error:
        raise UserError(f"out: cannot write to {run}: {error}") from None
    check_identity(run, config)


def has_run_file(run: Folder) -> bool:
    """Return whether a folder holds a ``run.json``, so belongs to a run.

    Raises
    ------
    UserError
        It cannot be read.
    """
    try:
        return storage.exists(run, RUN_FILE)
    except OSError as error:
        raise UserError(f"out: cannot read {run}: {error}") from None


def check_identity(run: Folder, config: Config) -> None:
    """Check that a run and a configuration have the same identity; their axes may differ.

    Raises
    ------
    UserError
        Keys that decide what a row holds differ; the message names them.
    """
    stored = validate(read(run)["configuration"]).identity()
    wanted = config.identity()
    differing = sorted(
        key for key in stored.keys() | wanted.keys() if stored.get(key) != wanted.get(key)
    )
    if differing:
        differences = "; ".join(
            f"{key}: there {stored.get(key)}, now {wanted.get(key)}" for key in differing
        )
        raise UserError(
            f"{run} holds rows of another configuration ({differences}); "
            "set these keys back or choose another out="
        )


def read(run: Folder) -> dict[str, Any]:
    """Read the ``run.json`` of a run.

    Raises
    ------
    UserError
        It is missing, or was not written by this version of sitesweep.
    """
    path = join_path(run, RUN_FILE)
    try:
        metadata: dict[str, Any] = json.loads(storage.read(run, RUN_FILE))
        version, configuration = metadata["schema_version"], metadata["configuration"]
        is_valid = all(
            isinstance(configuration[key], kind) for key, kind in _IDENTITY_TYPES.items()
        )
    except OSError as error:
        raise UserError(f"no run in {run}: cannot read {path}: {error}") from None
    except (ValueError, KeyError, TypeError):
        is_valid, version = False, None
    if not is_valid or version != SCHEMA_VERSION:
        raise UserError(other_version(path, version))
    return metadata


def describe_program() -> str:
    """Return the version of this program, and the state of its code, in words."""
    git = _git_state()
    commit = (
        f", commit {git['commit']}" + (" with changes since" if git["dirty"] else "") if git else ""
    )
    return f"sitesweep {_version('sitesweep')}{commit}"


def _version(package: str) -> str | None:
    """Return the version of a package; None if it is not installed, as gurobipy need not be."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _git_state() -> dict[str, Any] | None:
    """Return the commit of the code and whether it was changed since; None outside a checkout."""
    folder = Path(__file__).parent

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        return None
