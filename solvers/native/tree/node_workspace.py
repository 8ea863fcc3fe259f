"""The node that is being processed, and the work arrays for it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.bound.penalty_table import PenaltyTable, make_penalty_table
from solvers.native.bound.subgradient import AscentState, make_ascent_state
from solvers.native.local_search.assignment import (
    LocalSearchState,
    make_local_search_state,
)
from solvers.native.model.memory_limits import stored_metrics
from solvers.native.model.node import NodeProblem, make_node
from solvers.native.model.problem_data import FREE, Flags, ProblemData, States
from solvers.native.model.workspace import Workspace, make_workspace
from solvers.problem import Floats, Integers


class NodeWorkspace(NamedTuple):
    """The current node and the work arrays for it.

    Attributes
    ----------
    node : NodeProblem
        The remaining problem at the node, filled by `propagate`.
    work : Workspace
        Work arrays and solutions of the Lagrangian subproblems.
    penalties : PenaltyTable
        Penalties at the node.
    ascent : AscentState
        State of the subgradient ascent.
    local : LocalSearchState
        State of the tabu search.
    allowed : ndarray of uint8, shape (J, K)
        Pairs that are not fixed at 0.
    state : ndarray of int8, shape (J,)
        States of the sites.
    multiplier : ndarray, shape (K,)
        lambda, the current multipliers.
    assignment : ndarray of int, shape (K,)
        Start of a tabu search, made by `repair`.
    metrics : ndarray, shape (stored metrics, K, K)
        Metrics of ascents that have converged, one per set of open sites.
    metric_key : ndarray of int, shape (stored metrics,)
        Hash of the set of each metric, by `site_hash`.
    current_key : ndarray of int, shape (1,)
        Hash of the set to which the metric of ``ascent`` belongs, 0 for none.
    """

    node: NodeProblem
    work: Workspace
    penalties: PenaltyTable
    ascent: AscentState
    local: LocalSearchState
    allowed: Flags
    state: States
    multiplier: Floats
    assignment: Integers
    metrics: Floats
    metric_key: Integers
    current_key: Integers


def make_node_workspace(data: ProblemData, max_surplus: int) -> NodeWorkspace:
    """Allocate the work arrays; the node is the root, with all pairs that fit the capacity."""
    sites, customers = data.cost.shape
    n_metrics = stored_metrics(customers)
    return NodeWorkspace(
        node=make_node(data),
        work=make_workspace(data, max_surplus),
        penalties=make_penalty_table(data),
        ascent=make_ascent_state(customers),
        local=make_local_search_state(data),
        allowed=(data.demand[None, :] <= data.capacity[:, None]).astype(np.uint8),
        state=np.full(sites, FREE, np.int8),
        multiplier=np.zeros(customers),
        assignment=np.zeros(customers, np.int64),
        metrics=np.zeros((n_metrics, customers, customers)),
        metric_key=np.zeros(n_metrics, np.int64),
        current_key=np.zeros(1, np.int64),
    )
