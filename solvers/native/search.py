"""The whole search within a time limit, from a problem to an outcome."""

from __future__ import annotations

import math
import time

import numpy as np

from solvers.native.large_neighbourhood_search import (
    large_neighbourhood_search,
    restore_node,
    save_node,
)
from solvers.native.local_search.tabu_search import steps_in
from solvers.native.model.incumbent import (
    COST_STEP,
    VALUE,
    Incumbent,
    cutoff_of,
    make_incumbent,
    offer_incumbent,
)
from solvers.native.model.node import propagate
from solvers.native.model.parameters import DEFAULTS, SearchParameters
from solvers.native.model.problem_data import (
    FREE,
    INF,
    Flags,
    ProblemData,
    evaluations_in,
    make_problem_data,
)
from solvers.native.model.search_clock import SearchClock, stop_at
from solvers.native.outcome import Outcome, infeasible, outcome_of, remaining_pairs_of
from solvers.native.partition import push_partition
from solvers.native.root import process_root
from solvers.native.tree.branch_and_bound import SearchState, make_search_state
from solvers.native.tree.node_queue import NodeQueue, has_room, make_queue, push
from solvers.native.tree.node_workspace import NodeWorkspace, make_node_workspace
from solvers.native.tree.tree_search import (
    TreePart,
    count_nodes,
    least_bound,
    search_tree,
    split_tree,
)
from solvers.packing import why_too_small
from solvers.problem import Integers, Problem
from solvers.progress import Report
from solvers.result import Status

MIN_GAP = 1e-9
"""Smallest relative gap that doubles can prove; gap 0 means this, unless costs are whole."""
GAP_FACTOR = 0.9999
"""The search aims at this fraction of the gap, so that rounding cannot decide whether it is met."""
SEED_STRIDE = 1000
"""Each seed of the options has this many seeds of tabu searches to itself."""


