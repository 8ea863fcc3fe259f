"""The problem: a two-stage capacitated facility location problem with a buy-to-fly ratio."""

from __future__ import annotations

import math
from copy import copy
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

MAX_TONNES = 2.0**53
"""Whole numbers below this are exact as doubles; so are their sums."""
MAX_COST = 1e290
"""Costs below this can be multiplied by numbers of nodes and added up."""


class ProblemError(ValueError):
    """The data do not describe a problem; the message names the field and what it must be."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Data of model (1)-(11) of Barz, Buer and Haasis, in the paper's order of indices.

    I sources supply J potential sites, which supply K customers. Costs are per tonne, in
    any unit of money or distance that the caller uses throughout. Arrays are copied, converted and
    made read-only.

    Parameters
    ----------
    inbound : array_like, shape (I, J)
        t_ij, cost of a tonne of raw material from source i to site j; >= 0.
    outbound : array_like, shape (K, J)
        c_kj, cost of a tonne of product from site j to customer k; >= 0.
    demand : array_like of int, shape (K,)
        d_k, tonnes of product; >= 1.
    capacity : array_like, shape (J,)
        s_j, tonnes of product that site j can make; >= 0.
    fixed_cost : array_like, shape (J,)
        f_j, cost of opening site j; >= 0.
    supply : array_like, shape (I,)
        p_i, tonnes of raw material that source i can deliver; >= 0.
    alpha : float
        Buy-to-fly ratio: tonnes of raw material for a tonne of product; > 0.

    Raises
    ------
    ProblemError
        A field has the wrong shape, is not finite or is out of its range; or total demand, raw
        material or cost are too large for doubles.

    Examples
    --------
    >>> from sitesweep import Problem
    >>> Problem(
    ...     inbound=[[1, 5]],
    ...     outbound=[[3, 1], [2, 2]],
    ...     demand=[4, 6],
    ...     capacity=[10, 10],
    ...     fixed_cost=[2, 3],
    ...     supply=[100],
    ...     alpha=2,
    ... )
    Problem(1 source, 2 sites, 2 customers, alpha 2, demand 10 t)
    """

    inbound: Floats
    outbound: Floats
    demand: Integers
    capacity: Floats
    fixed_cost: Floats
    supply: Floats
    alpha: float

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name != "alpha":
                object.__setattr__(self, field.name, _array(field.name, getattr(self, field.name)))
        object.__setattr__(self, "demand", _whole(self.demand))
        _check_shapes(self)
        self._set_alpha(self.alpha)

    def __repr__(self) -> str:
        sizes = (
            count(self.n_sources, "source"),
            count(self.n_sites, "site"),
            count(self.n_customers, "customer"),
        )
        return f"Problem({', '.join(sizes)}, alpha {self.alpha:g}, demand {self.total_demand:,} t)"

    def with_alpha(self, alpha: float) -> Problem:
        """Return the same problem with another buy-to-fly ratio; it shares the arrays.

        Raises
        ------
        ProblemError
            As for a new problem.
        """
        other = copy(self)
        other._set_alpha(alpha)
        return other

    def _set_alpha(self, alpha: float) -> None:
        if isinstance(alpha, bool) or not isinstance(alpha, (int, float, np.number)):
            raise ProblemError(f"alpha: expected a number > 0, got {alpha!r}")
        if not (math.isfinite(alpha) and alpha > 0):
            raise ProblemError(f"alpha: expected a finite number > 0, got {alpha}")
        object.__setattr__(self, "alpha", float(alpha))
        _check_magnitudes(self)

    @property
    def n_sources(self) -> int:
        """I, the number of sources."""
        return len(self.supply)

    @property
    def n_sites(self) -> int:
        """J, the number of potential sites."""
        return len(self.capacity)

    @property
    def n_customers(self) -> int:
        """K, the number of customers."""
        return len(self.demand)

    @property
    def total_demand(self) -> int:
        """Sum of d_k, tonnes of product."""
        return int(self.demand.sum())


def count(number: int, noun: str) -> str:
    """Write a number of things: ``1 site``, ``2 sites``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _array(name: str, values: ArrayLike) -> Floats:
    """Return a read-only copy of the values as finite floats >= 0."""
    try:
        array: NDArray[Any] = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        one_line = " ".join(repr(values).split())
        raise ProblemError(f"{name}: expected numbers, got {one_line:.60}") from error
    if not np.isfinite(array).all():
        raise ProblemError(f"{name}: expected finite numbers, found inf or nan")
    if (array < 0).any():
        raise ProblemError(f"{name}: expected numbers >= 0, found {array.min()}")
    array.setflags(write=False)
    return array


def _whole(demand: NDArray[Any]) -> Integers:
    """Return the demand as read-only integers >= 1."""
    if (demand < 1).any() or (demand % 1 != 0).any():
        raise ProblemError("demand: expected whole tonnes >= 1 for every customer")
    with np.errstate(over="ignore"):
        total = float(demand.sum())
    if total >= MAX_TONNES:
        raise ProblemError(f"demand: expected less than 2**53 t in total, got {total:g}")
    whole = demand.astype(np.int64)
    whole.setflags(write=False)
    return whole


def _check_shapes(problem: Problem) -> None:
    """Raise unless all arrays agree on I, J and K."""
    for name in ("demand", "capacity", "supply"):
        array = getattr(problem, name)
        if array.ndim != 1 or array.size == 0:
            raise ProblemError(f"{name}: expected a list of at least one number")
    sources, sites, customers = problem.n_sources, problem.n_sites, problem.n_customers
    expected = {
        "inbound": (sources, sites),
        "outbound": (customers, sites),
        "fixed_cost": (sites,),
    }
    for name, shape in expected.items():
        found = getattr(problem, name).shape
        if found != shape:
            raise ProblemError(f"{name}: expected shape {shape}, got {found}")


def _check_magnitudes(problem: Problem) -> None:
    """Raise unless doubles can hold all flows and the cost of every solution."""
    material = problem.alpha * problem.total_demand
    if material >= MAX_TONNES:
        raise ProblemError(
            f"alpha: expected less than 2**53 t of raw material in total, got {material:g}"
        )
    with np.errstate(over="ignore"):
        highest = {
            "inbound": material * float(problem.inbound.max()),
            "outbound": problem.total_demand * float(problem.outbound.max()),
            "fixed_cost": float(problem.fixed_cost.sum()),
        }
    for name, cost in highest.items():
        if not cost < MAX_COST:
            raise ProblemError(f"{name}: expected costs below {MAX_COST:g} in total, got {cost:g}")
