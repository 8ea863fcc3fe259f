"""The single-source capacitated facility location problem as arrays, site first.

The inner loops of the search run over the customers of one site, so the site is the first index.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solvers.problem import Floats, Integers

INF = np.inf
OPEN, CLOSED, FREE = 1, 0, -1
"""States of a site."""
UNASSIGNED = -1
"""Site of a customer without a site."""

Flags = NDArray[np.uint8]
States = NDArray[np.int8]


class ProblemData(NamedTuple):
    """A single-source capacitated facility location problem.

    Attributes
    ----------
    cost : ndarray, shape (J, K)
        w_jk >= 0, cost of serving customer k whole from site j.
    capacity : ndarray of int, shape (J,)
        s_j, tonnes, at most the total demand.
    demand : ndarray of int, shape (K,)
        d_k >= 1, tonnes.
    fixed_cost : ndarray, shape (J,)
        f_j >= 0, fixed cost of an open site.
    total_demand : int
        D, sum of the demands, tonnes.
    """

    cost: Floats
    capacity: Integers
    demand: Integers
    fixed_cost: Floats
    total_demand: int
