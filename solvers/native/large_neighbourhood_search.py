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
from solvers.native.dive import dive
from solvers.native.model.incumbent import (
    PENALTY_WEIGHT,
    VALUE,
    Incumbent,
    cutoff_of,
    make_incumbent,
)
from solvers.native.model.node import propagate
from solvers.native.model.parameters import SearchParameters
from solvers.native.model.problem_data import (
    CLOSED,
    FREE,
    INF,
    OPEN,
    Flags,
    ProblemData,
    States,
    evaluations_in,
)
from solvers.native.model.search_clock import SearchClock
from solvers.native.tree.branch_and_bound import NODES, SEED, SearchState, branch_and_bound
from solvers.native.tree.node_queue import make_queue, push
from solvers.native.tree.node_workspace import NodeWorkspace
from solvers.problem import Booleans, Floats


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
    parameters: SearchParameters,
    search_state: SearchState,
    incumbent: Incumbent,
    clock: SearchClock,
    deadline: float,
) -> None:
    """Search for incumbents with good sets of open sites; ``workspace`` is restored on return.

    Parameters
    ----------
    data, workspace, parameters, search_state, incumbent
        The problem; the node, on which `propagate` has run; parameters, limits and counters of the
        search; the incumbent, which may be improved.
    clock, deadline : SearchClock, float
        The clock, and its value at which to stop, s.
    """
    begin = time.perf_counter()
    root = save_node(workspace)
    time_s = deadline - begin
    limits = parameters.neighbourhood
    limit = begin + limits.dive_share * time_s
    base = _dive_from_root(data, workspace, parameters, search_state, incumbent, root, clock, limit)
    if base is not None:
        limit = begin + limits.neighbourhood_share * time_s
        base = _search_neighbourhoods(
            data, workspace, parameters, search_state, incumbent, root, base, clock, limit
        )
        queue = make_queue(data)
        push(queue, base.node.allowed, base.node.state, base.node.multiplier, -INF)
        restricted_state = search_state._replace(tabu_pairs=base.node.allowed)
        evaluations = parameters.tree_slice_factor * evaluations_in(
            parameters.slice_operations, data
        )
        for _ in range(limits.tree_slices):
            if not clock.is_over(deadline):
                branch_and_bound(data, workspace, queue, restricted_state, incumbent, evaluations)
                clock.nodes = int(search_state.counters[NODES])
    restore_node(data, workspace, root)


def save_node(workspace: NodeWorkspace) -> SavedNode:
    """Copy the node in ``workspace``."""
    return SavedNode(workspace.allowed.copy(), workspace.state.copy(), workspace.multiplier.copy())


def restore_node(data: ProblemData, workspace: NodeWorkspace, node: SavedNode) -> None:
    """Copy a saved node into ``workspace`` and propagate."""
    workspace.allowed[:], workspace.state[:], workspace.multiplier[:] = node
    propagate(data, workspace.allowed, workspace.state, workspace.node)


def _dive_from_root(
    data: ProblemData,
    workspace: NodeWorkspace,
    parameters: SearchParameters,
    search_state: SearchState,
    incumbent: Incumbent,
    root: SavedNode,
    clock: SearchClock,
    deadline: float,
) -> BestSet | None:
    """Dive from the root; return the set of the cheapest solution, None if there is none."""
    base = None
    best_value = INF
    for divisor, reserve in parameters.neighbourhood.dives:
        if clock.is_over(deadline):
            break
        restore_node(data, workspace, root)
        search_state.counters[SEED] += parameters.dive.tabu_searches
        seed = int(search_state.counters[SEED])
        # Each dive has its own incumbent: its set may be the base without beating the root's one.
        dive_incumbent = make_incumbent(data, incumbent.scalars[PENALTY_WEIGHT])
        dive_incumbent.assignment[:] = incumbent.assignment
        bound = dive(data, workspace, parameters, dive_incumbent, divisor, deadline, seed, reserve)
        if dive_incumbent.scalars[VALUE] < best_value:
            best_value = float(dive_incumbent.scalars[VALUE])
            base = BestSet(save_node(workspace), reserve, bound)
        if dive_incumbent.scalars[VALUE] < incumbent.scalars[VALUE]:
            incumbent.scalars[VALUE] = dive_incumbent.scalars[VALUE]
            incumbent.assignment[:] = dive_incumbent.assignment
    return base


def _search_neighbourhoods(
    data: ProblemData,
    workspace: NodeWorkspace,
    parameters: SearchParameters,
    search_state: SearchState,
    incumbent: Incumbent,
    root: SavedNode,
    base: BestSet,
    clock: SearchClock,
    deadline: float,
) -> BestSet:
    """Dive in one neighbourhood of the base after another; return the last base."""
    limits = parameters.neighbourhood
    rng = np.random.default_rng(int(search_state.counters[SEED]))
    restore_node(data, workspace, root)
    bound = compute_penalties(
        data, workspace.node, workspace.work, workspace.multiplier, workspace.penalties, INF
    )
    promising = workspace.work.if_open <= bound + limits.max_rise_share * (
        cutoff_of(incumbent, search_state.gap) - bound
    )
    failures = 0
    while failures < limits.max_failures and not clock.is_over(deadline):
        customer = rng.integers(len(data.demand))
        opened = limits.min_opened + rng.integers(limits.opened_spread)
        state = free_neighbourhood(
            data, root.state, base.node.state, promising, int(customer), int(opened)
        )
        divisor = int(rng.choice(limits.divisors))
        failures += 1
        restore_node(data, workspace, SavedNode(root.allowed, state, base.node.multiplier))
        search_state.counters[SEED] += parameters.dive.tabu_searches
        seed = int(search_state.counters[SEED])
        bound = dive(
            data,
            workspace,
            parameters,
            incumbent,
            divisor,
            deadline,
            seed,
            base.reserve,
            base.bound,
        )
        if bound < base.bound:
            if bound < base.bound * (1.0 - search_state.gap):
                failures = 0
            base = base._replace(node=save_node(workspace), bound=bound)
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
