"""Arrays of the penalties at a node."""

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
        Effect of forcing the customer into and out of the knapsack of the site, in the order of
        `NodeProblem.item`: with the Lagrangian bound, the rise of u_j; with the surplus-capacity
        bound, the bound itself.
    out_sum : ndarray, shape (K,)
        Lagrangian bound: sums of ``rise_out`` over open sites. Also work space of branching.
    largest_out, second_out : ndarray, shape (K,)
        Surplus-capacity bound: the largest and the second largest ``rise_out`` of a customer.
    argmax_out : ndarray of int, shape (K,)
        The site of the largest.
    child_bound : ndarray, shape (J K,)
        Lower bound with the customer served from the site.
    min_child_bound : ndarray, shape (K,)
        Smallest child bound of each customer.
    """

    rise_in: Floats
    rise_out: Floats
    out_sum: Floats
    largest_out: Floats
    second_out: Floats
    argmax_out: Integers
    child_bound: Floats
    min_child_bound: Floats


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
        min_child_bound=np.zeros(customers),
    )
