"""The node that is being processed, and its work arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.bound.penalty_table import PenaltyTable, make_penalty_table
from solvers.native.bound.subgradient import AscentState, make_ascent_state
from solvers.native.model.node import NodeProblem, make_node
from solvers.native.model.parameters import METRICS
from solvers.native.model.problem_data import FREE, Flags, ProblemData, States
from solvers.native.model.workspace import Workspace, make_workspace
from solvers.problem import Floats, Integers


class NodeWorkspace(NamedTuple):
    """The node in hand, and the work space for it.

    Attributes
    ----------
    node, work, penalties, ascent : View, Work, Penalties, Ascent
        See there.
    allowed : ndarray of uint8, shape (J, K)
        Pairs that are left.
    state : ndarray of int8, shape (J,)
        States of the sites.
    multiplier : ndarray, shape (K,)
        lambda.
    assignment : ndarray of int, shape (K,)
        An assignment in the making.
    metrics : ndarray, shape (METRICS, K, K)
        Metrics of ascents that have converged, by set of open sites.
    metric_key : ndarray of int, shape (METRICS,)
        Hash of that set.
    current_key : ndarray of int, shape (1,)
        Hash of the set that the metric in hand belongs to, 0 for none.
    """

    node: NodeProblem
    work: Workspace
    penalties: PenaltyTable
    ascent: AscentState
    allowed: Flags
    state: States
    multiplier: Floats
    assignment: Integers
    metrics: Floats
    metric_key: Integers
    current_key: Integers


def make_node_workspace(data: ProblemData) -> NodeWorkspace:
    """Allocate the work space; the node is the root, with the pairs that fit by themselves."""
    sites, customers = data.cost.shape
    return NodeWorkspace(
        node=make_node(data),
        work=make_workspace(data),
        penalties=make_penalty_table(data),
        ascent=make_ascent_state(customers),
        allowed=(data.demand[None, :] <= data.capacity[:, None]).astype(np.uint8),
        state=np.full(sites, FREE, np.int8),
        multiplier=np.zeros(customers),
        assignment=np.zeros(customers, np.int64),
        metrics=np.zeros((METRICS, customers, customers)),
        metric_key=np.zeros(METRICS, np.int64),
        current_key=np.zeros(1, np.int64),
    )
