"""Where penalties are kept."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.model.problem_data import ProblemData
from solvers.problem import Floats, Integers


class PenaltyTable(NamedTuple):
    """Penalties of one evaluation.

    Attributes
    ----------
    rise_in, rise_out : ndarray, shape (J K,)
        What it costs to force the customer into and out of the site, in the order of `NodeProblem.item`:
        the rise of u_j, or in the joint programme the bound itself.
    out_sum : ndarray, shape (K,)
        Sums over sites.
    largest_out, second_out : ndarray, shape (K,)
        The largest and the second largest bound with a customer forced out of a site.
    argmax_out : ndarray of int, shape (K,)
        The site of the largest.
    child_bound : ndarray, shape (J K,)
        Bound with the customer served from the site.
    least_child : ndarray, shape (K,)
        Smallest child of each customer.
    """

    rise_in: Floats
    rise_out: Floats
    out_sum: Floats
    largest_out: Floats
    second_out: Floats
    argmax_out: Integers
    child_bound: Floats
    least_child: Floats


def make_penalty_table(data: ProblemData) -> PenaltyTable:
    """Allocate the penalties of a problem."""
    sites, customers = data.cost.shape
    pairs = sites * customers
    return PenaltyTable(
        rise_in=np.zeros(pairs),
        rise_out=np.zeros(pairs),
        out_sum=np.zeros(customers),
        largest_out=np.zeros(customers),
        second_out=np.zeros(customers),
        argmax_out=np.zeros(customers, np.int64),
        child_bound=np.zeros(pairs),
        least_child=np.zeros(customers),
    )
