"""A solution that is built quickly, without any proof of how good it is.

Each customer in turn, the largest first, gets the site where it costs least; then single customers
move as long as that saves something. If the customers do not fit so, the solution starts from a
packing.
"""

from __future__ import annotations

import numpy as np

from solvers.formulations.collapsed import assignment_cost
from solvers.packing import Undecided, find_packing
from solvers.problem import Floats, Integers, Problem
from solvers.solution import Solution, cost, site_loads
from solvers.transportation import solution_of

MAX_MOVES = 300
"""Most moves of single customers."""


def construct(problem: Problem) -> tuple[Solution | None, bool]:
    """Build a solution.

    Parameters
    ----------
    problem : Problem
        One for which `why_short` of the transportation returns None.

    Returns
    -------
    solution : Solution or None
        The cheapest of those built; None if there is none, or none was found.
    infeasible : bool
        Whether it is proven that there is none.
    """
    costs = assignment_cost(problem)
    assignments = [
        assignment
        for fixed_cost in (problem.fixed_cost, np.zeros(problem.n_sites))
        if (assignment := assign_cheaply(problem, costs, fixed_cost)) is not None
    ]
    if not assignments:
        try:
            packing = find_packing(problem)
        except Undecided:
            return None, False
        if packing is None:
            return None, True
        assignments = [packing]
    solutions = [solution_of(problem, improve(problem, costs, each)) for each in assignments]
    return min(solutions, key=lambda solution: cost(problem, solution).total), False


def assign_cheaply(problem: Problem, costs: Floats, fixed_cost: Floats) -> Integers | None:
    """Assign each customer to the site with room where it costs least; None if one finds no room.

    Parameters
    ----------
    problem : Problem
        The data.
    costs : ndarray, shape (K, J)
        Cost of assigning customer k to site j.
    fixed_cost : ndarray, shape (J,)
        What the first customer of a site pays for it.
    """
    opening, room = fixed_cost.copy(), problem.capacity.copy()
    assignment = np.zeros(problem.n_customers, dtype=np.int64)
    for k in np.argsort(-problem.demand, kind="stable"):
        price = np.where(room >= problem.demand[k], costs[k] + opening, np.inf)
        site = int(price.argmin())
        if np.isinf(price[site]):
            return None
        assignment[k] = site
        room[site] -= problem.demand[k]
        opening[site] = 0.0
    return assignment


def improve(problem: Problem, costs: Floats, assignment: Integers) -> Integers:
    """Move single customers, the move that saves most first, as long as one saves something."""
    assignment = assignment.copy()
    customers = np.arange(problem.n_customers)
    for _ in range(MAX_MOVES):
        loads = site_loads(problem, assignment)
        count = np.bincount(assignment, minlength=problem.n_sites)
        opening = np.where(count == 0, problem.fixed_cost, 0.0)
        closing = np.where(count == 1, problem.fixed_cost, 0.0)[assignment]
        change = costs + opening - (costs[customers, assignment] + closing)[:, None]
        change[loads + problem.demand[:, None] > problem.capacity] = np.inf
        change[customers, assignment] = np.inf
        customer, site = np.unravel_index(int(change.argmin()), change.shape)
        if not change[customer, site] < -1e-9 * costs[customer, assignment[customer]]:
            break
        assignment[customer] = site
    return assignment
