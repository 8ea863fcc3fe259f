"""The search of the tree until it is finished or time or memory runs out, on one thread or several.

Each thread has a part of the open nodes, and an incumbent and work arrays of its own. In a round it
does a fixed number of evaluations of the bound. Between two rounds all threads get the best
incumbent, and the best open nodes of all are dealt out in turn. Nothing else passes between them:
the result depends on the number of threads, but not on which of them was faster.

Compiled code runs without the interpreter lock, so that Python's threads use several cores.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from solvers.native.model.arrays import copy_vector
from solvers.native.model.incumbent import VALUE, Incumbent, copy_incumbent, cutoff_of
from solvers.native.model.memory_limits import MAX_BYTES
from solvers.native.model.problem_data import ProblemData
from solvers.native.model.search_clock import SearchClock
from solvers.native.tree.branch_and_bound import (
    FULL,
    NODES,
    SEED,
    SearchState,
    branch_and_bound,
)
from solvers.native.tree.node_queue import (
    SIZE,
    NodeQueue,
    dual_bound,
    grow,
    make_queue,
    pop,
    push,
)
from solvers.native.tree.node_workspace import NodeWorkspace, make_node_workspace

DEALT_NODES = 32
"""Nodes of each queue that are dealt out again between two rounds."""


class TreePart(NamedTuple):
    """What one thread searches, and with what.

    Attributes
    ----------
    workspace, queue, state, incumbent : NodeWorkspace, NodeQueue, SearchState, Incumbent
        The arguments of `branch_and_bound`.
    """

    workspace: NodeWorkspace
    queue: NodeQueue
    state: SearchState
    incumbent: Incumbent


def split_tree(data: ProblemData, tree: TreePart, threads: int, max_surplus: int) -> list[TreePart]:
    """Return a part for each thread: the given one, and others without nodes.

    Each other part needs the memory of a `NodeWorkspace` whose tables reach to ``max_surplus`` t.
    """
    parts = [tree]
    for thread in range(1, threads):
        counters = np.zeros_like(tree.state.counters)
        counters[SEED] = tree.state.counters[SEED] + thread
        workspace = make_node_workspace(data, max_surplus)
        stop = tree.workspace.work.stop
        parts.append(
            TreePart(
                workspace._replace(work=workspace.work._replace(stop=stop)),
                make_queue(data),
                tree.state._replace(visits=np.zeros_like(tree.state.visits), counters=counters),
                copy_incumbent(tree.incumbent),
            )
        )
    return parts


def search_tree(
    data: ProblemData,
    parts: list[TreePart],
    evaluations: int,
    max_rounds: float,
    clock: SearchClock,
    deadline: float,
) -> bool:
    """Search the open nodes of all parts in rounds.

    Parameters
    ----------
    data : ProblemData
        The problem.
    parts : list of TreePart
        One for each thread. On return each holds the best incumbent; a queue that grew is a new
        object in the list.
    evaluations : int
        Evaluations of the bound in a round, of each thread.
    max_rounds : float
        Most rounds.
    clock, deadline : SearchClock, float
        The clock, which is read before each round, and its value at which to stop, s.

    Returns
    -------
    bool
        Whether no open node has a bound below the cutoff.
    """
    gap = parts[0].state.gap
    clock.open_nodes = _count_open(parts)
    with ThreadPoolExecutor(len(parts), "tree-search") as pool:
        rounds = 0
        while rounds < max_rounds and not clock.is_over(deadline):
            deal_nodes(parts)
            stop_reasons = _run(pool, data, parts, evaluations)
            share_incumbent(parts)
            rounds += 1
            clock.nodes = count_nodes(parts)
            clock.open_nodes = _count_open(parts)
            cutoff = cutoff_of(parts[0].incumbent, gap)
            bound = least_bound(parts)
            clock.bound = min(bound, cutoff)
            if bound >= cutoff:
                return True
            if not _grow(parts, stop_reasons):
                return False
    return False


def least_bound(parts: Sequence[TreePart]) -> float:
    """Return the least bound of all open nodes, inf if there is none."""
    return min(dual_bound(part.queue) for part in parts)


def count_nodes(parts: Sequence[TreePart]) -> int:
    """Return the number of nodes that all threads have processed."""
    return int(sum(part.state.counters[NODES] for part in parts))


def _count_open(parts: Sequence[TreePart]) -> int:
    return int(sum(part.queue.counters[SIZE] for part in parts))


def _run(
    pool: ThreadPoolExecutor, data: ProblemData, parts: Sequence[TreePart], evaluations: int
) -> list[int]:
    """Let each thread search its part for a round; return why each stopped."""

    def search(part: TreePart) -> int:
        return branch_and_bound(data, *part, evaluations)

    return [search(parts[0])] if len(parts) == 1 else list(pool.map(search, parts))


def share_incumbent(parts: Sequence[TreePart]) -> None:
    """Copy the best incumbent, of equal ones that of the first thread, to all parts."""
    best = min((part.incumbent for part in parts), key=lambda each: each.scalars[VALUE])
    for part in parts:
        if part.incumbent.scalars[VALUE] > best.scalars[VALUE]:
            part.incumbent.scalars[VALUE] = best.scalars[VALUE]
            copy_vector(best.assignment, part.incumbent.assignment)


def deal_nodes(parts: Sequence[TreePart]) -> None:
    """Take the best nodes of each queue, and deal them to all queues in the order of bounds."""
    if len(parts) == 1:
        return
    nodes = []
    for part in parts:
        queue = part.queue
        for _ in range(min(DEALT_NODES, int(queue.counters[SIZE]))):
            slot = pop(queue)
            copies = (
                queue.allowed[slot].copy(),
                queue.state[slot].copy(),
                queue.multiplier[slot].copy(),
            )
            nodes.append((float(queue.bound[slot]), copies))
    nodes.sort(key=lambda node: node[0])
    for i, (bound, (allowed, state, multiplier)) in enumerate(nodes):
        push(parts[i % len(parts)].queue, allowed, state, multiplier, bound)


def _grow(parts: list[TreePart], stop_reasons: Sequence[int]) -> bool:
    """Enlarge the queues that are full; return False if that would take too much memory."""
    for i, reason in enumerate(stop_reasons):
        if reason == FULL:
            larger = grow(parts[i].queue, MAX_BYTES // len(parts))
            if larger is None:
                return False
            parts[i] = parts[i]._replace(queue=larger)
    return True
