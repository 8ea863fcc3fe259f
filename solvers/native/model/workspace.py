"""Work arrays and solutions of the Lagrangian subproblems."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.model.memory_limits import MAX_SURPLUS_CELLS, cover_unit
from solvers.native.model.problem_data import Flags, ProblemData
from solvers.problem import Floats, Integers

SITES, MULTIPLIERS, MARGIN = range(3)
"""Indices of `Workspace.parts`: minimum over sites, sum of multipliers, margin for rounding."""

PRICE, STEP, LOSS, UPPER = range(4)
"""Indices of `Workspace.pricing`: price of a tonne of surplus, its last change, the largest loss of
interest, and H; see `solvers.native.bound.surplus_distribution`."""

ROUNDING = 8 * 2.0**-53
"""Bound on the rounding error of a bound, as a multiple of M (J + K): see
`solvers.native.bound.lagrangian`."""


class Core(NamedTuple):
    """Work space of a knapsack; see `solvers.native.bound.knapsack_core`.

    Attributes
    ----------
    order : ndarray of int, shape (K,)
        The items, as they are ordered by partitions.
    ratio : ndarray, shape (K,)
        Profit per tonne of each item.
    item, profit, weight, take : ndarray, shape (K,)
        The items of the core, and which of them are in the solution.
    """

    order: Integers
    ratio: Floats
    item: Integers
    profit: Floats
    weight: Integers
    take: Flags


def make_core(customers: int) -> Core:
    """Allocate the work space for knapsacks of up to ``customers`` items."""
    return Core(
        order=np.zeros(customers, np.int64),
        ratio=np.zeros(customers),
        item=np.zeros(customers, np.int64),
        profit=np.zeros(customers),
        weight=np.zeros(customers, np.int64),
        take=np.zeros(customers, np.uint8),
    )


class Workspace(NamedTuple):
    """Work arrays and solutions of the subproblems.

    Attributes
    ----------
    table, backward : ndarray, shape (K + 1, largest capacity + 1)
        Tables of one knapsack, filled from the first and from the last item.
    profit, weight, pair, take : ndarray, shape (K,)
        Items of one knapsack: profit, tonnes, index of the pair, and whether the item is taken.
    core : Core
        The part of one knapsack that is not fixed before its table is filled.
    reduced_cost : ndarray, shape (J,)
        u_j, cost of opening a site less the optimum of its knapsack.
    is_open : ndarray of uint8, shape (J,)
        y_j, 1 for a site that is open in the solution.
    cover_unit : ndarray of int, shape (1,)
        g, unit of the tonnes of the min-knapsack.
    cover_forward, cover_backward : ndarray
        Tables of the min-knapsack: cheapest cost and choice of each site for each demand; costs
        from the first and from the last site on. See `solvers.native.bound.min_knapsack`.
    site_tables : ndarray, shape (J, K + 1, largest capacity + 1)
        Tables of all knapsacks, for the surplus-capacity bound; empty if the problem is too large
        for it.
    site_profit : ndarray, shape (J, largest T + 1)
        h_j(q), profit of each site that leaves exactly q tonnes unused.
    prefix, suffix : ndarray, shape (J + 1, largest T + 1)
        Greatest total profit of the first sites, and of the last sites, that together leave exactly
        t tonnes unused.
    other_sites_profit : ndarray, shape (largest T + 1,)
        The same of all sites but one.
    best_profit : ndarray, shape (J,)
        H_j, largest priced profit of each site.
    pricing : ndarray, shape (4,)
        PRICE, STEP, LOSS and UPPER.
    lanes : ndarray, shape (largest T / 8 + 1,)
        Work space of `solvers.native.bound.surplus_distribution`.
    use_surplus : ndarray of uint8, shape (1,)
        1 if the surplus-capacity bound may be used.
    unused : ndarray of int, shape (J,)
        Work space of the heuristics: tonnes of each site.
    serves : ndarray of uint8, shape (J K,)
        z_jk of each pair, in the order of `NodeProblem.item`.
    times_served : ndarray of int, shape (K,)
        Number of open sites that serve a customer in the solution.
    if_open, if_closed : ndarray, shape (J,)
        Bounds with a site forced open and forced closed, by `compute_penalties`.
    parts : ndarray, shape (3,)
        Parts of the bound: SITES, MULTIPLIERS and MARGIN.
    stop : ndarray of uint8, shape (1,)
        1 when the time limit is over: another thread sets it, and compiled loops read it.
    """

    table: Floats
    backward: Floats
    profit: Floats
    weight: Integers
    pair: Integers
    take: Flags
    core: Core
    unused: Integers
    reduced_cost: Floats
    is_open: Flags
    cover_unit: Integers
    cover_forward: Floats
    cover_backward: Floats
    site_tables: Floats
    site_profit: Floats
    prefix: Floats
    suffix: Floats
    other_sites_profit: Floats
    best_profit: Floats
    pricing: Floats
    lanes: Floats
    use_surplus: Flags
    serves: Flags
    times_served: Integers
    if_open: Floats
    if_closed: Floats
    parts: Floats
    stop: Flags


def make_workspace(data: ProblemData, max_surplus: int) -> Workspace:
    """Allocate the work arrays of a problem, with tables for a surplus T up to ``max_surplus``."""
    sites, customers = data.cost.shape
    largest = int(data.capacity.max())
    surplus = largest_surplus(data, max_surplus)
    unit = cover_unit(sites, data.total_demand, largest)
    widest = (data.total_demand + largest) // unit + 2
    return Workspace(
        table=np.zeros((customers + 1, largest + 1)),
        backward=np.zeros((customers + 1, largest + 1)),
        profit=np.zeros(customers),
        weight=np.zeros(customers, np.int64),
        pair=np.zeros(customers, np.int64),
        take=np.zeros(customers, np.uint8),
        core=make_core(customers),
        unused=np.zeros(sites, np.int64),
        reduced_cost=np.zeros(sites),
        is_open=np.zeros(sites, np.uint8),
        cover_unit=np.full(1, unit, np.int64),
        cover_forward=np.zeros((sites + 1, widest)),
        cover_backward=np.zeros((sites + 1, data.total_demand // unit + 2)),
        site_tables=np.zeros((sites if surplus >= 0 else 0, customers + 1, largest + 1)),
        site_profit=np.zeros((sites, surplus + 1)),
        prefix=np.zeros((sites + 1, surplus + 1)),
        suffix=np.zeros((sites + 1, surplus + 1)),
        other_sites_profit=np.zeros(surplus + 1),
        best_profit=np.zeros(sites),
        pricing=np.zeros(4),
        lanes=np.zeros(surplus // 8 + 1),
        use_surplus=np.ones(1, np.uint8),
        serves=np.zeros(sites * customers, np.uint8),
        times_served=np.zeros(customers, np.int64),
        if_open=np.zeros(sites),
        if_closed=np.zeros(sites),
        parts=np.zeros(3),
        stop=np.zeros(1, np.uint8),
    )


def largest_surplus(data: ProblemData, max_surplus: int) -> int:
    """Return ``max_surplus``, or -1 if the tables would be too large."""
    sites, customers = data.cost.shape
    cells = sites * (customers + 1.0) * (float(data.capacity.max()) + 1.0)
    return max_surplus if cells <= MAX_SURPLUS_CELLS else -1
