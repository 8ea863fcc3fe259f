"""Packing of whole customers into sites: an assignment that keeps the capacities, or a proof.

The question is that of bin packing with bins of several sizes. A depth-first search assigns the
customers in descending order of demand, each first to the site that it fills best. Sites with equal
remaining capacities are the same for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

import numpy as np

from solvers.problem import Integers, Problem

MAX_STEPS = 10_000
"""Most steps of the search, some tenths of a second; most problems take one for each customer."""

NO_PACKING = "no packing of whole customers into the sites keeps all capacities"
"""Why a problem with enough total capacity is infeasible."""


class Undecided(Exception):
    """The search ended before it found a packing or proved that there is none."""


def why_too_small(problem: Problem) -> str | None:
    """Return which capacity is too small for any assignment, or None."""
    total, largest = problem.total_demand, int(problem.demand.max())
    capacity = np.minimum(np.floor(problem.capacity), total)
    if capacity.sum() < total:
        return f"all sites together make {capacity.sum():,.0f} t, {total:,} t are demanded"
    if largest > capacity.max():
        return f"a customer demands {largest:,} t, the largest site makes {capacity.max():,.0f} t"
    return None


def find_packing(problem: Problem, max_steps: int = MAX_STEPS) -> Integers | None:
    """Find an assignment that keeps all capacities.

    Parameters
    ----------
    problem : Problem
        The data.
    max_steps : int
        Most assignments of a single customer that are tried.

    Returns
    -------
    ndarray of int, shape (K,), or None
        The site of each customer; None if it is proven that there is no packing.

    Raises
    ------
    Undecided
        Neither was found within the steps.
    """
    order = np.argsort(-problem.demand, kind="stable")
    sizes: list[int] = problem.demand[order].tolist()
    ahead = [*accumulate(reversed(sizes), initial=0)][::-1]
    room = [int(min(s, problem.total_demand)) for s in problem.capacity.tolist()]
    chosen: list[int] = []
    failed: set[tuple[int, ...]] = set()
    stack = [_candidates(sizes[0], room)]
    while stack:
        site = next(stack[-1], None)
        if site is None:
            stack.pop()
            failed.add((len(stack), *sorted(room)))
            if chosen:
                room[chosen[-1]] += sizes[len(chosen) - 1]
                chosen.pop()
            continue
        max_steps -= 1
        if max_steps < 0:
            raise Undecided
        room[site] -= sizes[len(chosen)]
        chosen.append(site)
        if len(chosen) == len(sizes):
            assignment = np.empty(len(sizes), dtype=np.int64)
            assignment[order] = chosen
            return assignment
        usable = sum(tonnes for tonnes in room if tonnes >= sizes[-1])
        if usable < ahead[len(chosen)] or (len(chosen), *sorted(room)) in failed:
            stack.append(iter(()))
        else:
            stack.append(_candidates(sizes[len(chosen)], room))
    return None


def _candidates(size: int, room: list[int]) -> Iterator[int]:
    """Return one site for each amount of room that is large enough, the smallest first."""
    fitting = {tonnes: site for site, tonnes in enumerate(room) if tonnes >= size}
    return iter([site for _, site in sorted(fitting.items())])
