"""Rows of the paper's study as arrays: replications, allocations, structures and alphas as axes.

Statistics of groups need the networks of each replication together, and comparisons need the same
replications on both sides. Both are slices of an array.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.aggregate import REFERENCE_ALPHA
from analysis.coverage import IN_STUDY
from analysis.paper import ALLOCATIONS, ALPHAS, CLUSTERS

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

STRUCTURES = tuple(CLUSTERS)
STRUCTURES_OF = {
    clusters: tuple(label for label, number in CLUSTERS.items() if number == clusters)
    for clusters in ("one", "two")
}
"""Production clusters, "one" or "two" -> labels of the structures."""

OF_THE_PAPER = IN_STUDY & pl.col("alpha").is_in(ALPHAS)
"""True for the paper's instances, in any replication."""


@dataclass(frozen=True)
class Group:
    """The networks of some allocations with some structures.

    Attributes
    ----------
    allocations, structures : tuple of str
        Labels; every pair of them is in the group.
    """

    allocations: tuple[str, ...]
    structures: tuple[str, ...]

    @property
    def indices(self) -> tuple[list[int], list[int]]:
        """Positions of the labels on the axes of a `Study`."""
        return (
            [ALLOCATIONS.index(label) for label in self.allocations],
            [STRUCTURES.index(label) for label in self.structures],
        )


ONE = Group(ALLOCATIONS, STRUCTURES_OF["one"])
TWO = Group(ALLOCATIONS, STRUCTURES_OF["two"])
"""All networks with one, and with two production clusters."""

BY_CLUSTERS = {"one": ONE, "two": TWO}

EVERY = Group(ALLOCATIONS, STRUCTURES)
"""All networks of the study."""


@dataclass(frozen=True, eq=False)
class Study:
    """Replications of the paper's 700 instances, as far as a run has them.

    Attributes
    ----------
    replications : ndarray of int, shape (R,)
        Numbers of the replications, ascending.
    present : ndarray of bool, shape (R, 7, 25, 4)
        Whether there is a row; the axes are replication, `ALLOCATIONS`, `STRUCTURES`, `ALPHAS`.
    columns : dict of str to ndarray, shape (R, 7, 25, 4)
        Column of the rows -> its values; nan where there is no row or the row has a null.
    """

    replications: NDArray[np.int64]
    present: Booleans
    columns: dict[str, Floats]

    @classmethod
    def of_rows(cls, rows: pl.DataFrame) -> Study:
        """Arrange rows of a results table; those outside the paper's study are left out.

        Parameters
        ----------
        rows : polars.DataFrame
            The coordinate and any columns. Those of numbers and booleans are kept.
        """
        in_study = rows.filter(OF_THE_PAPER)
        replications, replication = np.unique(
            in_study.get_column("replication").to_numpy(), return_inverse=True
        )
        shape = (len(replications), len(ALLOCATIONS), len(STRUCTURES), len(ALPHAS))
        place = (
            replication,
            _positions(in_study, "allocation", ALLOCATIONS),
            _positions(in_study, "structure", STRUCTURES),
            _positions(in_study, "alpha", ALPHAS),
        )
        present = np.zeros(shape, dtype=bool)
        present[place] = True
        columns = {}
        for name, kind in in_study.schema.items():
            if kind.is_numeric() or kind == pl.Boolean:
                columns[name] = np.full(shape, np.nan)
                columns[name][place] = in_study.get_column(name).cast(pl.Float64).to_numpy()
        return cls(replications.astype(np.int64), present, columns)

    def complete(self, *groups: Group) -> Study:
        """Keep only the replications that have every row of these groups, at every alpha.

        Groups may have been computed in different numbers of replications. What they have in
        common is used, so that each network of a group has the same weight.
        """
        has_all = np.ones(len(self.replications), dtype=bool)
        for group in groups:
            allocations, structures = group.indices
            has_all &= self.present[:, allocations][:, :, structures].all(axis=(1, 2, 3))
        return replace(
            self,
            replications=self.replications[has_all],
            present=self.present[has_all],
            columns={name: values[has_all] for name, values in self.columns.items()},
        )

    def complete_replications(self) -> dict[str, int]:
        """Count for each allocation the replications that have all its rows."""
        return {label: self.complete(Group((label,), STRUCTURES)).n for label in ALLOCATIONS}

    @property
    def n(self) -> int:
        """Number of replications."""
        return len(self.replications)

    def values(self, column: str, group: Group, alpha: float) -> Floats:
        """Return a column of a group's networks at one alpha, shape (R, networks)."""
        allocations, structures = group.indices
        values = self.columns[column][..., ALPHAS.index(alpha)]
        networks = len(allocations) * len(structures)
        return np.reshape(values[:, allocations][:, :, structures], (self.n, networks))

    def percent(
        self, column: str, group: Group, alpha: float, reference: float = REFERENCE_ALPHA
    ) -> Floats:
        """Return the values in percent of the same network's at another alpha, shape as `values`.

        nan where the reference is 0 or one of the two has no value.
        """
        own, base = self.values(column, group, alpha), self.values(column, group, reference)
        with np.errstate(divide="ignore", invalid="ignore"):
            # Divide first, then multiply: a value divided by itself gives exactly 100.
            percent: Floats = 100 * (own / np.where(base == 0, np.nan, base))
        return percent

    def uncertified(self, *groups: Group) -> int:
        """Count the rows of groups whose value is not proven optimal; it is used as it is."""
        total = 0
        for group in set(groups):
            for alpha in ALPHAS:
                unproven = self.values("certified", group, alpha) == 0
                total += int((unproven & np.isfinite(self.values("z1", group, alpha))).sum())
        return total


def _positions(rows: pl.DataFrame, column: str, labels: tuple[object, ...]) -> NDArray[np.int64]:
    """Return the position of each row's label on its axis."""
    numbers = {label: number for number, label in enumerate(labels)}
    return (
        rows.get_column(column).replace_strict(numbers, return_dtype=pl.Int64).to_numpy()
        if rows.height
        else np.zeros(0, dtype=np.int64)
    )
