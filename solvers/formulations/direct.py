"""The direct model: (1)-(11) of the paper, term by term; the reference for the other models.

Barz, Buer, Haasis (2016), section 3.2, after Klose and Drexl (2005). The order of the variables is
x_ij, z_kj, y_j, each with the site as its last index. A sum over one index of a doubly indexed
variable is a Kronecker product: ``kron(eye(K), ones((1, J)))`` adds up the sites of each customer.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import eye_array, kron

from solvers.formulations.program import Program, Rows, names, stack
from solvers.formulations.siting_constraints import site_load, siting_constraints
from solvers.problem import Problem
from solvers.solution import flows_are_whole

NAME = "direct"


def formulate(problem: Problem) -> Program:
    """Write (1)-(11) as sparse arrays: I J + K J + J variables."""
    sources, sites, customers = problem.n_sources, problem.n_sites, problem.n_customers
    flows = sources * sites
    siting = [replace(rows, blocks=[None, *rows.blocks]) for rows in siting_constraints(problem)]
    matrix, lower, upper, rows = stack(siting + _sourcing_constraints(problem))
    whole = np.ones(flows + customers * sites + sites, dtype=bool)
    whole[:flows] = flows_are_whole(problem)
    # Once y and z are fixed, (5) to (7) are a transportation problem: with whole supplies and
    # requirements, it has a whole optimal solution.
    implied = whole & (np.arange(len(whole)) < flows)
    return Program(
        cost=np.concatenate(
            [
                problem.inbound.ravel(),
                (problem.demand[:, None] * problem.outbound).ravel(),
                problem.fixed_cost,
            ]
        ),
        upper=np.concatenate([np.full(flows, np.inf), np.ones(customers * sites + sites)]),
        integer=whole,
        implied_integer=implied,
        matrix=matrix,
        row_lower=lower,
        row_upper=upper,
        columns=(
            *names("x", sources, sites),
            *names("z", customers, sites),
            *names("y", sites),
        ),
        rows=rows,
    )


def _sourcing_constraints(problem: Problem) -> list[Rows]:
    """Return constraints (5), (6) and (7), each as blocks for x, z and y."""
    sources, sites = problem.n_sources, problem.n_sites
    eye_sites = eye_array(sites)
    inflow = kron(np.ones((1, sources)), eye_sites)
    return [
        Rows(
            names("c5", sources),
            [kron(eye_array(sources), np.ones((1, sites))), None, None],
            -np.inf,
            problem.supply,
        ),
        Rows(names("c6", sites), [inflow, -problem.alpha * site_load(problem), None], 0, 0),
        Rows(
            names("c7", sources, sites),
            [eye_array(sources * sites), None, -kron(problem.supply[:, None], eye_sites)],
            -np.inf,
            0,
        ),
    ]
