"""One optimum of a knapsack, with a table for the few items that are in doubt.

Most items are fixed by the linear relaxation: those whose other state costs more than a known
solution allows. The others are the core. The optimum is that of `solvers.native.bound.knapsack`;
with 20 items or more it is found two to eighteen times as fast. Balas and Zemel (1980), An
algorithm for large zero-one knapsack problems, Operations Research 28, 1130-1154.
"""

from __future__ import annotations

from solvers.native.bound.knapsack import backtrack, fill, init_at_most
from solvers.native.model.compilation import compiled
from solvers.native.model.problem_data import Flags
from solvers.native.model.workspace import Core
from solvers.problem import Floats, Integers

SMALL_TABLE = 2_500
"""Cells of a table that is filled in less time than it takes to fix items."""
FIXING_MARGIN = 1e-9
"""Fraction of the profit by which the other state of an item must be worse than a known solution
before the item is fixed: far more than the rounding errors of both."""


@compiled
def optimum(
    profit: Floats,
    weight: Integers,
    n: int,
    capacity: int,
    core: Core,
    table: Floats,
    take: Flags,
) -> float:
    """Compute the greatest profit of at most ``capacity`` tonnes, and one solution.

    Some items are fixed; only the others, the core, get a table.

    Equation (54) of docs/algorithm.md.

    Parameters
    ----------
    profit : ndarray, shape (>= n,)
        Profits, all positive.
    weight, n, capacity
        As in `fill`; together the items weigh more than ``capacity``.
    core : Core
        Work space.
    table : ndarray
        Work space, as in `fill`.
    take : ndarray of uint8, shape (>= n,)
        Out: the items of the solution.
    """
    if n * capacity <= SMALL_TABLE:
        init_at_most(table[0], capacity)
        best = fill(profit, weight, n, capacity, table)
        backtrack(weight, n, capacity, table, take)
        return best
    best, size = _fix_items(profit, weight, n, capacity, core, take)
    left, load = capacity, 0
    for i in range(n):
        left -= weight[i] * take[i]
    for m in range(size):
        load += core.weight[m]
    if load <= left:
        for m in range(size):
            take[core.item[m]] = 1
            best += core.profit[m]
        return best
    init_at_most(table[0], left)
    best += fill(core.profit, core.weight, size, left, table)
    backtrack(core.weight, size, left, table, core.take)
    for m in range(size):
        take[core.item[m]] = core.take[m]
    return best


@compiled
def _fix_items(
    profit: Floats, weight: Integers, n: int, capacity: int, core: Core, take: Flags
) -> tuple[float, int]:
    """Write the fixed items that are taken to ``take``, and the others to ``core``.

    Returns
    -------
    fixed, size : float, int
        Profit of the items that are taken, and number of items in the core.
    """
    split, used = find_split(profit, weight, n, capacity, core)
    ratio = core.ratio[core.order[split]]
    value = 0.0
    for place in range(split):
        value += profit[core.order[place]]
    upper = value + (capacity - used) * ratio
    least = (1.0 - FIXING_MARGIN) * _greedy(profit, weight, n, capacity, split, used, value, core)
    fixed, size = 0.0, 0
    for place in range(n):
        i = core.order[place]
        loss = abs(profit[i] - weight[i] * ratio)
        take[i] = 0
        if place == split or upper - loss >= least:
            core.profit[size] = profit[i]
            core.weight[size] = weight[i]
            core.item[size] = i
            size += 1
        elif place < split:
            take[i] = 1
            fixed += profit[i]
    return fixed, size


@compiled
def find_split(
    profit: Floats, weight: Integers, n: int, capacity: int, core: Core
) -> tuple[int, int]:
    """Find the split item: in the order of profit per weight, the first that does not fit.

    Writes to ``core.order`` the items before it, the split item, and the items after it. Found by
    partitions, as in quickselect; neither part is sorted.

    Returns
    -------
    split, used : int
        Number of items in the first part, and their weight.
    """
    order, ratio = core.order, core.ratio
    for i in range(n):
        order[i] = i
        ratio[i] = profit[i] / weight[i]
    first, last, used = 0, n, 0
    while last - first > 1:
        pivot = ratio[order[(first + last) // 2]]
        higher, place, lower = first, first, last
        higher_weight, equal_weight = 0, 0
        while place < lower:
            i = order[place]
            if ratio[i] > pivot:
                higher_weight += weight[i]
                order[place] = order[higher]
                order[higher] = i
                higher += 1
                place += 1
            elif ratio[i] < pivot:
                lower -= 1
                order[place] = order[lower]
                order[lower] = i
            else:
                equal_weight += weight[i]
                place += 1
        if used + higher_weight > capacity:
            last = higher
        elif used + higher_weight + equal_weight > capacity:
            used += higher_weight
            first = higher
            while used + weight[order[first]] <= capacity:
                used += weight[order[first]]
                first += 1
            return first, used
        else:
            used += higher_weight + equal_weight
            first = lower
    return first, used


@compiled
def _greedy(
    profit: Floats,
    weight: Integers,
    n: int,
    capacity: int,
    split: int,
    used: int,
    value: float,
    core: Core,
) -> float:
    """Compute the profit of a good solution.

    The first part and what then fits, in order; or the first part with the split item, and without
    the one item that loses least.
    """
    filled, room = value, capacity - used
    for place in range(split, n):
        i = core.order[place]
        if weight[i] <= room:
            filled += profit[i]
            room -= weight[i]
    item = core.order[split]
    excess = used + weight[item] - capacity
    exchanged = 0.0
    for place in range(split):
        i = core.order[place]
        if weight[i] >= excess:
            exchanged = max(exchanged, value + profit[item] - profit[i])
    return max(filled, exchanged)
