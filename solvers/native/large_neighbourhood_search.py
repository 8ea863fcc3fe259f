"""Large neighbourhood search over sets of open sites: several dives, then dives in small regions.

The result of a dive depends on which sites it fixes first, and no divisor and no reserve is best on
all networks. Dives mostly agree on a site; where they disagree, the sites concerned lie in one
region. So the search frees the sites around one customer, keeps all others as they are in the best
set, and dives again in that region, which takes a fraction of the time of a dive from the root.
Shaw (1998), CP98, LNCS 1520, on neighbourhoods that are large and local.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from solvers.native.bound.penalties import compute_penalties
from solvers.native.dive import TABU_STARTS, dive
from solvers.native.model.incumbent import PENALTY_WEIGHT, VALUE, Incumbent, cutoff_of
from solvers.native.model.node import propagate
from solvers.native.model.problem_data import CLOSED, FREE, INF, OPEN, Flags, ProblemData, States
from solvers.native.tree.branch_and_bound import SEED, SearchState, branch_and_bound
from solvers.native.tree.node_queue import make_queue, push
from solvers.native.tree.node_workspace import NodeWorkspace
from solvers.problem import Booleans, Floats

DIVES = ((4, 0.01), (2, 0.01), (4, 0.0), (4, 0.005), (6, 0.01), (3, 0.005), (9, 0.0))
"""Divisor and reserve of each dive from the root; with hundreds of sites one takes some seconds."""
DIVE_SHARE, NEIGHBOURHOOD_SHARE = 0.5, 0.85
"""Fractions of the time after which no dive from the root, or in a neighbourhood, begins."""
MIN_OPENED, MAX_OPENED = 2, 6
"""Fewest and most open sites around a customer that are freed."""
MAX_RISE_SHARE = 0.4
"""A site closed in the best set may be freed only if its forced-open bound exceeds the bound by at
most this fraction of the distance from the bound to the cutoff."""
DIVISORS = (2, 3, 4, 6)
"""Divisors of the dives in neighbourhoods, drawn at random."""
MAX_FAILURES = 60
"""Successive dives in neighbourhoods without an improvement after which the search ends."""
TREE_SLICES = 12
"""Slices of branch and bound on the best set."""


class SavedNode(NamedTuple):
    """A copy of a node, to be restored later.

    Attributes
    ----------
    allowed : ndarray of uint8, shape (J, K)
        Pairs that are not fixed at 0.
    state : ndarray of int8, shape (J,)
        States of the sites.
    multiplier : ndarray, shape (K,)
        First multipliers.
    """

    allowed: Flags
    state: States
    multiplier: Floats


class BestSet(NamedTuple):
    """The best set of open sites so far.

    Attributes
    ----------
    node : SavedNode
        The node in which all sites are fixed.
    reserve : float
        Reserve of the dive that found it; see `dive`.
    bound : float
        Bound of the node with that reserve.
    """

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
    """Search for incumbents with good sets of open sites; ``workspace`` is restored on return.

    Parameters
    ----------
    data, workspace, search_state, incumbent
        The problem; the node, on which `propagate` has run; parameters and counters of the
        search; the incumbent, which may be improved.
    evaluations : int
        Evaluations of the bound in each slice of branch and bound on the best set; the clock is
        read between two slices.
    deadline : float
        Value of `time.perf_counter` at which to stop, s.
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
        restricted_state = search_state._replace(tabu_pairs=base.node.allowed)
        for _ in range(TREE_SLICES):
            if time.perf_counter() < deadline:
                branch_and_bound(data, workspace, queue, restricted_state, incumbent, evaluations)
    _restore_node(data, workspace, root)


def _save_node(workspace: NodeWorkspace) -> SavedNode:
    """Copy the node in ``workspace``."""
    return SavedNode(workspace.allowed.copy(), workspace.state.copy(), workspace.multiplier.copy())


def _restore_node(data: ProblemData, workspace: NodeWorkspace, node: SavedNode) -> None:
    """Copy a saved node into ``workspace`` and propagate."""
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
    """Dive from the root; return the set of the cheapest solution, None if there is none."""
    base = None
    best_value = INF
    for divisor, reserve in DIVES:
        if time.perf_counter() > deadline:
            break
        _restore_node(data, workspace, root)
        search_state.counters[SEED] += TABU_STARTS
        seed = int(search_state.counters[SEED])
        # Each dive has its own incumbent: its set may be the base without beating the root's one.
        dive_incumbent = Incumbent(
            incumbent.assignment.copy(), np.array([INF, incumbent.scalars[PENALTY_WEIGHT]])
        )
        bound = dive(data, workspace, dive_incumbent, divisor, deadline, seed, reserve)
        if dive_incumbent.scalars[VALUE] < best_value:
            best_value = float(dive_incumbent.scalars[VALUE])
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
    """Dive in one neighbourhood of the base after another; return the last base."""
    rng = np.random.default_rng(int(search_state.counters[SEED]))
    _restore_node(data, workspace, root)
    bound = compute_penalties(
        data, workspace.node, workspace.work, workspace.multiplier, workspace.penalties
    )
    promising = workspace.work.if_open <= bound + MAX_RISE_SHARE * (
        cutoff_of(incumbent, search_state.gap) - bound
    )
    failures = 0
    while failures < MAX_FAILURES and time.perf_counter() < deadline:
        customer, opened = rng.integers(len(data.demand)), rng.integers(MIN_OPENED, MAX_OPENED + 1)
        state = free_neighbourhood(
            data, root.state, base.node.state, promising, int(customer), int(opened)
        )
        divisor = int(rng.choice(DIVISORS))
        failures += 1
        _restore_node(data, workspace, SavedNode(root.allowed, state, base.node.multiplier))
        search_state.counters[SEED] += TABU_STARTS
        seed = int(search_state.counters[SEED])
        bound = dive(data, workspace, incumbent, divisor, deadline, seed, base.reserve, base.bound)
        if bound < base.bound:
            if bound < base.bound * (1.0 - search_state.gap):
                failures = 0
            base = base._replace(node=_save_node(workspace), bound=bound)
    return base


def free_neighbourhood(
    data: ProblemData, root: States, base: States, promising: Booleans, customer: int, opened: int
) -> States:
    """Free the sites around a customer.

    Parameters
    ----------
    data : ProblemData
        The problem.
    root, base : ndarray of int8, shape (J,)
        States of the sites at the root and in the base. Sites fixed at the root are not freed.
    promising : ndarray of bool, shape (J,)
        Sites that may be freed even if they are closed in the base.
    customer, opened : int
        Sites are taken in ascending order of this customer's cost, until ``opened`` of them are
        open in the base.

    Returns
    -------
    ndarray of int8, shape (J,)
        States of the sites: FREE in the neighbourhood, elsewhere as in the base.
    """
    order = np.argsort(data.cost[:, customer], kind="stable")
    is_open = base == OPEN
    region = np.zeros(len(base), dtype=bool)
    region[order[np.cumsum(is_open[order]) <= opened]] = True
    free = region & (root == FREE) & (promising | is_open)
    states: States = np.where(free, FREE, np.where(is_open, OPEN, CLOSED)).astype(np.int8)
    return states
