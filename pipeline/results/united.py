"""The tables of one or several runs as one table, if they are of the same networks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.config.errors import UserError
from pipeline.config.folder import Folder
from pipeline.config.sections import Config, validate
from pipeline.results import completeness, provenance, selections
from pipeline.results.completeness import Completeness
from pipeline.results.schema import COORDINATE
from pipeline.results.table import read_results
from pipeline.sweep.union import Union
from solvers.problem import count
from solvers.result import Status

BEST_FIRST = (
    Status.OPTIMAL,
    Status.INFEASIBLE,
    Status.TIME_LIMIT,
    Status.NO_SOLUTION,
    Status.ERROR,
)
"""Statuses in the order in which a row is preferred to another of the same instance."""

TOLERANCE = 1e-6
"""Relative error of cost and bound above which two rows contradict each other."""


@dataclass(frozen=True)
class United:
    """One table made of the tables of runs.

    Parameters
    ----------
    runs : tuple of str
        Their folders.
    table : LazyFrame
        Columns `pipeline.results.schema.RESULTS`, each instance once.
    metadata : tuple of dict
        The ``run.json`` of each run.
    configurations : tuple of Config
        The configuration of each run.
    completeness : Completeness
        Of all instances that any command asked of any of the runs.
    notes : tuple of str
        What was done to unite them, in sentences; none for a single run.
    """

    runs: tuple[str, ...]
    table: pl.LazyFrame
    metadata: tuple[dict[str, Any], ...]
    configurations: tuple[Config, ...]
    completeness: Completeness
    notes: tuple[str, ...]


def unite(runs: Sequence[Folder]) -> United:
    """Unite the tables of runs that have the same seed and network parameters.

    Their solvers and gaps may differ. Of several rows of an instance the best proven one is kept:
    in the order `BEST_FIRST`, then with the smallest gap, then of the run named first.

    Raises
    ------
    UserError
        A folder holds no run, or the networks of two runs differ.
    """
    tables = [read_results(run) for run in runs]
    metadata = [provenance.read(run) for run in runs]
    configurations = [validate(found["configuration"]) for found in metadata]
    for run, configuration in zip(runs[1:], configurations[1:], strict=True):
        _check_networks(runs[0], configurations[0], run, configuration)
    table, notes = tables[0], list[str]()
    if len(runs) > 1:
        table, notes = _best_rows(tables), _notes(tables, configurations)
    sweeps = [sweep for run in runs for sweep in selections.sweeps(run)]
    return United(
        tuple(str(run) for run in runs),
        table,
        tuple(metadata),
        tuple(configurations),
        completeness.of_union(table, Union(sweeps)),
        tuple(notes),
    )


def differing_keys(first: Config, second: Config) -> dict[str, tuple[Any, Any]]:
    """Return the keys of the identity in which two configurations differ, with both values."""
    one, other = first.identity(), second.identity()
    keys = sorted(one.keys() | other.keys())
    return {key: (one.get(key), other.get(key)) for key in keys if one.get(key) != other.get(key)}


def same_networks(keys: Iterable[str]) -> bool:
    """Return whether runs whose identities differ in these keys have the same networks."""
    return all(key.startswith("solver.") for key in keys)


def _check_networks(first_run: Folder, first: Config, run: Folder, configuration: Config) -> None:
    differing = {
        key: values
        for key, values in differing_keys(first, configuration).items()
        if not same_networks([key])
    }
    if differing:
        keys = "; ".join(f"{key}: {one}, {other}" for key, (one, other) in differing.items())
        raise UserError(
            f"{first_run} and {run} have different networks ({keys}): their rows cannot stand in "
            "one table; sitesweep compare shows how they differ"
        )


def _best_rows(tables: list[pl.LazyFrame]) -> pl.LazyFrame:
    """Return the best row of each instance, sorted by coordinate."""
    ranks = {str(status): rank for rank, status in enumerate(BEST_FIRST)}
    columns = tables[0].collect_schema().names()
    return (
        pl.concat([table.with_columns(_run=pl.lit(n)) for n, table in enumerate(tables)])
        .with_columns(_rank=pl.col("status").replace_strict(ranks, return_dtype=pl.Int64))
        .sort(*COORDINATE, "_rank", "gap", "_run", nulls_last=True)
        .unique(COORDINATE, keep="first", maintain_order=True)
        .select(columns)
    )


def _notes(tables: list[pl.LazyFrame], configurations: list[Config]) -> list[str]:
    """Say in what the runs differ, how many instances they share, and whether rows contradict."""
    differing = sorted(
        {key for other in configurations[1:] for key in differing_keys(configurations[0], other)}
    )
    shared = (
        pl.concat([table.select(*COORDINATE, "objective", "bound") for table in tables])
        .group_by(COORDINATE)
        .agg(
            n=pl.len(),
            # Every bound is below the optimum, and every solution above it.
            contradict=pl.col("bound").max() > pl.col("objective").min() * (1 + TOLERANCE),
        )
        .filter(pl.col("n") > 1)
        .select(n=pl.len(), contradict=pl.col("contradict").sum())
        .collect(engine="in-memory")
        .row(0, named=True)
    )
    notes = [
        f"{count(len(tables), 'run')} with the same seed and network parameters are shown as one "
        "table; they differ in " + (", ".join(differing) or "nothing that decides a row") + "."
    ]
    if shared["n"]:
        notes.append(
            f"Several runs have a row of {count(shared['n'], 'instance')}: the best proven one is "
            "kept (certified before uncertified, then the smaller gap, then the run named first)."
        )
    if shared["contradict"]:
        notes.append(
            f"The rows of {count(shared['contradict'], 'instance')} contradict each other: a "
            "bound of one is above the cost of another. Run sitesweep verify on each run."
        )
    return notes
