"""Where rows come from: ``run.json`` and what every commit records."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from pipeline.config.errors import UserError
from pipeline.config.folder import Folder, is_remote, join_path
from pipeline.config.sections import Config, flatten
from pipeline.results import storage
from pipeline.results.schema import SCHEMA_VERSION
from pipeline.results.table import refuse_foreign, table_exists

RUN_FILE = "run.json"

PACKAGES = ("sitesweep", "ray", "gurobipy", "highspy", "numpy", "scipy", "pyarrow", "polars")


def run_metadata(config: Config, solver: str) -> dict[str, Any]:
    """Describe a run: configuration, versions, and the state of the code.

    Parameters
    ----------
    config : Config
        As resolved; it holds no secrets, those come from the environment only.
    solver : str
        Solver and licence in words.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "configuration": config.model_dump(mode="json"),
        "solver": solver,
        "versions": {"python": platform.python_version()}
        | {package: metadata.version(package) for package in PACKAGES},
        "git": _git_state(),
    }


def claim(run: Folder, record: dict[str, Any], config: Config) -> None:
    """Make a folder belong to a configuration, or check that it does already.

    The first run writes ``run.json``; it is never changed afterwards. Later runs may have other
    axes, but the same identity (see `pipeline.config.Config.identity`).

    Raises
    ------
    UserError
        The folder cannot be written, or belongs to another configuration or program.
    """
    refuse_foreign(run)
    known = is_claimed(run)
    if table_exists(run) and not known:
        raise UserError(f"{run} holds a table without a {RUN_FILE}; choose another out=")
    try:
        if not known:
            text = json.dumps(record, indent=2, sort_keys=True) + "\n"
            storage.create(run, RUN_FILE, text.encode())
        if not is_remote(run) and not os.access(run, os.W_OK):
            raise PermissionError("no permission to write")
    except OSError as error:
        raise UserError(f"out: cannot write to {run}: {error}") from None
    check(run, config)


def is_claimed(run: Folder) -> bool:
    """Whether a folder belongs to a run already.

    Raises
    ------
    UserError
        It cannot be read.
    """
    try:
        return storage.exists(run, RUN_FILE)
    except OSError as error:
        raise UserError(f"out: cannot read {run}: {error}") from None


def check(run: Folder, config: Config) -> None:
    """Make sure that a run's rows are of this configuration; axes may differ.

    Raises
    ------
    UserError
        Keys that decide what a row holds differ; the message names them.
    """
    identity = flatten(
        {key: read(run)["configuration"][key] for key in ("seed", "network", "solver")}
    )
    wanted = config.identity()
    differing = sorted(
        key for key in identity.keys() | wanted.keys() if identity.get(key) != wanted.get(key)
    )
    if differing:
        told = "; ".join(
            f"{key}: there {identity.get(key)}, now {wanted.get(key)}" for key in differing
        )
        raise UserError(
            f"{run} holds rows of another configuration ({told}); "
            "set these keys back or choose another out="
        )


def read(run: Folder) -> dict[str, Any]:
    """Read ``run.json`` of a run.

    Raises
    ------
    UserError
        It is missing, or not ours.
    """
    path = join_path(run, RUN_FILE)
    try:
        record: dict[str, Any] = json.loads(storage.read(run, RUN_FILE))
        version, configuration = record["schema_version"], record["configuration"]
        known = all(isinstance(configuration[key], kind) for key, kind in _IDENTITY.items())
    except OSError as error:
        raise UserError(f"no run in {run}: cannot read {path}: {error}") from None
    except (ValueError, KeyError, TypeError):
        known, version = False, None
    if not known or version != SCHEMA_VERSION:
        raise UserError(
            f"{path} is not of this version of sitesweep (schema version {version}, "
            f"expected {SCHEMA_VERSION}); choose another out="
        )
    return record


_IDENTITY = {"seed": int, "network": dict, "solver": dict}


def _git_state() -> dict[str, Any] | None:
    """Commit of the code and whether it was changed since; None outside a checkout."""
    folder = Path(__file__).parent

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        return None
