"""What the stored solutions say about places: which sites are open, and how near to customers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.aggregate import NETWORK, REFERENCE_ALPHA

Floats = NDArray[np.float64]


class Positions(Protocol):
    """What is needed of a network; positions in km, shape (nodes, 2), and demand in t."""

    @property
    def sites(self) -> Floats:
        """Positions of the potential sites."""
        ...

    @property
    def customers(self) -> Floats:
        """Positions of the customers."""
        ...

    @property
    def demand(self) -> NDArray[np.int64]:
        """Demand of each customer."""
        ...


DrawNetworks = Callable[[Iterable[tuple[str, str, int, int]]], Iterator[Positions]]
"""Draws networks again, from the values of the columns `analysis.aggregate.NETWORK`."""


def add_open_sets(rows: pl.DataFrame) -> pl.DataFrame:
    """Compare the open sites of each row with those of the same network at the reference alpha.

    Parameters
    ----------
    rows : polars.DataFrame
        The coordinate and ``open_sites``.

    Returns
    -------
    polars.DataFrame
        With ``other_set`` (whether the two sets differ) and ``new_sites`` (how many sites are
        open that are closed at the reference); null if one of the two has no solution.
    """
    reference = rows.filter(pl.col("alpha") == REFERENCE_ALPHA).select(
        *NETWORK, _reference="open_sites"
    )
    own, other = pl.col("open_sites").list, pl.col("_reference")
    return (
        rows.join(reference, on=NETWORK, how="left")
        .with_columns(
            new_sites=own.set_difference(other).list.len().cast(pl.Int64),
            other_set=own.set_symmetric_difference(other).list.len() > 0,
        )
        .drop("_reference")
    )


def add_distances(rows: pl.DataFrame, draw: DrawNetworks) -> pl.DataFrame:
    """Compute how far production is from the customers, and how far a tonne travels to them.

    Parameters
    ----------
    rows : polars.DataFrame
        The coordinate and ``assignment``.
    draw : callable
        Draws the networks again.

    Returns
    -------
    polars.DataFrame
        In another order, with ``haul_km``, the mean distance from a site to its customers, and
        ``centre_km``, the distance between the centre of production and the centre of demand. Each
        tonne has the same weight. Null without a solution.
    """
    # A network without any solution may be one that cannot be drawn.
    has_solution = pl.col("assignment").is_not_null()
    solved = rows.filter(has_solution).sort(*NETWORK, "alpha")
    networks = solved.select(NETWORK).unique(maintain_order=True)
    groups = solved.group_by(NETWORK, maintain_order=True)
    distances = [
        _distances(network, assignment)
        for (_, group), network in zip(groups, draw(networks.iter_rows()), strict=True)
        for assignment in group.get_column("assignment")
    ]
    haul, centre = zip(*distances, strict=True) if distances else ((), ())
    with_distances = solved.with_columns(
        haul_km=pl.Series(haul, dtype=pl.Float64), centre_km=pl.Series(centre, dtype=pl.Float64)
    )
    return pl.concat([with_distances, rows.filter(~has_solution)], how="diagonal")


def _distances(network: Positions, assignment: pl.Series) -> tuple[float, float]:
    """Return `haul_km` and `centre_km` of one solution."""
    steps = network.sites[assignment.to_numpy()] - network.customers
    weights = network.demand / network.demand.sum()
    haul = weights @ np.sqrt((steps**2).sum(axis=1))
    # A site produces what its customers demand, so the two centres differ by the mean step.
    centre = np.sqrt(((weights @ steps) ** 2).sum())
    return float(haul), float(centre)
