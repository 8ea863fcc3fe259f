"""The selections of a run: which instances the commands that added to it asked for.

Each command stores its sweep in the folder ``selections`` before it solves anything, whatever its
shard. So a folder says by itself what is missing, also if a command was stopped early.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress

from pipeline.config.errors import Failure, UserError
from pipeline.config.folder import Folder, join_path
from pipeline.config.sections import Config, validate
from pipeline.results import provenance, storage
from pipeline.sweep.grid import Sweep
from pipeline.sweep.union import Union

FOLDER = "selections"


def record(config: Config) -> None:
    """Store the sweep of a command in its run's folder; the same sweep is stored once.

    Raises
    ------
    Failure
        The folder cannot be written.
    """
    sweep = config.sweep.model_dump(mode="json", exclude={"name"})
    content = (json.dumps(sweep, sort_keys=True) + "\n").encode()
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.json"
    folder = join_path(config.out, FOLDER)
    try:
        storage.create(folder, name, content)
    except OSError as error:
        raise Failure(f"cannot write {join_path(folder, name)}: {error}") from error


def union(run: Folder, *others: Sweep) -> Union:
    """Return all instances that the commands of a run asked for, and those of other sweeps.

    Raises
    ------
    UserError
        The folder holds no run of this version, or a selection cannot be read.
    """
    return Union([*sweeps(run), *others])


def sweeps(run: Folder) -> list[Sweep]:
    """Return the sweeps that the commands of a run asked for; see `union`."""
    configuration = provenance.read(run)["configuration"]
    folder = join_path(run, FOLDER)
    # The sweep of the first command is in run.json, too: it counts even if that command was killed
    # before it stored its selection.
    sections = [configuration["sweep"]]
    try:
        with suppress(FileNotFoundError):
            for name in storage.file_sizes(folder):
                stored = json.loads(storage.read(folder, name))
                sections.append({**stored, "name": configuration["sweep"]["name"]})
        return [Sweep.of(validate({**configuration, "sweep": section})) for section in sections]
    except (OSError, ValueError, TypeError, UserError) as error:
        raise UserError(f"cannot read the selections in {folder}: {error}") from None
