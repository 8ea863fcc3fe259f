"""The whole search under a clock: a problem in, an outcome out."""

from __future__ import annotations

import math
import time

import numpy as np

from solvers.native.large_neighbourhood_search import large_neighbourhood_search
from solvers.native.local_search.tabu_search import SAMPLE
from solvers.native.model.incumbent import VALUE, Incumbent, cutoff_of
from solvers.native.model.instance import (
    make_problem_data,
    operations_per_evaluation,
    why_infeasible,
)
from solvers.native.model.node import propagate
from solvers.native.model.problem_data import FREE, INF, Flags, ProblemData
from solvers.native.outcome import Outcome, infeasible, outcome_of, remaining_pairs_of
from solvers.native.partition import push_partition
from solvers.native.root import STAGES, process_root
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
from solvers.problem import Problem
from solvers.result import Status

MIN_GAP = 1e-9
"""Smallest relative gap that doubles can prove; gap 0 means this."""
INNER = 0.9999
"""Fraction of the gap that the search itself aims at, so that rounding never decides."""
SLICE_OPERATIONS = 200_000_000
"""Elementary operations between two looks at the clock: some tenths of a second."""
LONGER_SLICE = 5
"""So many times as much in the tree, where most sites' customers fit without a table."""
NODE_OPERATIONS = 1_000_000_000
"""The same for a node at most."""
STREAM = 1000
"""Distance of the random numbers of neighbouring seeds."""
FEW_PAIRS = 3000
"""So few pairs are a task for a MIP solver."""
MAX_SLICES_FEW_PAIRS = 60
"""Slices in the tree after which such a rest is left to it: some half a minute of work. Work, not
seconds: what proves a row, and so its last digits, shall not depend on the speed of a machine."""
MANY_SITES = 20
"""So many free sites after the root are too many for a tree to settle one by one."""
MIN_DIVE_LIMIT_S = 10
"""Time limit from which a dive, which may take seconds between two looks at the clock, pays."""
LNS_SHARE = 0.5
"""Fraction of the time left after the root in which good sets of sites are then looked for."""


