"""The grid of a sweep: its coordinates are computed from their numbers and never stored."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.config.sections import Config
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.predicted_time import predicted_s

_AXES = ("allocation", "structure", "replication", "scale", "alpha")
"""The coordinate columns, which number an instance."""


@dataclass(frozen=True)
class Sweep:
    """All combinations of the axis values. Networks are numbered from 0, hardest group first.

    Parameters
    ----------
    groups : tuple of (str, int)
        Pairs of allocation and scale, in the order in which they are solved.
    replications : int
        Independent draws, numbered from 0.
    structures : tuple of str
        Labels of structures.
    alphas : tuple of float
        Buy-to-fly ratios.
    """

    groups: tuple[tuple[str, int], ...]
    replications: int
    structures: tuple[str, ...]
    alphas: tuple[float, ...]

    @classmethod
    def of(cls, config: Config) -> Sweep:
        """Build the sweep of a configuration, with the groups of longest predicted time first."""
        allocations = config.network.allocations
        pairs = [(name, scale) for scale in config.sweep.scale for name in config.sweep.allocation]
        hardest_first = sorted(
            pairs,
            key=lambda pair: predicted_s(allocations[pair[0]], pair[1]),
            reverse=True,
        )
        return cls(
            tuple(hardest_first),
            config.sweep.replications,
            config.sweep.structure,
            config.sweep.alpha,
        )

    @property
    def n_networks(self) -> int:
        """Number of networks."""
        return len(self.groups) * self.replications * len(self.structures)

    @property
    def n_instances(self) -> int:
        """Number of coordinates: networks times alphas."""
        return self.n_networks * len(self.alphas)

    def network(self, number: int) -> NetworkCoordinate:
        """Return the coordinate of the network with this number."""
        rest, structure = divmod(number, len(self.structures))
        group, replication = divmod(rest, self.replications)
        allocation, scale = self.groups[group]
        return NetworkCoordinate(allocation, self.structures[structure], replication, scale)

    def done_mask(self, rows: pl.LazyFrame) -> NDArray[np.bool_]:
        """Mark the instances that have a row in a results table.

        Parameters
        ----------
        rows : LazyFrame
            Coordinate columns; rows outside the sweep are ignored.

        Returns
        -------
        ndarray of bool, shape (networks, alphas)
        """
        done = np.zeros(self.n_instances, dtype=bool)
        for batch in self.numbered_batches(rows.select(_AXES)):
            done[batch["instance"].to_numpy()] = True
        return done.reshape(self.n_networks, len(self.alphas))

    @property
    def contains(self) -> pl.Expr:
        """Expression on the coordinate columns: whether a row's instance is in the sweep."""
        return self._instance().is_not_null()

    def is_within(self, other: Sweep) -> bool:
        """Return whether another sweep has all instances of this one."""
        return (
            set(self.groups) <= set(other.groups)
            and self.replications <= other.replications
            and set(self.structures) <= set(other.structures)
            and set(self.alphas) <= set(other.alphas)
        )

    def common_mask(self, other: Sweep) -> NDArray[np.bool_]:
        """Mark the instances that another sweep has, too; shape (networks, alphas)."""
        common = np.ones(1, dtype=bool)
        for axis in (
            _is_in(self.groups, other.groups),
            np.arange(self.replications) < other.replications,
            _is_in(self.structures, other.structures),
            _is_in(self.alphas, other.alphas),
        ):
            common = np.outer(common, axis).reshape(-1)
        return common.reshape(self.n_networks, len(self.alphas))

    def with_numbers(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Keep the rows of the sweep, and add their numbers as ``network`` and ``instance``.

        Parameters
        ----------
        rows : LazyFrame
            Coordinate columns, and any others.
        """
        instance = pl.col("instance")
        return (
            rows.with_columns(instance=self._instance())
            .filter(instance.is_not_null())
            .with_columns(network=instance // len(self.alphas))
        )

    def numbered_batches(self, rows: pl.LazyFrame) -> Iterator[pl.DataFrame]:
        """Yield what `with_numbers` returns in parts, which together need little memory.

        The streaming engine would hold the whole table to look up its labels.
        """
        for batch in rows.collect_batches(maintain_order=False, engine="streaming"):
            yield self.with_numbers(batch.lazy()).collect(engine="in-memory")

    def _instance(self) -> pl.Expr:
        """Return the mixed-radix number of a row's instance, or null if it is not in the sweep."""
        group = _position(
            pl.concat_str("allocation", "scale", separator="/"),
            {f"{allocation}/{scale}": i for i, (allocation, scale) in enumerate(self.groups)},
        )
        structure = _position(pl.col("structure"), {s: i for i, s in enumerate(self.structures)})
        alpha = _position(pl.col("alpha"), {a: i for i, a in enumerate(self.alphas)})
        replication = pl.col("replication").cast(pl.Int64)
        number = (group * self.replications + replication) * len(self.structures) + structure
        inside = pl.all_horizontal(
            axis.is_not_null() for axis in (group, structure, alpha)
        ) & replication.is_between(0, self.replications - 1)
        return pl.when(inside).then(number * len(self.alphas) + alpha)


def _is_in(values: Collection[Hashable], others: Collection[Hashable]) -> NDArray[np.bool_]:
    known = frozenset(others)
    return np.fromiter((value in known for value in values), dtype=bool, count=len(values))


def _position(column: pl.Expr, positions: Mapping[str, int] | Mapping[float, int]) -> pl.Expr:
    """Replace the values of a column by their positions on an axis; null if they are not on it."""
    return column.replace_strict(positions, default=None, return_dtype=pl.Int64)
