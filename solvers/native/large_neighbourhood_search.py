"""Good sets of open sites: dives of several paces, then dives in the vicinity of the best set.

Where a dive ends depends on what it settles first, and no pace and no reserve is the best on all
networks. What they agree on is right as a rule, what they do not is a matter of one region: so the
sites around one customer are set free again, all others stay as they are in the best set, and a
dive that costs a fraction of a whole one settles the region anew. Shaw (1998), CP98, LNCS 1520, on
neighbourhoods that are large and local.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from solvers.native.bound.penalties import compute_penalties
from solvers.native.dive import STARTS, dive
from solvers.native.model.incumbent import PENALTY_WEIGHT, VALUE, Incumbent, cutoff_of
from solvers.native.model.node import propagate
from solvers.native.model.problem_data import CLOSED, FREE, INF, OPEN, Flags, ProblemData, States
from solvers.native.tree.branch_and_bound import SEED, SearchState, branch_and_bound
from solvers.native.tree.node_queue import make_queue, push
from solvers.native.tree.node_workspace import NodeWorkspace
from solvers.problem import Booleans, Floats

DIVES = ((4, 0.01), (2, 0.01), (4, 0.0), (4, 0.005), (6, 0.01), (3, 0.005), (9, 0.0))
"""Pace and reserve of each dive; they cost some seconds with hundreds of sites."""
DIVE_SHARE, NEIGHBOURHOOD_SHARE = 0.5, 0.85
"""Fractions of the time up to which whole dives begin, and those in the vicinity."""
MIN_OPENED, MAX_OPENED = 2, 6
"""Open sites around a customer that are set free."""
NEAR = 0.4
"""Sites take part if opening them raises the bound by no more than this fraction of the gap."""
DIVISORS = (2, 3, 4, 6)
"""Paces of the dives in the vicinity."""
MAX_FAILURES = 60
"""Dives in the vicinity without success after which there are no more."""
SLICES = 12
"""Slices of work on the assignments of the best set."""


class SavedNode(NamedTuple):
    """A node put aside: pairs and sites that are left, and the prices to start from."""

    allowed: Flags
    state: States
    multiplier: Floats


class BestSet(NamedTuple):
    """The best set so far: its node, the reserve it was found with, and its bound with that."""

    node: SavedNode
    reserve: float
    bound: float


def large_neighbourhood_search(
    data: ProblemData,
    workspace: NodeWorkspace,
    search_state: SearchState,
    incumbent: Incumbent,
    evaluations: int,
    deadline: float,
) -> None:
    """Look for incumbents with good sets of open sites; ``workspace`` is as before on return.

    Parameters
    ----------
    data, workspace, search_state, incumbent
        The problem; a node, compressed; what the search is told; in and out.
    evaluations : int
        Work on the best set between two looks at the clock.
    deadline : float
        Of `time.perf_counter`.
    """
    begin = time.perf_counter()
    root = _save_node(workspace)
    time_s = deadline - begin
    base = _dive_from_root(
        data, workspace, search_state, incumbent, root, begin + DIVE_SHARE * time_s
    )
    if base is not None:
        limit = begin + NEIGHBOURHOOD_SHARE * time_s
        base = _search_neighbourhoods(data, workspace, search_state, incumbent, root, base, limit)
        queue = make_queue(data)
        push(queue, base.node.allowed, base.node.state, base.node.multiplier, -INF)
        of_set = search_state._replace(tabu_pairs=base.node.allowed)
        for _ in range(SLICES):
            if time.perf_counter() < deadline:
                branch_and_bound(data, workspace, queue, of_set, incumbent, evaluations)
    _restore_node(data, workspace, root)


def _save_node(workspace: NodeWorkspace) -> SavedNode:
    """Copy the node in ``workspace``."""
    return SavedNode(workspace.allowed.copy(), workspace.state.copy(), workspace.multiplier.copy())


def _restore_node(data: ProblemData, workspace: NodeWorkspace, node: SavedNode) -> None:
    """Make a node that was put aside the one in ``workspace``."""
    workspace.allowed[:], workspace.state[:], workspace.multiplier[:] = node
    propagate(data, workspace.allowed, workspace.state, workspace.node)


def _dive_from_root(
    data: ProblemData,
    workspace: NodeWorkspace,
    search_state: SearchState,
    incumbent: Incumbent,
    root: SavedNode,
    deadline: float,
) -> BestSet | None:
    """Dive from the root; return the set of the best incumbent among them, None for none."""
    base = None
    least = INF
    for divisor, reserve in DIVES:
        if time.perf_counter() > deadline:
            break
        _restore_node(data, workspace, root)
        search_state.counters[SEED] += STARTS
        seed = int(search_state.counters[SEED])
        # Each dive by itself: one that comes second to the root's incumbent is still a base.
        dive_incumbent = Incumbent(
            incumbent.assignment.copy(), np.array([INF, incumbent.scalars[PENALTY_WEIGHT]])
        )
        bound = dive(data, workspace, dive_incumbent, divisor, deadline, seed, reserve)
        if dive_incumbent.scalars[VALUE] < least:
            least = float(dive_incumbent.scalars[VALUE])
            base = BestSet(_save_node(workspace), reserve, bound)
        if dive_incumbent.scalars[VALUE] < incumbent.scalars[VALUE]:
            incumbent.scalars[VALUE] = dive_incumbent.scalars[VALUE]
            incumbent.assignment[:] = dive_incumbent.assignment
    return base


def _search_neighbourhoods(
    data: ProblemData,
    workspace: NodeWorkspace,
    search_state: SearchState,
    incumbent: Incumbent,
    root: SavedNode,
    base: BestSet,
    deadline: float,
) -> BestSet:
    """Settle one region of the base after the other anew; return the last base."""
    rng = np.random.default_rng(int(search_state.counters[SEED]))
    _restore_node(data, workspace, root)
    bound = compute_penalties(
        data, workspace.node, workspace.work, workspace.multiplier, workspace.penalties
    )
    near = workspace.work.if_open <= bound + NEAR * (cutoff_of(incumbent, search_state.gap) - bound)
    failures = 0
    while failures < MAX_FAILURES and time.perf_counter() < deadline:
        customer, opened = rng.integers(len(data.demand)), rng.integers(MIN_OPENED, MAX_OPENED + 1)
        state = free_neighbourhood(
            data, root.state, base.node.state, near, int(customer), int(opened)
        )
        divisor = int(rng.choice(DIVISORS))
        failures += 1
        _restore_node(data, workspace, SavedNode(root.allowed, state, base.node.multiplier))
        search_state.counters[SEED] += STARTS
        seed = int(search_state.counters[SEED])
        bound = dive(data, workspace, incumbent, divisor, deadline, seed, base.reserve, base.bound)
        if bound < base.bound:
            if bound < base.bound * (1.0 - search_state.gap):
                failures = 0
            base = base._replace(node=_save_node(workspace), bound=bound)
    return base


def free_neighbourhood(
    data: ProblemData, root: States, base: States, near: Booleans, customer: int, opened: int
) -> States:
    """Set the sites around a customer free.

    Parameters
    ----------
    data : Data
        The problem.
    root, base_cost : ndarray of int8, shape (J,)
        States of the sites at the root, which are kept where they are settled, and in the base.
    near : ndarray of bool, shape (J,)
        Sites that may be set free even if they are closed in the base.
    customer, opened : int
        Sites are taken in the order of this customer's costs, until so many are open in the base.

    Returns
    -------
    ndarray of int8, shape (J,)
        The states.
    """
    order = np.argsort(data.cost[:, customer], kind="stable")
    is_open = base == OPEN
    region = np.zeros(len(base), dtype=bool)
    region[order[np.cumsum(is_open[order]) <= opened]] = True
    free = region & (root == FREE) & (near | is_open)
    states: States = np.where(free, FREE, np.where(is_open, OPEN, CLOSED)).astype(np.int8)
    return states