def search(
    problem: Problem,
    gap: float,
    time_limit_s: float,
    seed: int = 0,
    leave_few_pairs: bool = False,
    start: Integers | None = None,
    parameters: SearchParameters = DEFAULTS,
    report: Report | None = None,
    threads: int = 1,
) -> Outcome:
    """Solve a collapsed problem by branch and bound on the Lagrangian bound.

    Parameters
    ----------
    problem : Problem
        One for which `why_unfit` returns None.
    gap : float
        Relative gap at which to stop; 0 means `MIN_GAP`, or 0 where all costs are whole numbers.
    time_limit_s : float
        Time limit, s. Below the root the search then ends within a few evaluations of the bound; at
        the root the clock is read between slices of work of some tenths of a second.
    seed : int
        Seed of the tabu search. The arguments, and when the clock ends it, decide the result.
    leave_few_pairs : bool, optional
        Whether to end early if few pairs remain after the root, because a MIP solver does the rest
        well; see `SearchParameters.few_pairs`.
    start : ndarray of int, shape (K,), optional
        The first incumbent if it is feasible.
    parameters : SearchParameters, optional
        As `validate` returns them.
    report : Report, optional
        Gets the progress whenever the clock is read; the search ends when it returns True.
    threads : int, optional
        Threads of the tree search; see `solvers.native.tree.tree_search`.

    Returns
    -------
    Outcome
        Incumbent, dual bound, and the pairs that are not fixed at 0.
    """
    begin = time.perf_counter()
    data = make_problem_data(problem)
    workspace = make_node_workspace(data, parameters.max_surplus)
    if (reason := why_too_small(problem)) is not None:
        return infeasible(workspace, 0, reason)
    if not propagate(data, workspace.allowed, workspace.state, workspace.node):
        return infeasible(workspace, 0)
    seed = SEED_STRIDE * (seed % (2**31 // SEED_STRIDE))
    incumbent = first_incumbent(data, start)
    least_gap = 0.0 if incumbent.scalars[COST_STEP] > 0 else MIN_GAP
    gap = min(max(gap * GAP_FACTOR, least_gap), 1.0)
    clock, deadline = SearchClock(report, incumbent), begin + time_limit_s
    bound = process_root(data, workspace, parameters, incumbent, gap, clock, deadline, seed)
    if bound == INF:
        return infeasible(workspace, 0)
    return _search_below_root(
        data,
        workspace,
        parameters,
        incumbent,
        gap,
        bound,
        seed,
        leave_few_pairs,
        clock,
        begin,
        time_limit_s,
        threads,
    )


def _search_below_root(
    data: ProblemData,
    workspace: NodeWorkspace,
    parameters: SearchParameters,
    incumbent: Incumbent,
    gap: float,
    bound: float,
    seed: int,
    leave_few_pairs: bool,
    clock: SearchClock,
    begin: float,
    time_limit_s: float,
    threads: int,
) -> Outcome:
    """Search what the root, with its bound, leaves open; return the outcome of the whole search."""
    clock.bound = bound
    remaining_pairs = remaining_pairs_of(workspace)
    if bound >= cutoff_of(incumbent, gap):
        return outcome_of(Status.OPTIMAL, incumbent, gap, bound, 0, remaining_pairs)
    max_slices = math.inf
    if leave_few_pairs and np.count_nonzero(remaining_pairs) <= parameters.few_pairs:
        time_limit_s *= parameters.few_pairs_time_share
        max_slices = parameters.few_pairs_slices
    state = _search_state(data, workspace, parameters, incumbent, gap, seed)
    deadline = begin + time_limit_s
    # Not before the root: the thread of the timer would take as long as an easy one.
    with stop_at(deadline, workspace.work.stop):
        queue = _split_root(
            data, workspace, parameters, state, incumbent, bound, clock, begin, time_limit_s
        )
        tree = TreePart(workspace, queue, state, incumbent)
        parts = split_tree(data, tree, threads, parameters.max_surplus)
        finished = search_tree(data, parts, _slice(parameters, data), max_slices, clock, deadline)
    nodes, found = count_nodes(parts), incumbent.scalars[VALUE] < INF
    if finished and not found:
        return infeasible(workspace, nodes)
    unproven = Status.TIME_LIMIT if found else Status.NO_SOLUTION
    status = Status.OPTIMAL if finished else unproven
    bound = min(least_bound(parts), cutoff_of(incumbent, gap))
    return outcome_of(status, incumbent, gap, bound, nodes, remaining_pairs)


def _search_state(
    data: ProblemData,
    workspace: NodeWorkspace,
    parameters: SearchParameters,
    incumbent: Incumbent,
    gap: float,
    seed: int,
) -> SearchState:
    """Set the limits of node processing and tabu search by the size of the problem."""
    tree = parameters.tree
    evaluations = evaluations_in(tree.node_operations, data)
    return make_search_state(
        _pairs_with_incumbent(workspace.allowed, incumbent),
        gap,
        max(tree.evaluations, evaluations),
        steps_in(tree.node_operations, data, parameters.tabu),
        seed + parameters.root.rounds,
        parameters,
    )


def _split_root(
    data: ProblemData,
    workspace: NodeWorkspace,
    parameters: SearchParameters,
    search_state: SearchState,
    incumbent: Incumbent,
    bound: float,
    clock: SearchClock,
    begin: float,
    time_limit_s: float,
) -> NodeQueue:
    """Return a queue that holds the root, or, with many free sites, a partition of the root.

    If the queue has no room for the partition, it holds the root. With many free sites, one slice
    of the tree is searched, and if that does not finish, large neighbourhood search looks for a
    better incumbent.
    """
    queue = make_queue(data)
    n_free = int(np.count_nonzero(workspace.state == FREE))
    if n_free <= parameters.many_free_sites:
        push(queue, workspace.allowed, workspace.state, workspace.multiplier, bound)
        return queue
    root = save_node(workspace)
    share = parameters.neighbourhood.time_share
    if has_room(queue, n_free):
        cutoff = cutoff_of(incumbent, search_state.gap)
        push_partition(data, workspace, queue, parameters.core_sites, bound, cutoff)
    else:
        push(queue, workspace.allowed, workspace.state, workspace.multiplier, bound)
        share = 1.0  # the tree has no memory either
    # Most small problems end here, sooner than the neighbourhoods would.
    parts = [TreePart(workspace, queue, search_state, incumbent)]
    finished = search_tree(data, parts, _slice(parameters, data), 1, clock, begin + time_limit_s)
    queue = parts[0].queue
    if not finished and time_limit_s >= parameters.neighbourhood.min_time_limit_s:
        restore_node(data, workspace, root)
        now = time.perf_counter()
        limit = now + share * (begin + time_limit_s - now)
        large_neighbourhood_search(
            data, workspace, parameters, search_state, incumbent, clock, limit
        )
    search_state.tabu_pairs[:] = _pairs_with_incumbent(workspace.allowed, incumbent)
    return queue


def _slice(parameters: SearchParameters, data: ProblemData) -> int:
    """Return the evaluations of the bound between two readings of the clock, in the tree."""
    return parameters.tree_slice_factor * evaluations_in(parameters.slice_operations, data)


def first_incumbent(data: ProblemData, start: Integers | None = None) -> Incumbent:
    """Return an incumbent without a solution, or with the start if that is feasible.

    The first penalty weight, cost per tonne of overload, is the median over customers of the
    standard deviation, over sites, of the cost of a tonne.
    """
    spread = float(np.median(data.cost.std(axis=0) / data.demand))
    penalty_weight = spread if spread > 0 else 1.0
    incumbent = make_incumbent(data, penalty_weight)
    if start is not None:
        offer_incumbent(data, start, incumbent)
    return incumbent


def _pairs_with_incumbent(allowed: Flags, incumbent: Incumbent) -> Flags:
    """Return the allowed pairs and those of the incumbent, shape (J, K)."""
    pairs = allowed.copy()
    if incumbent.scalars[VALUE] < INF:
        pairs[incumbent.assignment, np.arange(pairs.shape[1])] = 1
    return pairs
