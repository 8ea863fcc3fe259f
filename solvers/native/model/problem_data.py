"""The single-source capacitated facility location problem as arrays, site first.

The loops of the search walk along the rows of sites, so indices run site first here.
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
    fixed : ndarray, shape (J,)
        f_j >= 0.
    total : int
        D, sum of the demands.
    """

    cost: Floats
    capacity: Integers
    demand: Integers
    fixed: Floats
    total: int
