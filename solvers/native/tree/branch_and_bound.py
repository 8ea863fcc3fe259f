"""Branch and bound on the Lagrangian bound: best bound first, with plunges.

A node branches on a site while one is free, else on the customer with the fewest sites left, with
one child per site. Each child has its exact bound with the current multipliers. The search goes on
with the best child immediately (a plunge), because plunges find incumbents; the other children go
into the node queue. Holmberg, Ronnqvist and Yuan (1999), European Journal of Operational Research
113; Posta, Ferland and Michelon (2012), Computational Optimization and Applications 52.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.native.local_search.pair_exchange import exchange_pairs
from solvers.native.local_search.repair import repair
from solvers.native.local_search.tabu_search import tabu_search
from solvers.native.model.arrays import copy_matrix, copy_vector
from solvers.native.model.compilation import compiled
from solvers.native.model.incumbent import PENALTY_WEIGHT, Incumbent, cutoff_of, offer_incumbent
from solvers.native.model.parameters import (
    AscentParameters,
    SearchParameters,
    TabuParameters,
    TreeParameters,
)
from solvers.native.model.problem_data import Flags, ProblemData
from solvers.native.tree.branching import choose_site, split_customer, split_site
from solvers.native.tree.node_processing import process_node, site_hash
from solvers.native.tree.node_queue import SIZE, NodeQueue, has_room, pop, push
from solvers.native.tree.node_workspace import NodeWorkspace
from solvers.problem import Integers

FINISHED, INTERRUPTED, FULL = range(3)
"""Why `branch_and_bound` returns."""
NODES, SEED = range(2)
"""Indices of `SearchState.counters`: nodes processed, and the last seed of a tabu search."""


class SearchState(NamedTuple):
    """Parameters and counters of a search.

    Attributes
    ----------
    tabu_pairs : ndarray of uint8, shape (J, K)
        Pairs that tabu searches may use: those that remain after the root, and the incumbent's.
    gap : float
        Relative gap: solutions within this distance below the incumbent need not be found.
    max_evaluations : int
        Most evaluations of the bound in a node.
    max_tabu_steps : int
        Most steps of a tabu search.
    visits : ndarray of int, shape (256,)
        Visits of each set of open sites, by hash; a collision only skips a tabu search.
    counters : ndarray of int, shape (2,)
        NODES and SEED.
    tree, ascent, tabu : TreeParameters, AscentParameters, TabuParameters
        The parameters that compiled functions read.
    """

    tabu_pairs: Flags
    gap: float
    max_evaluations: int
    max_tabu_steps: int
    visits: Integers
    counters: Integers
    tree: TreeParameters
    ascent: AscentParameters
    tabu: TabuParameters


def make_search_state(
    tabu_pairs: Flags,
    gap: float,
    max_evaluations: int,
    max_tabu_steps: int,
    seed: int,
    parameters: SearchParameters,
) -> SearchState:
    """Return a search state with all counts at zero and the seed at ``seed``."""
    return SearchState(
        tabu_pairs,
        gap,
        max_evaluations,
        max_tabu_steps,
        np.zeros(256, np.int64),
        np.array([0, seed]),
        parameters.tree,
        parameters.ascent,
        parameters.tabu,
    )


@compiled
def branch_and_bound(
    data: ProblemData,
    workspace: NodeWorkspace,
    queue: NodeQueue,
    search_state: SearchState,
    incumbent: Incumbent,
    evaluations: int,
) -> int:
    """Process nodes for about the given number of evaluations of the bound.

    Returns
    -------
    int
        FINISHED: no open node has a bound below the cutoff. INTERRUPTED: the evaluations are used
        up, or the time is. FULL: the queue needs more slots. In each case the queue holds all open
        nodes.
    """
    left = evaluations
    while queue.counters[SIZE] > 0:
        if queue.bound[queue.heap[0]] >= cutoff_of(incumbent, search_state.gap):
            return FINISHED
        if left <= 0 or workspace.work.stop[0] == 1:
            return INTERRUPTED
        if not has_room(queue, data.capacity.shape[0] + 1):
            return FULL
        slot = pop(queue)
        copy_matrix(queue.allowed[slot], workspace.allowed)
        copy_vector(queue.state[slot], workspace.state)
        copy_vector(queue.multiplier[slot], workspace.multiplier)
        workspace.current_key[0] = 0
        left = _plunge(data, workspace, queue, search_state, incumbent, queue.bound[slot], left)
    return FINISHED


@compiled
def _plunge(
    data: ProblemData,
    workspace: NodeWorkspace,
    queue: NodeQueue,
    search_state: SearchState,
    incumbent: Incumbent,
    bound: float,
    left: int,
) -> int:
    """Go from a node to a leaf, always to the best child; return the evaluations left."""
    while True:
        stopped = workspace.work.stop[0] == 1
        if left <= 0 or stopped or not has_room(queue, data.capacity.shape[0] + 1):
            push(queue, workspace.allowed, workspace.state, workspace.multiplier, bound)
            return left
        search_state.counters[NODES] += 1
        cutoff = cutoff_of(incumbent, search_state.gap)
        bound, used = process_node(
            data,
            workspace,
            bound,
            cutoff,
            search_state.max_evaluations,
            search_state.tree,
            search_state.ascent,
        )
        left -= used + 1
        if bound >= cutoff:
            return left
        if _offer_if_complete(data, workspace, incumbent):
            return left
        if workspace.work.stop[0] == 1:
            continue
        site = choose_site(workspace, bound, search_state.tree.min_rise)
        _run_heuristic(data, workspace, search_state, incumbent, site)
        cutoff = cutoff_of(incumbent, search_state.gap)
        if bound >= cutoff:
            return left
        if site >= 0:
            bound = split_site(workspace, queue, site, bound, cutoff)
        else:
            bound = split_customer(data, workspace, queue, bound, cutoff)
        if bound >= cutoff:
            return left


@compiled
def _offer_if_complete(data: ProblemData, workspace: NodeWorkspace, incumbent: Incumbent) -> bool:
    """If every customer is assigned, offer the assignment and return True: the node is a leaf."""
    for k in range(data.demand.shape[0]):
        if workspace.node.unassigned[k] == 1:
            return False
    offer_incumbent(data, workspace.node.site_of, incumbent)
    return True


@compiled
def _run_heuristic(
    data: ProblemData,
    workspace: NodeWorkspace,
    search_state: SearchState,
    incumbent: Incumbent,
    site: int,
) -> None:
    """Search for a better incumbent from the Lagrangian solution.

    At every node without free sites, the customers of pairs of sites are exchanged. A tabu search
    is due at every ``tabu_interval``-th node, at the first visits of a set of open sites, and if
    the Lagrangian solution serves every customer exactly once.
    """
    node, work, tree = workspace.node, workspace.work, search_state.tree
    relaxation_is_feasible = True
    for k in range(data.demand.shape[0]):
        if node.unassigned[k] == 1 and work.times_served[k] != 1:
            relaxation_is_feasible = False
    due = relaxation_is_feasible or search_state.counters[NODES] % tree.tabu_interval == 0
    if site < 0 and not due:
        i = (site_hash(workspace.state) >> 20) & (search_state.visits.shape[0] - 1)
        search_state.visits[i] += 1
        due = search_state.visits[i] <= tree.tabu_visits
    repair(data, node, work, workspace.multiplier, workspace.assignment)
    if site < 0 or due:
        copy_vector(workspace.assignment, workspace.local.assignment)
        exchange_pairs(
            data,
            search_state.tabu_pairs,
            workspace.local.assignment,
            incumbent,
            incumbent.scalars[PENALTY_WEIGHT],
            work,
            search_state.tabu,
        )
    if not due:
        return
    if relaxation_is_feasible:
        offer_incumbent(data, workspace.assignment, incumbent)
    steps = (tree.short_tabu if site >= 0 else tree.long_tabu) * data.demand.shape[0]
    search_state.counters[SEED] += 1
    penalty_weight, seed = incumbent.scalars[PENALTY_WEIGHT], search_state.counters[SEED]
    tabu_search(
        data,
        search_state.tabu_pairs,
        workspace.assignment,
        incumbent,
        penalty_weight,
        min(steps, search_state.max_tabu_steps),
        seed,
        search_state.tabu,
        workspace.local,
        work.stop,
    )
