"""The whole search under a clock: a problem in; incumbent, bound and what is left out."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import cache

import numpy as np

from solvers.native.branch import FINISHED, FULL, INTERRUPTED, NODES, explore, make_plan
from solvers.native.intake import make_data, operations_of, too_little
from solvers.native.node import FREE, INF, Data, Flags, compress
from solvers.native.process import STEPS, Space, make_space
from solvers.native.rings import push_rings
from solvers.native.root import STAGES, bound_root
from solvers.native.sets import search_sets
from solvers.native.tabu import SAMPLE
from solvers.native.tree import grow, least_bound, make_tree, push
from solvers.native.walk import VALUE, Incumbent, cutoff_of
from solvers.problem import Booleans, Integers, Problem
from solvers.result import Status

LEAST_GAP = 1e-9
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
SMALL_REST = 3000
"""So few pairs are a task for a MIP solver."""
SMALL_SLICES = 60
"""Slices in the tree after which such a rest is left to it: some half a minute of work. Work, not
seconds: what proves a row, and so its last digits, shall not depend on the speed of a machine."""
MANY_SITES = 20
"""So many free sites after the root are too many for a tree to settle one by one."""
LEAST_DIVE_S = 10
"""Time limit from which a dive, which may take seconds between two looks at the clock, pays."""
SETS_SHARE = 0.5
"""Fraction of the time left after the root in which good sets of sites are then looked for."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a search found, and what it left.

    Parameters
    ----------
    status : Status
        OPTIMAL and INFEASIBLE are proofs; TIME_LIMIT and NO_SOLUTION are not.
    assignment : ndarray of int, shape (K,), or None
        The incumbent.
    bound : float or None
        Lower bound of the problem.
    nodes : int
        Nodes of the tree.
    rest : ndarray of bool, shape (K, J)
        Pairs that are not struck out.
    cutoff : float
        Every solution with a pair that is struck out costs at least this; inf where only what
        cannot be feasible was.
    reason : str or None
        Why there is no solution, if that is proven.
    """

    status: Status
    assignment: Integers | None
    bound: float | None
    nodes: int
    rest: Booleans
    cutoff: float
    reason: str | None = None


def search(
    problem: Problem,
    gap: float,
    time_limit_s: float,
    seed: int = 0,
    small_limit_s: float | None = None,
) -> Outcome:
    """Solve a collapsed problem by branch and bound on the Lagrangian bound.

    Parameters
    ----------
    problem : Problem
        One for which `why_unfit` has nothing to say.
    gap : float
        Relative; 0 means `LEAST_GAP`.
    time_limit_s : float
        Looked at between slices of work of some tenths of a second.
    seed : int
        Of the heuristic. The search is a function of its arguments: only the clock may end it at
        another point.
    small_limit_s : float, optional
        The time limit where no more than `SMALL_REST` pairs are left after the root. With it,
        such a search also ends after `SMALL_SLICES`.

    Returns
    -------
    Outcome
        Incumbent, bound, and what is left.
    """
    begin = time.perf_counter()
    data = make_data(problem)
    space = make_space(data)
    short = too_little(data)
    if short is not None:
        return _infeasible(space, 0, short)
    if not compress(data, space.allowed, space.state, space.node):
        return _infeasible(space, 0)
    inner = min(max(gap * INNER, LEAST_GAP), 1.0)
    operations = operations_of(data)
    slice_ = max(1, int(SLICE_OPERATIONS / operations))
    seed = STREAM * (seed % (2**31 // STREAM))
    incumbent = _no_incumbent(data)
    bound = bound_root(data, space, incumbent, inner, slice_, begin + time_limit_s, seed)
    if bound == INF:
        return _infeasible(space, 0)
    rest: Booleans = space.allowed.T.astype(bool)
    if bound >= cutoff_of(incumbent, inner):
        return _outcome(Status.OPTIMAL, incumbent, inner, bound, 0, rest)

    slices_left = math.inf
    if small_limit_s is not None and np.count_nonzero(rest) <= SMALL_REST:
        time_limit_s = min(time_limit_s, small_limit_s)
        slices_left = SMALL_SLICES
    most = max(STEPS, int(NODE_OPERATIONS / operations))
    steps = max(1, int(NODE_OPERATIONS / (data.cost.size + SAMPLE * len(data.demand))))
    plan = make_plan(_with(space.allowed, incumbent), inner, most, steps, seed + STAGES)
    tree = make_tree(data)
    if np.count_nonzero(space.state == FREE) > MANY_SITES:
        if time_limit_s >= LEAST_DIVE_S:
            now = time.perf_counter()
            limit = now + SETS_SHARE * (begin + time_limit_s - now)
            search_sets(data, space, plan, incumbent, LONGER_SLICE * slice_, limit)
        push_rings(data, space, tree, bound, cutoff_of(incumbent, inner))
        plan.pairs[:] = _with(space.allowed, incumbent)
    else:
        push(tree, space.allowed, space.state, space.price, bound)
    why = INTERRUPTED
    while why != FINISHED and slices_left > 0 and time.perf_counter() - begin < time_limit_s:
        if why == FULL:
            larger = grow(tree)
            if larger is None:
                break
            tree = larger
        why = explore(data, space, tree, plan, incumbent, LONGER_SLICE * slice_)
        slices_left -= 1
    nodes = int(plan.counter[NODES])
    bound = min(least_bound(tree), cutoff_of(incumbent, inner))
    if incumbent.number[VALUE] < INF:
        status = Status.OPTIMAL if why == FINISHED else Status.TIME_LIMIT
    elif why == FINISHED:
        return _infeasible(space, nodes)
    else:
        status = Status.NO_SOLUTION
    return _outcome(status, incumbent, inner, bound, nodes, rest)


@cache
def warm_up() -> None:
    """Compile everything, or load it from the cache, on a problem that takes no time itself.

    Once a process: about a second from the cache, up to a minute the first time on a machine.
    """
    problem = Problem(
        inbound=np.arange(1.0, 5.0)[None, :],
        outbound=np.arange(32.0).reshape(8, 4) * 7 % 11,
        demand=np.arange(8) % 5 + 3,
        capacity=np.full(4, 13.0),
        fixed_cost=np.array([3.0, 5, 4, 6]),
        supply=np.array([1e6]),
        alpha=1,
    )
    search(problem, gap=0, time_limit_s=60)
    # The root may have proven it: the tree, all the same.
    data = make_data(problem)
    space, tree, incumbent = make_space(data), make_tree(data), _no_incumbent(data)
    explore(data, space, tree, make_plan(space.allowed, 0.0, 1, 1, 0), incumbent, 1)


def _no_incumbent(data: Data) -> Incumbent:
    """Start without a solution; a tonne of overload costs what customers' sites differ by."""
    spread = float(np.median(data.cost.std(axis=0) / data.demand))
    price = spread if spread > 0 else 1.0
    return Incumbent(np.zeros(len(data.demand), np.int64), np.array([INF, price]))


def _with(allowed: Flags, incumbent: Incumbent) -> Flags:
    """Copy the pairs that are left, with those of the incumbent."""
    pairs = allowed.copy()
    if incumbent.number[VALUE] < INF:
        pairs[incumbent.assign, np.arange(pairs.shape[1])] = 1
    return pairs


NO_PACKING = "no packing of whole customers into the sites keeps all capacities"


def _infeasible(space: Space, nodes: int, reason: str = NO_PACKING) -> Outcome:
    """Say that no solution exists, and why."""
    rest: Booleans = space.allowed.T.astype(bool)
    return Outcome(Status.INFEASIBLE, None, None, nodes, rest, INF, reason)


def _outcome(
    status: Status,
    incumbent: Incumbent,
    gap: float,
    bound: float,
    nodes: int,
    rest: Booleans,
) -> Outcome:
    """Put an outcome together; a bound is told if it is one, and not above the incumbent."""
    value = float(incumbent.number[VALUE])
    return Outcome(
        status=status,
        assignment=incumbent.assign if value < INF else None,
        bound=min(bound, value) if bound > -INF else None,
        nodes=nodes,
        rest=rest,
        cutoff=cutoff_of(incumbent, gap),
    )
