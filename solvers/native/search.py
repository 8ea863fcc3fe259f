"""The whole search within a time limit, from a problem to an outcome."""

from __future__ import annotations

import math
import time

import numpy as np

from solvers.native.large_neighbourhood_search import large_neighbourhood_search
from solvers.native.local_search.tabu_search import SWAP_SAMPLE
from solvers.native.model.incumbent import VALUE, Incumbent, cutoff_of, offer_incumbent
from solvers.native.model.node import propagate
from solvers.native.model.problem_data import (
    FREE,
    INF,
    Flags,
    ProblemData,
    make_problem_data,
    operations_per_evaluation,
)
from solvers.native.outcome import Outcome, infeasible, outcome_of, remaining_pairs_of
from solvers.native.partition import push_partition
from solvers.native.root import ROUNDS, process_root
from solvers.native.tree.branch_and_bound import (
    FINISHED,
    FULL,
    INTERRUPTED,
    NODES,
    SearchState,
    branch_and_bound,
    make_search_state,
)
from solvers.native.tree.node_processing import SHORT_ASCENT
from solvers.native.tree.node_queue import NodeQueue, dual_bound, grow, make_queue, push
from solvers.native.tree.node_workspace import NodeWorkspace, make_node_workspace
from solvers.packing import why_too_small
from solvers.problem import Integers, Problem
from solvers.result import Status

MIN_GAP = 1e-9
"""Smallest relative gap that doubles can prove; gap 0 means this."""
GAP_FACTOR = 0.9999
"""The search aims at this fraction of the gap, so that rounding cannot decide whether it is met."""
SLICE_OPERATIONS = 200_000_000
"""Elementary operations between two readings of the clock: some tenths of a second."""
TREE_SLICE_FACTOR = 5
"""Slices in the tree have this many times the evaluations of those at the root.

In the tree, the profitable customers of most sites fit together, and such a site needs no knapsack
table: an evaluation takes fewer operations than `operations_per_evaluation` estimates.
"""
NODE_OPERATIONS = 1_000_000_000
"""Most elementary operations in one node."""
SEED_STRIDE = 1000
"""Each seed of the options has this many seeds of tabu searches to itself."""
FEW_PAIRS = 3000
"""Number of remaining pairs up to which a MIP solver does the rest well."""
MAX_SLICES_FEW_PAIRS = 60
"""Slices in the tree after which a problem with few pairs is left to a MIP solver.

About half a minute of work. The limit is in operations, not in seconds, so that the speed of the
machine does not decide which solver proves a result, and with it the last digits of the result.
"""
MANY_FREE_SITES = 20
"""With more free sites than this after the root, branching on single sites is too slow."""
MIN_DIVE_LIMIT_S = 10
"""Shortest time limit with dives: a dive may take seconds between two readings of the clock."""
LNS_SHARE = 0.5
"""Fraction of the time left after the root that large neighbourhood search may use."""


