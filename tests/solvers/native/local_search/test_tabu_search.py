"""Tabu search: its incumbents are feasible, and a seed determines them."""

import numpy as np

from solvers.native.local_search.assignment import make_local_search_state
from solvers.native.local_search.tabu_search import tabu_search
from solvers.native.model.incumbent import VALUE, Incumbent, cost_of, make_incumbent
from solvers.native.model.parameters import DEFAULTS
from solvers.native.model.problem_data import ProblemData


def test_same_seed_gives_same_incumbent_and_more_steps_none_worse() -> None:
    """A seed determines the search, whatever was drawn before; the incumbent is feasible.

    With the stop flag set, it ends without a step.
    """
    random = np.random.default_rng(3)
    demand = random.integers(5, 30, 70)
    cost = random.uniform(1, 100, (10, 70)) * demand
    capacity = np.full(10, int(demand.sum() / 10 * 1.2))
    order = np.argsort(-demand, kind="stable")
    data = ProblemData(cost, capacity, demand, np.full(10, 500.0), order, int(demand.sum()))
    allowed = np.ones((10, 70), np.uint8)

    def incumbent_of(seed: int, steps: int = 300, stopped: int = 0) -> Incumbent:
        incumbent = make_incumbent(data, 1.0)
        start, local = cost.argmin(axis=0), make_local_search_state(data)
        stop = np.full(1, stopped, np.uint8)
        tabu_search(data, allowed, start, incumbent, 1.0, steps, seed, DEFAULTS.tabu, local, stop)
        return incumbent

    first, other, again = incumbent_of(1), incumbent_of(2), incumbent_of(1)
    assert first.scalars[VALUE] == cost_of(data, first.assignment, first.load) < np.inf
    assert first.assignment.tolist() == again.assignment.tolist()
    assert first.assignment.tolist() != other.assignment.tolist()
    assert incumbent_of(1, steps=3000).scalars[VALUE] <= first.scalars[VALUE]
    assert incumbent_of(1, steps=10**15, stopped=1).scalars[VALUE] == np.inf
