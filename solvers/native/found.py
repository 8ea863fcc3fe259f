"""Where penalties are kept."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.node import Data
from solvers.problem import Floats, Integers


class Penalties(NamedTuple):
    """Penalties of one evaluation.

    Attributes
    ----------
    rise_in, rise_out : ndarray, shape (J K,)
        What it costs to force the customer into and out of the site, in the order of `View.item`:
        the rise of u_j, or in the joint programme the bound itself.
    out_sum : ndarray, shape (K,)
        Sums over sites.
    first, second : ndarray, shape (K,)
        The largest and the second largest bound with a customer forced out of a site.
    where : ndarray of int, shape (K,)
        The site of the largest.
    child : ndarray, shape (J K,)
        Bound with the customer served from the site.
    least : ndarray, shape (K,)
        Smallest child of each customer.
    """

    rise_in: Floats
    rise_out: Floats
    out_sum: Floats
    first: Floats
    second: Floats
    where: Integers
    child: Floats
    least: Floats


def make_penalties(data: Data) -> Penalties:
    """Allocate the penalties of a problem."""
    sites, customers = data.cost.shape
    pairs = sites * customers
    return Penalties(
        rise_in=np.zeros(pairs),
        rise_out=np.zeros(pairs),
        out_sum=np.zeros(customers),
        first=np.zeros(customers),
        second=np.zeros(customers),
        where=np.zeros(customers, np.int64),
        child=np.zeros(pairs),
        least=np.zeros(customers),
    )
