"""Random problems of odd shapes, small enough to enumerate all assignments.

One site, one customer, capacities that equal a load to the tonne, costs of zero, ties, numbers from
0.001 to 1e9 beside each other, a fractional alpha, sources that bind: what a table of a user may
hold, and what the tolerances of a MIP solver do not expect.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from solvers.problem import Floats, Integers, Problem
from solvers.solution import flows_are_whole

MAX_CUSTOMERS = {1: 8, 2: 10, 3: 7, 4: 6}
"""Number of sites -> most customers, so that there are at most 4096 assignments."""
MAX_SOURCES = 3
UNLIMITED = 99_999_999.0
"""The supply of every source in the paper."""
ALPHAS = (1e-3, 0.01, 1.0, 1.37, 2.0, 2.5, 20.0, 1e6)
MARGIN = 1e-3
"""A relative distance from the limit of what is feasible, where flows are not whole."""


def draw_odd_problem(seed: int, number: int) -> Problem:
    """Draw a problem; the same seed and number give the same problem.

    Parameters
    ----------
    seed, number : int
        Both >= 0.

    Returns
    -------
    Problem
        With at most 4 sites, 3 sources and 4096 assignments; feasible or not.
    """
    random = np.random.default_rng([seed, number])
    sources = int(random.integers(1, MAX_SOURCES + 1))
    sites = int(random.integers(1, len(MAX_CUSTOMERS) + 1))
    customers = int(random.integers(1, MAX_CUSTOMERS[sites] + 1))
    demand = _demand(random, customers)
    alpha = float(random.choice(ALPHAS))
    problem = Problem(
        inbound=_costs(random, sources, sites),
        outbound=_costs(random, customers, sites),
        demand=demand,
        capacity=_capacity(random, demand, sites),
        fixed_cost=_costs(random, 1, sites)[0],
        supply=np.full(sources, UNLIMITED),
        alpha=alpha,
    )
    return replace(problem, supply=_supply(random, problem))


def _demand(random: np.random.Generator, customers: int) -> Integers:
    kind = random.choice(["tiny", "moderate", "huge", "spread", "equal"])
    if kind == "spread":
        return (10 ** random.uniform(0, 9, customers)).astype(np.int64)
    if kind == "equal":
        return np.full(customers, random.choice([1, 7, 4_830, 333_333_333]))
    most = {"tiny": 4, "moderate": 9_999, "huge": 10**9}[kind]
    return random.integers(1, most + 1, customers)


def _costs(random: np.random.Generator, rows: int, columns: int) -> Floats:
    shape = (rows, columns)
    kind = random.choice(["zero", "ties", "quarters", "huge", "spread", "one is huge"])
    if kind == "zero":
        return np.zeros(shape)
    if kind == "ties":
        return np.full(shape, random.choice([1.0, 66_000.0, 1e9]))
    if kind == "huge":
        return random.integers(0, 10**9 + 1, shape).astype(float)
    if kind == "spread":
        return 10 ** random.uniform(-3, 9, shape)
    costs: Floats = random.integers(0, 401, shape) / 4
    if kind == "one is huge":
        costs[random.integers(rows), random.integers(columns)] = 1e9
    return costs


def _capacity(random: np.random.Generator, demand: Integers, sites: int) -> Floats:
    """Draw the loads of a random assignment, changed in one of several ways, or random numbers."""
    total = int(demand.sum())
    loads = np.bincount(
        random.integers(sites, size=len(demand)), weights=demand, minlength=sites
    ).astype(float)
    kind = random.choice(["exact", "one less", "nearly", "spare", "random", "unlimited"])
    if kind == "one less":
        loads[loads.argmax()] -= 1
    elif kind == "nearly":
        loads += random.choice([-1.0, -0.5, 0.0, 0.5, 1.0], sites)
    elif kind == "spare":
        loads = np.ceil(loads * random.uniform(1, 2, sites)) + random.integers(0, 9, sites)
    elif kind == "random":
        loads = np.round(total * random.uniform(0.1, 1.2, sites))
    elif kind == "unlimited":
        loads = random.choice([UNLIMITED, 1e12, float(total)], sites)
    capacity: Floats = np.maximum(loads, 0.0)
    return capacity


def _supply(random: np.random.Generator, problem: Problem) -> Floats:
    """Draw unlimited supplies, or shares of a total near what is needed."""
    kind = random.choice(["unlimited", "one unlimited", "exact", "binding", "short", "ample"])
    needed = problem.alpha * problem.total_demand
    shares = random.dirichlet(np.ones(problem.n_sources))
    if kind == "unlimited":
        return np.full(problem.n_sources, UNLIMITED)
    if kind == "ample":
        return np.full(problem.n_sources, 1e15)
    if kind == "short":
        return shares * needed * random.uniform(0.5, 1 - MARGIN)
    supply = shares * needed * random.uniform(1 + MARGIN, 1.5)
    if kind == "one unlimited":
        supply[random.integers(problem.n_sources)] = UNLIMITED
    if kind == "exact" and flows_are_whole(problem):
        supply = np.floor(shares * needed)
        supply[0] += needed - math.fsum(supply)
    return supply
