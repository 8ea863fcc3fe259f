"""The collapsed model: if no source binds, the first stage disappears.

If no source can ever be overdrawn, each open site draws from its cheapest source at
tau_j = min_i t_ij per tonne of raw material, and model (1)-(11) is the single-source capacitated
facility location problem with assignment cost d_k (c_kj + alpha tau_j). The reduction is exact:
given (y, z), constraints (5)-(7) and (9) only require that each site receives alpha times its load,
which is cheapest from that source. The order of the variables is z_kj, y_j.
"""

from __future__ import annotations

import numpy as np

from solvers.formulations.program import Program, names, stack
from solvers.formulations.siting_constraints import siting_constraints
from solvers.problem import Booleans, Floats, Integers, Problem
from solvers.solution import Solution, site_loads

NAME = "collapsed"


def cheapest_source(problem: Problem) -> Integers:
    """Return the index of the cheapest source of each site, the first one on a tie, shape (J,)."""
    cheapest: Integers = problem.inbound.argmin(axis=0)
    return cheapest


def why_inexact(problem: Problem) -> str | None:
    """Say why the collapse would not be exact, or None if it is.

    Equation (13) of docs/algorithm.md.

    The sites for which a source is the cheapest need at most alpha times their total capacity, and
    never more than alpha times the total demand. If its supply covers the smaller of the two, no
    choice of sites and customers overdraws it.
    """
    reachable = np.bincount(
        cheapest_source(problem), weights=problem.capacity, minlength=problem.n_sources
    )
    largest_need = problem.alpha * np.minimum(reachable, problem.total_demand)
    binding = np.flatnonzero(problem.supply < largest_need)
    if binding.size == 0:
        return None
    return f"{binding.size} of {problem.n_sources} sources may bind"


def assignment_cost(problem: Problem) -> Floats:
    """Return d_k (c_kj + alpha tau_j), the cost of assigning customer k to site j, shape (K, J).

    Equation (12) of docs/algorithm.md.
    """
    tau: Floats = problem.inbound.min(axis=0)
    return problem.demand[:, None] * (problem.outbound + problem.alpha * tau)


def formulate(problem: Problem) -> Program:
    """Write the collapsed model as sparse arrays: K J + J variables.

    Equation (14) of docs/algorithm.md.

    Constraints keep their numbers in the paper: (2), (3), (4) and (8). For whole variables, (3)
    and (8) follow from the others; they make the linear relaxation strong.
    """
    sites, customers = problem.n_sites, problem.n_customers
    matrix, lower, upper, rows = stack(siting_constraints(problem))
    n_variables = customers * sites + sites
    return Program(
        cost=np.concatenate([assignment_cost(problem).ravel(), problem.fixed_cost]),
        upper=np.ones(n_variables),
        integer=np.ones(n_variables, dtype=bool),
        implied_integer=np.zeros(n_variables, dtype=bool),
        matrix=matrix,
        row_lower=lower,
        row_upper=upper,
        columns=(*names("z", customers, sites), *names("y", sites)),
        rows=rows,
    )


def expand(problem: Problem, is_open: Booleans, assignment: Integers) -> Solution:
    """Return the two-stage solution in which every site draws from its cheapest source."""
    flow = np.zeros(problem.inbound.shape)
    flow[cheapest_source(problem), np.arange(problem.n_sites)] = problem.alpha * site_loads(
        problem, assignment
    )
    return Solution(is_open=is_open, assignment=assignment, flow=flow)
