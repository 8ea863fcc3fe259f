"""The cheapest flows of raw material for a given assignment of customers to sites."""

from __future__ import annotations

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import eye_array, kron

from solvers.formulations.collapsed import expand, why_inexact
from solvers.problem import Floats, Integers, Problem
from solvers.solution import flows_are_whole, site_loads


def cheapest_flow(problem: Problem, assignment: Integers) -> Floats | None:
    """Find x_ij of least cost under constraints (5), (6) and (9), given z.

    If no source can bind, each site draws from its cheapest source. Otherwise this is a small
    transportation problem.

    Parameters
    ----------
    problem : Problem
        The data.
    assignment : ndarray of int, shape (K,)
        The site of each customer, from 0 to J - 1.

    Returns
    -------
    ndarray, shape (I, J), or None
        Tonnes from each source to each site; None if the sources cannot supply the sites.
    """
    if why_inexact(problem) is None:
        return expand(problem, np.ones(problem.n_sites, dtype=bool), assignment).flow
    sources, sites = problem.inbound.shape
    received = kron(np.ones((1, sources)), eye_array(sites))
    delivered = kron(eye_array(sources), np.ones((1, sites)))
    required = problem.alpha * site_loads(problem, assignment)
    whole = flows_are_whole(problem)
    optimum = milp(
        problem.inbound.ravel(),
        integrality=np.full(problem.inbound.size, int(whole)),
        constraints=[
            LinearConstraint(received, required, required),
            LinearConstraint(delivered, -np.inf, problem.supply),
        ],
        options={"mip_rel_gap": 0},
    )
    if optimum.x is None:
        return None
    flow: Floats = (np.rint(optimum.x) if whole else optimum.x).reshape(sources, sites)
    return flow
