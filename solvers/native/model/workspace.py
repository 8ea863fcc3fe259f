"""Work space of the subproblems, and where they leave their solutions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.model.parameters import MAX_SURPLUS_CELLS, MAX_SURPLUS_T
from solvers.native.model.problem_data import Flags, ProblemData
from solvers.problem import Floats, Integers

SITES, MULTIPLIERS, MARGIN = range(3)
"""Parts of a bound in `Workspace.parts`: the cover, the sum of prices, what is taken off."""

ROUNDING = 8 * 2.0**-53
"""Of M (J + K): what a bound may be too high by rounding; see `solvers.native.bound.lagrangian`."""


class Workspace(NamedTuple):
    """Work space and solutions.

    Attributes
    ----------
    table, backward : ndarray, shape (K + 1, largest capacity + 1)
        Of one knapsack.
    profit, weight, pair, take : ndarray, shape (K,)
        One site's items: gain, tonnes, index of the pair, and whether it is taken.
    reduced_cost : ndarray, shape (J,)
        u_j.
    is_open : ndarray of uint8, shape (J,)
        y_j.
    cover_cost, cover_pick, cover_forward, cover_backward : ndarray
        Of the cover.
    site_tables : ndarray, shape (J, K + 1, largest capacity + 1)
        Of all knapsacks, for the joint programme; empty where it is never worth its while.
    site_profit : ndarray, shape (J, most waste + 1)
        What each site earns if it wastes so many tonnes.
    prefix, suffix : ndarray, shape (J + 1, most waste + 1)
        What the first sites, and the last ones, earn together if they waste so many tonnes.
    others : ndarray, shape (most waste + 1,)
        The same of all sites but one.
    use_surplus : ndarray of uint8, shape (1,)
        Whether the joint programme is admitted.
    serves : ndarray of uint8, shape (J K,)
        z of each pair, in the order of `NodeProblem.item`.
    times_served : ndarray of int, shape (K,)
        How many open sites serve a customer.
    if_open, if_closed : ndarray, shape (J,)
        Bounds with a site forced open and closed (by `penalties`).
    parts : ndarray, shape (3,)
        The bound's parts: COVER, PRICES and MARGIN.
    """

    table: Floats
    backward: Floats
    profit: Floats
    weight: Integers
    pair: Integers
    take: Flags
    reduced_cost: Floats
    is_open: Flags
    cover_cost: Floats
    cover_pick: Flags
    cover_forward: Floats
    cover_backward: Floats
    site_tables: Floats
    site_profit: Floats
    prefix: Floats
    suffix: Floats
    others: Floats
    use_surplus: Flags
    serves: Flags
    times_served: Integers
    if_open: Floats
    if_closed: Floats
    parts: Floats


def make_workspace(data: ProblemData) -> Workspace:
    """Allocate the work space of a problem."""
    sites, customers = data.cost.shape
    largest = int(data.capacity.max())
    surplus = max_surplus(data)
    return Workspace(
        table=np.zeros((customers + 1, largest + 1)),
        backward=np.zeros((customers + 1, largest + 1)),
        profit=np.zeros(customers),
        weight=np.zeros(customers, np.int64),
        pair=np.zeros(customers, np.int64),
        take=np.zeros(customers, np.uint8),
        reduced_cost=np.zeros(sites),
        is_open=np.zeros(sites, np.uint8),
        cover_cost=np.zeros(data.total + 1),
        cover_pick=np.zeros((sites, data.total + 1), np.uint8),
        cover_forward=np.zeros((sites + 1, data.total + largest + 1)),
        cover_backward=np.zeros((sites + 1, data.total + 1)),
        site_tables=np.zeros((sites if surplus >= 0 else 0, customers + 1, largest + 1)),
        site_profit=np.zeros((sites, surplus + 1)),
        prefix=np.zeros((sites + 1, surplus + 1)),
        suffix=np.zeros((sites + 1, surplus + 1)),
        others=np.zeros(surplus + 1),
        use_surplus=np.ones(1, np.uint8),
        serves=np.zeros(sites * customers, np.uint8),
        times_served=np.zeros(customers, np.int64),
        if_open=np.zeros(sites),
        if_closed=np.zeros(sites),
        parts=np.zeros(3),
    )


def max_surplus(data: ProblemData) -> int:
    """Give the most tonnes of waste for which there are tables; -1 if they would be too large."""
    sites, customers = data.cost.shape
    cells = sites * (customers + 1.0) * (float(data.capacity.max()) + 1.0)
    return MAX_SURPLUS_T if cells <= MAX_SURPLUS_CELLS else -1
