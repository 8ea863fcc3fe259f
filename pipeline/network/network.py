"""A network: positions of its nodes, demands, capacities and costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solvers.problem import Floats, Integers, Problem, count


@dataclass(frozen=True, eq=False)
class Network:
    """A drawn network, without its buy-to-fly ratio.

    Parameters
    ----------
    sources, sites, customers : ndarray, shape (I, 2), (J, 2), (K, 2)
        Positions east and north of the south-west corner, km.
    demand : ndarray of int, shape (K,)
        d_k, t.
    capacity : ndarray of int, shape (J,)
        s_j, t.
    fixed_cost : ndarray, shape (J,)
        f_j, tkm.
    supply : ndarray, shape (I,)
        p_i, t.
    draw_attempt : int
        Number of the first draw of demand and capacity with enough capacity, from 1.

    Examples
    --------
    >>> from sitesweep import draw_network
    >>> network = draw_network("A6", "C3")
    >>> network.sites.shape, network.problem(alpha=5)
    ((20, 2), Problem(60 sources, 20 sites, 10 customers, alpha 5, demand 348 t))
    """

    sources: Floats
    sites: Floats
    customers: Floats
    demand: Integers
    capacity: Integers
    fixed_cost: Floats
    supply: Floats
    draw_attempt: int

    def __repr__(self) -> str:
        sizes = ", ".join(
            count(len(nodes), noun)
            for nodes, noun in (
                (self.sources, "source"),
                (self.sites, "site"),
                (self.customers, "customer"),
            )
        )
        demand, capacity = int(self.demand.sum()), int(self.capacity.sum())
        return f"Network({sizes}, demand {demand:,} t, capacity {capacity:,} t)"

    def map_svg(self) -> str:
        """Return a map as SVG, for a file; a notebook shows it by itself."""
        # Imported here: workers draw networks too, and matplotlib takes time and memory.
        from pipeline.plotting.network_map import draw_map
        from pipeline.plotting.style import inline_svg, to_svg

        return inline_svg(to_svg(draw_map(self)), repr(self))

    def _repr_html_(self) -> str:
        return f"{self.map_svg()}<p>{self!r}</p>"

    @cached_property
    def _problem_of_alpha_1(self) -> Problem:
        return Problem(
            inbound=distances_km(self.sources, self.sites),
            outbound=distances_km(self.customers, self.sites),
            demand=self.demand,
            capacity=self.capacity.astype(float),
            fixed_cost=self.fixed_cost,
            supply=self.supply,
            alpha=1,
        )

    def problem(self, alpha: float) -> Problem:
        """Build the problem of model (1)-(11) on this network; a cost per tonne is a distance."""
        return self._problem_of_alpha_1.with_alpha(alpha)


def distances_km(rows: Floats, columns: Floats) -> Floats:
    """Return the Euclidean distances between two sets of points, shape (rows, columns), km."""
    difference = rows[:, None, :] - columns[None, :, :]
    # IEEE sums and square roots are the same on every machine; np.hypot need not be.
    distance: Floats = np.sqrt(difference[..., 0] ** 2 + difference[..., 1] ** 2)
    return distance
