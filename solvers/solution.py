"""A solution, its cost and its feasibility: computed from the data, outside any solver."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from solvers.problem import Booleans, Floats, Integers, Problem, count

FLOW_TOLERANCE = 1e-6
"""Relative rounding allowed in continuous flows x; y, z and capacities are checked exactly."""


@dataclass(frozen=True, eq=False)
class Solution:
    """Values of the decision variables (9)-(11) of the paper.

    Parameters
    ----------
    is_open : ndarray of bool, shape (J,)
        y_j.
    assignment : ndarray of int, shape (K,)
        The one site j with z_kj = 1, for each customer k.
    flow : ndarray, shape (I, J)
        x_ij, tonnes of raw material from source i to site j.
    """

    is_open: Booleans
    assignment: Integers
    flow: Floats

    def __repr__(self) -> str:
        customers = count(len(self.assignment), "customer")
        return f"Solution({len(self.open_sites)} of {len(self.is_open)} sites open, {customers})"

    @property
    def open_sites(self) -> Integers:
        """Indices of the open sites, ascending."""
        return np.flatnonzero(self.is_open)


@dataclass(frozen=True)
class Cost:
    """The three sums of objective (1).

    Parameters
    ----------
    first : float
        Transport from sources to sites, sum of t_ij x_ij.
    second : float
        Transport from sites to customers, sum of d_k c_kj z_kj.
    fixed : float
        Opening of sites, sum of f_j y_j.
    """

    first: float
    second: float
    fixed: float

    @property
    def total(self) -> float:
        """z1, the value of objective (1)."""
        return self.first + self.second + self.fixed


def site_loads(problem: Problem, assignment: Integers) -> Floats:
    """Return the tonnes of product that each site makes under an assignment, shape (J,)."""
    loads = np.bincount(assignment, weights=problem.demand, minlength=problem.n_sites)
    return loads.astype(np.float64)


def cost(problem: Problem, solution: Solution) -> Cost:
    """Compute objective (1) of a solution from the data alone."""
    unit_cost = problem.outbound[np.arange(problem.n_customers), solution.assignment]
    # Exactly rounded sums are the same on every machine; those of BLAS differ between processors.
    return Cost(
        first=math.fsum((problem.inbound * solution.flow).flat),
        second=math.fsum(problem.demand * unit_cost),
        fixed=math.fsum(problem.fixed_cost[solution.is_open]),
    )


def violations(problem: Problem, solution: Solution) -> list[str]:
    """Check a solution against constraints (2)-(11).

    Returns
    -------
    list of str
        One line for each violated family of constraints, with its number in the paper; empty if
        the solution is feasible.
    """
    assignment, is_open, flow = solution.assignment, solution.is_open, solution.flow
    if assignment.shape != (problem.n_customers,) or is_open.shape != (problem.n_sites,):
        return ["(10), (11): the solution has another number of sites or customers"]
    if flow.shape != problem.inbound.shape or not np.isfinite(flow).all():
        return ["(9): flows are missing or not finite"]
    if (assignment < 0).any() or (assignment >= problem.n_sites).any():
        return ["(2): a customer is assigned to no site"]

    loads = site_loads(problem, assignment)
    slack = FLOW_TOLERANCE * max(1.0, problem.alpha * problem.total_demand)
    needs_whole = flows_are_whole(problem)
    satisfied = {
        "(3): open capacity is below total demand": problem.capacity[is_open].sum()
        >= problem.total_demand,
        "(4): a site makes more than its capacity": (loads <= problem.capacity).all(),
        "(5): a source delivers more than its supply": (
            flow.sum(axis=1) <= problem.supply + slack
        ).all(),
        "(6): what a site receives is not alpha times what it makes": (
            np.abs(flow.sum(axis=0) - problem.alpha * loads) <= slack
        ).all(),
        "(7): a closed site receives raw material": (
            flow <= problem.supply[:, None] * is_open + slack
        ).all(),
        "(8): a closed site serves a customer": is_open[assignment].all(),
        "(9): a flow is negative": (flow >= -slack).all(),
        "(9): a flow is not a whole number": not needs_whole or (flow % 1 == 0).all(),
    }
    return [family for family, holds in satisfied.items() if not holds]


def flows_are_whole(problem: Problem) -> bool:
    """Return whether (9) can require whole flows: only if alpha d_k is whole for every customer.

    Otherwise the balance (6) of a site could not hold with whole flows, and x is continuous.
    """
    return bool((problem.alpha * problem.demand % 1 == 0).all())
