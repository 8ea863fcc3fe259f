"""Work space of the subproblems, and where they leave their solutions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.node import Data, Flags
from solvers.problem import Floats, Integers

COVER, PRICES, MARGIN = range(3)
"""Parts of a bound in `Work.part`: the cover, the sum of prices, what is taken off."""

ROUNDING = 8 * 2.0**-53
"""Of M (J + K): what a bound may be too high by rounding; see `solvers.native.lagrangian`."""

JOINT_CELLS = 20_000_000
"""Cells of the tables of the joint programme, 0.16 GB: without it if they would be more."""
MOST_WASTE = 600
"""Tonnes of waste up to which the joint programme is worth its while: to share T tonnes out among
the sites takes T operations for each tonne that a site can waste; the site's knapsack as many for
each of its tonnes as it has customers."""


class Work(NamedTuple):
    """Work space and solutions.

    Attributes
    ----------
    table, back : ndarray, shape (K + 1, largest capacity + 1)
        Of one knapsack.
    profit, weight, place, take : ndarray, shape (K,)
        One site's items: gain, tonnes, index of the pair, and whether it is taken.
    value : ndarray, shape (J,)
        u_j.
    choice : ndarray of uint8, shape (J,)
        y_j.
    cost, pick, front, after : ndarray
        Of the cover.
    tables : ndarray, shape (J, K + 1, largest capacity + 1)
        Of all knapsacks, for the joint programme; empty where it is never worth its while.
    earn : ndarray, shape (J, most waste + 1)
        What each site earns if it wastes so many tonnes.
    ahead, behind : ndarray, shape (J + 1, most waste + 1)
        What the first sites, and the last ones, earn together if they waste so many tonnes.
    rest : ndarray, shape (most waste + 1,)
        The same of all sites but one.
    joint : ndarray of uint8, shape (1,)
        Whether the joint programme is admitted.
    serves : ndarray of uint8, shape (J K,)
        z of each pair, in the order of `View.item`.
    served : ndarray of int, shape (K,)
        How many open sites serve a customer.
    if_open, if_closed : ndarray, shape (J,)
        Bounds with a site forced open and closed (by `penalties`).
    part : ndarray, shape (3,)
        The bound's parts: COVER, PRICES and MARGIN.
    """

    table: Floats
    back: Floats
    profit: Floats
    weight: Integers
    place: Integers
    take: Flags
    value: Floats
    choice: Flags
    cost: Floats
    pick: Flags
    front: Floats
    after: Floats
    tables: Floats
    earn: Floats
    ahead: Floats
    behind: Floats
    rest: Floats
    joint: Flags
    serves: Flags
    served: Integers
    if_open: Floats
    if_closed: Floats
    part: Floats


def make_work(data: Data) -> Work:
    """Allocate the work space of a problem."""
    sites, customers = data.cost.shape
    room = int(data.capacity.max())
    waste = most_waste(data)
    return Work(
        table=np.zeros((customers + 1, room + 1)),
        back=np.zeros((customers + 1, room + 1)),
        profit=np.zeros(customers),
        weight=np.zeros(customers, np.int64),
        place=np.zeros(customers, np.int64),
        take=np.zeros(customers, np.uint8),
        value=np.zeros(sites),
        choice=np.zeros(sites, np.uint8),
        cost=np.zeros(data.total + 1),
        pick=np.zeros((sites, data.total + 1), np.uint8),
        front=np.zeros((sites + 1, data.total + room + 1)),
        after=np.zeros((sites + 1, data.total + 1)),
        tables=np.zeros((sites if waste >= 0 else 0, customers + 1, room + 1)),
        earn=np.zeros((sites, waste + 1)),
        ahead=np.zeros((sites + 1, waste + 1)),
        behind=np.zeros((sites + 1, waste + 1)),
        rest=np.zeros(waste + 1),
        joint=np.ones(1, np.uint8),
        serves=np.zeros(sites * customers, np.uint8),
        served=np.zeros(customers, np.int64),
        if_open=np.zeros(sites),
        if_closed=np.zeros(sites),
        part=np.zeros(3),
    )


def most_waste(data: Data) -> int:
    """Give the most tonnes of waste for which there are tables; -1 if they would be too large."""
    sites, customers = data.cost.shape
    cells = sites * (customers + 1.0) * (float(data.capacity.max()) + 1.0)
    return MOST_WASTE if cells <= JOINT_CELLS else -1
