"""The union of several sweeps: what all commands together asked of one folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.sweep.grid import Sweep


class Union:
    """The instances of several sweeps, each counted once.

    Parameters
    ----------
    sweeps : sequence of Sweep
        At least one. Memory is one Boolean per instance of the largest one.
    """

    def __init__(self, sweeps: Sequence[Sweep]) -> None:
        largest_first = sorted(dict.fromkeys(sweeps), key=lambda sweep: -sweep.n_instances)
        self._sweeps: list[Sweep] = []
        for sweep in largest_first:
            if not any(sweep.is_within(larger) for larger in self._sweeps):
                self._sweeps.append(sweep)

    @property
    def n_instances(self) -> int:
        """Number of distinct instances."""
        return sum(int(own.sum()) for _, own in self.parts())

    def parts(self) -> Iterator[tuple[Sweep, NDArray[np.bool_]]]:
        """Yield each sweep, and which of its instances no sweep before it has.

        Yields
        ------
        sweep : Sweep
        own : ndarray of bool, shape (networks, alphas)
        """
        for number, sweep in enumerate(self._sweeps):
            own = np.ones((sweep.n_networks, len(sweep.alphas)), dtype=bool)
            for earlier in self._sweeps[:number]:
                own &= ~sweep.common_mask(earlier)
            yield sweep, own

    def rows(self, table: pl.LazyFrame) -> pl.LazyFrame:
        """Keep the rows of a results table that belong to the union."""
        return table.filter(pl.any_horizontal(sweep.contains for sweep in self._sweeps))
