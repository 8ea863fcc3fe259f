"""Failure bundles: for every instance that ended in error, a folder with all that reproduces it."""

from __future__ import annotations

import json
import traceback
from typing import Any

import polars as pl
import pyarrow as pa

from pipeline.config.errors import Failure
from pipeline.config.folder import Folder, join_path
from pipeline.config.sections import NetworkConfig
from pipeline.network.draw import draw
from pipeline.network.instance_io import describe, to_json, to_mps
from pipeline.results import storage
from pipeline.sweep.coordinate import NetworkCoordinate
from solvers.result import Status

FAILURES = "failures"
"""The folder of the bundles in the folder of a run."""

PROBLEM, MODEL, RUN_METADATA, LOG, COMMAND = (
    "problem.json",
    "problem.mps",
    "run.json",
    "log.txt",
    "command.txt",
)
"""Files of a bundle: the instance, model (1)-(11), the run metadata (configuration and versions),
the error message with the end of the process's log, and the command that solves it again."""


def bundle_folder(row: dict[str, Any]) -> str:
    """Return the folder of a row's bundle, relative to the run's folder."""
    name = "{allocation}-{structure}-r{replication}-s{scale}-a{alpha!r}".format(**row)
    return join_path(FAILURES, name)


class FailureBundleWriter:
    """Writes a bundle for each error row.

    Parameters
    ----------
    run : path or str
        Folder of the run.
    network : NetworkConfig
        Parameters of the network generator.
    seed : int
        Root seed of all random numbers.
    run_metadata : dict
        Configuration, versions and state of the code (see `pipeline.results.provenance`).
    """

    def __init__(
        self, run: Folder, network: NetworkConfig, seed: int, run_metadata: dict[str, Any]
    ) -> None:
        self._run = run
        self._network = network
        self._seed = seed
        self._run_metadata = json.dumps(run_metadata, indent=2, sort_keys=True) + "\n"

    def add(self, rows: pa.Table) -> None:
        """Write a bundle for each error row among the rows.

        Raises
        ------
        Failure
            A bundle cannot be written.
        """
        frame = pl.from_arrow(rows)
        assert isinstance(frame, pl.DataFrame)
        for row in frame.filter(pl.col("status") == Status.ERROR.value).iter_rows(named=True):
            bundle = join_path(self._run, bundle_folder(row))
            try:
                for name, content in self._files(row, bundle).items():
                    storage.write(bundle, name, content)
            except OSError as error:
                raise Failure(f"cannot write {bundle}: {error}") from error

    def _files(self, row: dict[str, Any], bundle: str) -> dict[str, bytes]:
        """Return the contents of a bundle's files by name."""
        command = f"python -m pipeline.commands.replay bundle={bundle}"
        log = f"{row['error']}\n"
        files = {RUN_METADATA: self._run_metadata.encode(), COMMAND: f"{command}\n".encode()}
        coordinate = NetworkCoordinate(*(row[key] for key in NetworkCoordinate._fields))
        try:
            network = draw(coordinate, self._network, self._seed)
            files[PROBLEM] = to_json(describe(coordinate, network, row["alpha"]))
            files[MODEL] = to_mps(network.problem(row["alpha"]))
        except Exception:  # the draw itself is what failed, so there is no problem to write
            log += f"\nthe instance cannot be written:\n{traceback.format_exc()}"
        return files | {LOG: log.encode()}
