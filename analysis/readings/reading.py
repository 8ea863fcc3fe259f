"""Runs as readings of the generator: which one, and its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analysis.coverage import select_study_rows
from analysis.paper import ALPHAS
from pipeline.config.errors import UserError
from pipeline.config.sections import Config, NetworkConfig, validate
from pipeline.results import provenance
from pipeline.results.schema import COORDINATE
from pipeline.results.table import read_results

KEYS = ("cluster_sd_km", "cluster_means_km", "outside_grid")
"""Keys of ``network`` in which readings differ."""

LITERAL_MEANS_KM, LITERAL_OUTSIDE = (25.0, 75.0), "rescaled"
"""What the paper's text says of the means of clusters, and of what lies outside the grid."""

COLUMNS = (*COORDINATE, "status", "z1", "z2", "z3_first", "z3_second", "z4", "total_demand")
"""The columns of the results table that are needed."""


@dataclass(frozen=True, eq=False)
class Reading:
    """A reading of the generator with the rows of the paper's networks drawn by it.

    Attributes
    ----------
    name : str
        The reading in words, such as ``25 km``.
    rows : polars.DataFrame
        Rows with a solution at the paper's alphas: `COLUMNS` and ``clusters`` ("one" or "two").
    """

    name: str
    rows: pl.DataFrame


def describe(network: NetworkConfig) -> str:
    """Describe a reading: the standard deviation of a cluster, and what is not literal."""
    parts = [f"{network.cluster_sd_km:g} km"]
    if network.cluster_means_km != LITERAL_MEANS_KM:
        parts.append("means at {:g} and {:g} km".format(*network.cluster_means_km))
    if network.outside_grid != LITERAL_OUTSIDE:
        parts.append(f"outside {network.outside_grid}")
    return ", ".join(parts)


def load(runs: Sequence[str]) -> list[Reading]:
    """Read the rows of runs; those of the same reading are united.

    Parameters
    ----------
    runs : sequence of str
        Folders. Several may hold parts of one reading, such as allocations solved to another gap.
        An instance that several of them hold is taken from the first.

    Returns
    -------
    list of Reading
        In the order of the runs.

    Raises
    ------
    UserError
        A folder holds no run, or the runs differ in seed or network in more than the reading.
    """
    configs = [validate(provenance.read(run)["configuration"]) for run in runs]
    for run, config in zip(runs, configs, strict=True):
        _check_comparable(runs[0], configs[0], run, config)
    parts: dict[str, list[pl.DataFrame]] = {}
    for run, config in zip(runs, configs, strict=True):
        rows = read_results(run).select(COLUMNS).collect(engine="in-memory")
        parts.setdefault(describe(config.network), []).append(select(rows))
    return [
        Reading(name, pl.concat(frames).unique(COORDINATE, keep="first", maintain_order=True))
        for name, frames in parts.items()
    ]


def select(rows: pl.DataFrame) -> pl.DataFrame:
    """Select the rows of the paper's networks that have a solution, see `Reading`."""
    return select_study_rows(rows).filter(
        pl.col("alpha").is_in(ALPHAS) & pl.col("z1").is_not_null()
    )


def _check_comparable(first: str, wanted: Config, run: str, config: Config) -> None:
    """Check that two runs have the same seed, and networks that differ in their reading only."""
    values = {"seed": (wanted.seed, config.seed)}
    for key in NetworkConfig.model_fields:
        if key not in KEYS:
            values[f"network.{key}"] = (getattr(wanted.network, key), getattr(config.network, key))
    for key, (there, here) in values.items():
        if there != here:
            raise UserError(f"{run}: {key} is {here}, in {first} {there}; expected the same")
