"""Compile the search, or load its machine code, before the first problem is timed."""

from __future__ import annotations

from functools import cache

import numpy as np

from solvers.native.model.compilation import compiled_mark
from solvers.native.model.parameters import DEFAULTS
from solvers.native.model.problem_data import make_problem_data
from solvers.native.search import first_incumbent, search
from solvers.native.tree.branch_and_bound import branch_and_bound, make_search_state
from solvers.native.tree.node_queue import make_queue
from solvers.native.tree.node_workspace import make_node_workspace
from solvers.problem import Problem


@cache
def warm_up() -> None:
    """Compile everything, or load it from the cache, by solving a tiny problem.

    Needed once per process: about a second with the cache, up to a minute for the first process.
    """
    problem = Problem(
        inbound=np.arange(1.0, 5.0)[None, :],
        outbound=np.arange(32.0).reshape(8, 4) * 7 % 11,
        demand=np.arange(8) % 5 + 3,
        capacity=np.full(4, 13.0),
        fixed_cost=np.array([3.0, 5, 4, 6]),
        supply=np.array([1e6]),
        alpha=1,
    )
    search(problem, gap=0, time_limit_s=60)
    # If the root proved the optimum, the functions of the tree are not compiled yet.
    data = make_problem_data(problem)
    workspace = make_node_workspace(data, DEFAULTS.max_surplus)
    queue, incumbent = make_queue(data), first_incumbent(data)
    search_state = make_search_state(workspace.allowed, 0.0, 1, 1, 0, DEFAULTS)
    branch_and_bound(data, workspace, queue, search_state, incumbent, 1)
    compiled_mark(branch_and_bound).touch()


def is_compiled() -> bool:
    """Return whether an earlier process has compiled the search, so `warm_up` takes a second."""
    return compiled_mark(branch_and_bound).exists()