def search(
    problem: Problem,
    gap: float,
    time_limit_s: float,
    seed: int = 0,
    few_pairs_limit_s: float | None = None,
) -> Outcome:
    """Solve a collapsed problem by branch and bound on the Lagrangian bound.

    Parameters
    ----------
    problem : Problem
        One for which `why_unfit` returns None.
    gap : float
        Relative gap at which to stop; 0 means `MIN_GAP`.
    time_limit_s : float
        Seconds. The clock is read between slices of work of some tenths of a second.
    seed : int
        Seed of the tabu search. The result is a function of the arguments, except that the clock
        may end the search earlier or later.
    few_pairs_limit_s : float, optional
        The time limit if at most `FEW_PAIRS` pairs remain after the root. Such a search also ends
        after `MAX_SLICES_FEW_PAIRS`.

    Returns
    -------
    Outcome
        Incumbent, bound, and the pairs that remain.
    """
    begin = time.perf_counter()
    data = make_problem_data(problem)
    workspace = make_node_workspace(data)
    reason = why_infeasible(data)
    if reason is not None:
        return infeasible(workspace, 0, reason)
    if not propagate(data, workspace.allowed, workspace.state, workspace.node):
        return infeasible(workspace, 0)
    inner = min(max(gap * INNER, MIN_GAP), 1.0)
    slice_ = max(1, int(SLICE_OPERATIONS / operations_per_evaluation(data)))
    seed = STREAM * (seed % (2**31 // STREAM))
    incumbent = no_incumbent(data)
    bound = process_root(data, workspace, incumbent, inner, slice_, begin + time_limit_s, seed)
    if bound == INF:
        return infeasible(workspace, 0)
    remaining_pairs = remaining_pairs_of(workspace)
    if bound >= cutoff_of(incumbent, inner):
        return outcome_of(Status.OPTIMAL, incumbent, inner, bound, 0, remaining_pairs)

    max_slices = math.inf
    if few_pairs_limit_s is not None and np.count_nonzero(remaining_pairs) <= FEW_PAIRS:
        time_limit_s = min(time_limit_s, few_pairs_limit_s)
        max_slices = MAX_SLICES_FEW_PAIRS
    search_state = _search_state(data, workspace, incumbent, inner, seed + STAGES)
    queue = _split_root(
        data, workspace, search_state, incumbent, bound, slice_, begin, time_limit_s
    )
    deadline = begin + time_limit_s
    why, queue = _search_tree(
        data, workspace, queue, search_state, incumbent, LONGER_SLICE * slice_, max_slices, deadline
    )
    nodes = int(search_state.counters[NODES])
    if incumbent.scalars[VALUE] == INF and why == FINISHED:
        return infeasible(workspace, nodes)
    status = Status.OPTIMAL if why == FINISHED else Status.TIME_LIMIT
    if incumbent.scalars[VALUE] == INF:
        status = Status.NO_SOLUTION
    bound = min(dual_bound(queue), cutoff_of(incumbent, inner))
    return outcome_of(status, incumbent, inner, bound, nodes, remaining_pairs)


def _search_state(
    data: ProblemData, workspace: NodeWorkspace, incumbent: Incumbent, gap: float, seed: int
) -> SearchState:
    """Set the limits of node processing and tabu search by the size of the problem."""
    evaluations = int(NODE_OPERATIONS / operations_per_evaluation(data))
    steps = int(NODE_OPERATIONS / (data.cost.size + SAMPLE * len(data.demand)))
    pairs = _with_incumbent(workspace.allowed, incumbent)
    return make_search_state(pairs, gap, max(SHORT_ASCENT, evaluations), max(1, steps), seed)


def _split_root(
    data: ProblemData,
    workspace: NodeWorkspace,
    search_state: SearchState,
    incumbent: Incumbent,
    bound: float,
    slice_: int,
    begin: float,
    time_limit_s: float,
) -> NodeQueue:
    """Return a queue that holds the root, or with many free sites the parts of the root.

    With many free sites, large neighbourhood search looks for a better incumbent first.
    """
    queue = make_queue(data)
    if np.count_nonzero(workspace.state == FREE) <= MANY_SITES:
        push(queue, workspace.allowed, workspace.state, workspace.multiplier, bound)
        return queue
    if time_limit_s >= MIN_DIVE_LIMIT_S:
        now = time.perf_counter()
        limit = now + LNS_SHARE * (begin + time_limit_s - now)
        large_neighbourhood_search(
            data, workspace, search_state, incumbent, LONGER_SLICE * slice_, limit
        )
    push_partition(data, workspace, queue, bound, cutoff_of(incumbent, search_state.gap))
    search_state.tabu_pairs[:] = _with_incumbent(workspace.allowed, incumbent)
    return queue


def _search_tree(
    data: ProblemData,
    workspace: NodeWorkspace,
    queue: NodeQueue,
    search_state: SearchState,
    incumbent: Incumbent,
    evaluations: int,
    max_slices: float,
    deadline: float,
) -> tuple[int, NodeQueue]:
    """Branch and bound in slices until the tree is finished, the clock or the memory runs out.

    Returns
    -------
    why, queue : int, NodeQueue
        FINISHED, INTERRUPTED or FULL, and the open nodes: the queue grows by being copied.
    """
    why = INTERRUPTED
    while why != FINISHED and max_slices > 0 and time.perf_counter() < deadline:
        if why == FULL:
            larger = grow(queue)
            if larger is None:
                break
            queue = larger
        why = branch_and_bound(data, workspace, queue, search_state, incumbent, evaluations)
        max_slices -= 1
    return why, queue


def no_incumbent(data: ProblemData) -> Incumbent:
    """Return an incumbent without a solution.

    The first penalty weight of a tonne of overload is the median, over customers, of how much the
    cost of a tonne differs from site to site.
    """
    spread = float(np.median(data.cost.std(axis=0) / data.demand))
    penalty_weight = spread if spread > 0 else 1.0
    return Incumbent(np.zeros(len(data.demand), np.int64), np.array([INF, penalty_weight]))


def _with_incumbent(allowed: Flags, incumbent: Incumbent) -> Flags:
    """Return the allowed pairs and those of the incumbent, shape (J, K)."""
    pairs = allowed.copy()
    if incumbent.scalars[VALUE] < INF:
        pairs[incumbent.assignment, np.arange(pairs.shape[1])] = 1
    return pairs
