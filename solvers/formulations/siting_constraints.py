"""The siting constraints (2), (3), (4) and (8) of the paper, which both models share.

Each has a block for z (K J columns, the site running fastest) and one for y (J columns). A sum over
one index of a doubly indexed variable is a Kronecker product: ``kron(eye(K), ones((1, J)))`` adds
up the sites of each customer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import coo_array, diags_array, eye_array, kron

from solvers.formulations.program import Rows, names
from solvers.problem import Problem


def site_load(problem: Problem) -> coo_array[Any, Any]:
    """Return the coefficients of sum_k d_k z_kj, the load of each site, shape (J, K J)."""
    demand = coo_array(problem.demand[None, :].astype(float))
    return kron(demand, eye_array(problem.n_sites), format="coo")


def siting_constraints(problem: Problem) -> list[Rows]:
    """Return (2), (3), (4) and (8): one site per customer, capacities, only open sites serve.

    For whole variables, (3) and (8) follow from (2) and (4); they make the linear relaxation
    strong.
    """
    sites, customers = problem.n_sites, problem.n_customers
    return [
        Rows(
            names("c2", customers),
            [kron(eye_array(customers), np.ones((1, sites))), None],
            1,
            1,
        ),
        Rows(
            names("c3", 1),
            [None, coo_array(problem.capacity[None, :])],
            problem.total_demand,
            np.inf,
        ),
        Rows(
            names("c4", sites),
            [site_load(problem), -diags_array(problem.capacity)],
            -np.inf,
            0,
        ),
        Rows(
            names("c8", customers, sites),
            [
                eye_array(customers * sites),
                -kron(np.ones((customers, 1)), eye_array(sites)),
            ],
            -np.inf,
            0,
        ),
    ]
