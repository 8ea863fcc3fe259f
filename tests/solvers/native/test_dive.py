"""A dive fixes all sites, leaves a feasible incumbent, and keeps its reserve of capacity."""

import time
from collections.abc import Callable

import numpy as np

from solvers import native
from solvers.native.dive import dive
from solvers.native.model.incumbent import VALUE, Incumbent, cost_of
from solvers.native.model.parameters import DEFAULTS
from solvers.native.model.problem_data import FREE, OPEN, ProblemData, make_problem_data
from solvers.native.tree.node_workspace import NodeWorkspace
from solvers.problem import Problem
from solvers.result import Status

Network = Callable[..., Problem]
RootOf = Callable[[ProblemData], NodeWorkspace]


def test_dive_fixes_all_sites_and_finds_a_feasible_incumbent(
    network: Network,
    root_of: RootOf,
    empty_incumbent: Callable[[ProblemData], Incumbent],
) -> None:
    """Every site is fixed; the incumbent uses open sites only, and is not below a proven bound."""
    problem = network(3, 40, 60, tightness=2.0, alpha=2.0, seed=2)
    data = make_problem_data(problem)
    workspace, incumbent = root_of(data), empty_incumbent(data)
    bound = dive(data, workspace, DEFAULTS, incumbent, 3, time.perf_counter() + 60, 0)
    opened = np.flatnonzero(workspace.state == OPEN)
    assert not (workspace.state == FREE).any()
    assert 0 < bound <= incumbent.scalars[VALUE] < np.inf
    assert set(incumbent.assignment) <= set(opened)
    assert incumbent.scalars[VALUE] == cost_of(data, incumbent.assignment, incumbent.load)
    proven = native.search(problem, 1e-3, 60)
    assert proven.status is Status.OPTIMAL
    assert proven.bound is not None
    assert incumbent.scalars[VALUE] >= proven.bound


def test_dive_keeps_its_reserve(
    network: Network,
    root_of: RootOf,
    empty_incumbent: Callable[[ProblemData], Incumbent],
) -> None:
    """The open sites cover the demand without the reserve; the incumbent may use the reserve."""
    data = make_problem_data(network(3, 40, 60, tightness=2.0, alpha=2.0, seed=2))
    tightness = {}
    for reserve in (0.0, 0.1):
        workspace, incumbent = root_of(data), empty_incumbent(data)
        dive(data, workspace, DEFAULTS, incumbent, 3, time.perf_counter() + 60, 0, reserve)
        opened = data.capacity[workspace.state == OPEN].sum()
        assert (1 - reserve) * opened >= data.total_demand - (workspace.state == OPEN).sum()
        assert incumbent.scalars[VALUE] == cost_of(data, incumbent.assignment, incumbent.load)
        tightness[reserve] = opened / data.total_demand
    assert tightness[0.0] < 1 / 0.9 <= tightness[0.1] + 0.02