def search(
    problem: Problem,
    gap: float,
    time_limit_s: float,
    seed: int = 0,
    few_pairs_limit_s: float | None = None,
    start: Integers | None = None,
) -> Outcome:
    """Solve a collapsed problem by branch and bound on the Lagrangian bound.

    Parameters
    ----------
    problem : Problem
        One for which `why_unfit` returns None.
    gap : float
        Relative gap at which to stop; 0 means `MIN_GAP`.
    time_limit_s : float
        Time limit, s. The clock is read between slices of work of some tenths of a second.
    seed : int
        Seed of the tabu search. The result is a function of the arguments, except that the clock
        may end the search earlier or later.
    few_pairs_limit_s : float, optional
        Time limit, s, if at most `FEW_PAIRS` pairs remain after the root. Such a search also ends
        after `MAX_SLICES_FEW_PAIRS`.
    start : ndarray of int, shape (K,), optional
        The first incumbent if it is feasible.

    Returns
    -------
    Outcome
        Incumbent, dual bound, and the pairs that are not fixed at 0.
    """
    begin = time.perf_counter()
    workspace = make_node_workspace(data := make_problem_data(problem))
    if (reason := why_too_small(problem)) is not None:
        return infeasible(workspace, 0, reason)
    if not propagate(data, workspace.allowed, workspace.state, workspace.node):
        return infeasible(workspace, 0)
    target_gap = min(max(gap * GAP_FACTOR, MIN_GAP), 1.0)
    slice_evaluations = max(1, int(SLICE_OPERATIONS / operations_per_evaluation(data)))
    seed = SEED_STRIDE * (seed % (2**31 // SEED_STRIDE))
    incumbent = first_incumbent(data, start)
    bound = process_root(
        data, workspace, incumbent, target_gap, slice_evaluations, begin + time_limit_s, seed
    )
    if bound == INF:
        return infeasible(workspace, 0)
    remaining_pairs = remaining_pairs_of(workspace)
    if bound >= cutoff_of(incumbent, target_gap):
        return outcome_of(Status.OPTIMAL, incumbent, target_gap, bound, 0, remaining_pairs)
    max_slices = math.inf
    if few_pairs_limit_s is not None and np.count_nonzero(remaining_pairs) <= FEW_PAIRS:
        time_limit_s = min(time_limit_s, few_pairs_limit_s)
        max_slices = MAX_SLICES_FEW_PAIRS
    search_state = _search_state(data, workspace, incumbent, target_gap, seed + ROUNDS)
    queue = _split_root(
        data, workspace, search_state, incumbent, bound, slice_evaluations, begin, time_limit_s
    )
    deadline = begin + time_limit_s
    stop_reason, queue = _search_tree(
        data, workspace, queue, search_state, incumbent, slice_evaluations, max_slices, deadline
    )
    nodes = int(search_state.counters[NODES])
    found = incumbent.scalars[VALUE] < INF
    if stop_reason == FINISHED and not found:
        return infeasible(workspace, nodes)
    unproven = Status.TIME_LIMIT if found else Status.NO_SOLUTION
    status = Status.OPTIMAL if stop_reason == FINISHED else unproven
    bound = min(dual_bound(queue), cutoff_of(incumbent, target_gap))
    return outcome_of(status, incumbent, target_gap, bound, nodes, remaining_pairs)


def _search_state(
    data: ProblemData, workspace: NodeWorkspace, incumbent: Incumbent, gap: float, seed: int
) -> SearchState:
    """Set the limits of node processing and tabu search by the size of the problem."""
    evaluations = int(NODE_OPERATIONS / operations_per_evaluation(data))
    steps = int(NODE_OPERATIONS / (data.cost.size + SWAP_SAMPLE * len(data.demand)))
    pairs = _pairs_with_incumbent(workspace.allowed, incumbent)
    return make_search_state(pairs, gap, max(SHORT_ASCENT, evaluations), max(1, steps), seed)


def _split_root(
    data: ProblemData,
    workspace: NodeWorkspace,
    search_state: SearchState,
    incumbent: Incumbent,
    bound: float,
    slice_evaluations: int,
    begin: float,
    time_limit_s: float,
) -> NodeQueue:
    """Return a queue that holds the root, or, with many free sites, a partition of the root.

    With many free sites, large neighbourhood search looks for a better incumbent first.
    """
    queue = make_queue(data)
    if np.count_nonzero(workspace.state == FREE) <= MANY_FREE_SITES:
        push(queue, workspace.allowed, workspace.state, workspace.multiplier, bound)
        return queue
    if time_limit_s >= MIN_DIVE_LIMIT_S:
        now = time.perf_counter()
        limit = now + LNS_SHARE * (begin + time_limit_s - now)
        large_neighbourhood_search(
            data, workspace, search_state, incumbent, TREE_SLICE_FACTOR * slice_evaluations, limit
        )
    push_partition(data, workspace, queue, bound, cutoff_of(incumbent, search_state.gap))
    search_state.tabu_pairs[:] = _pairs_with_incumbent(workspace.allowed, incumbent)
    return queue


def _search_tree(
    data: ProblemData,
    workspace: NodeWorkspace,
    queue: NodeQueue,
    search_state: SearchState,
    incumbent: Incumbent,
    slice_evaluations: int,
    max_slices: float,
    deadline: float,
) -> tuple[int, NodeQueue]:
    """Branch and bound in slices until the tree is finished, or time or memory runs out.

    Returns
    -------
    stop_reason, queue : int, NodeQueue
        FINISHED, INTERRUPTED or FULL; the open nodes: a queue that grew is a new object.
    """
    evaluations = TREE_SLICE_FACTOR * slice_evaluations
    stop_reason = INTERRUPTED
    while stop_reason != FINISHED and max_slices > 0 and time.perf_counter() < deadline:
        if stop_reason == FULL:
            larger = grow(queue)
            if larger is None:
                break
            queue = larger
        stop_reason = branch_and_bound(data, workspace, queue, search_state, incumbent, evaluations)
        max_slices -= 1
    return stop_reason, queue


def first_incumbent(data: ProblemData, start: Integers | None = None) -> Incumbent:
    """Return an incumbent without a solution, or with the start if that is feasible.

    The first penalty weight, cost per tonne of overload, is the median over customers of the
    standard deviation, over sites, of the cost of a tonne.
    """
    spread = float(np.median(data.cost.std(axis=0) / data.demand))
    penalty_weight = spread if spread > 0 else 1.0
    incumbent = Incumbent(np.zeros(len(data.demand), np.int64), np.array([INF, penalty_weight]))
    if start is not None:
        offer_incumbent(data, start, incumbent)
    return incumbent


def _pairs_with_incumbent(allowed: Flags, incumbent: Incumbent) -> Flags:
    """Return the allowed pairs and those of the incumbent, shape (J, K)."""
    pairs = allowed.copy()
    if incumbent.scalars[VALUE] < INF:
        pairs[incumbent.assignment, np.arange(pairs.shape[1])] = 1
    return pairs
