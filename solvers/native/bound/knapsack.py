"""The knapsack of one site: which customers repay their tonnes.

max { sum_i g_i z_i : sum_i d_i z_i <= room, z binary }, or = room, by dynamic programming over
tonnes. Weights are whole, profits are doubles. Two tables, one filled from the first item on and
one from the last, give the optimum without any single item by one scan: Martello and Toth (1990),
Knapsack Problems, chapter 2.
"""

from __future__ import annotations

from solvers.native.model.compilation import compiled
from solvers.native.model.problem_data import INF, Flags
from solvers.problem import Floats, Integers


@compiled
def init_at_most(row: Floats, capacity: int) -> None:
    """Begin a table in which tonnes may be left over: no item earns 0 within any room."""
    row[: capacity + 1] = 0.0


@compiled
def init_exactly(row: Floats, capacity: int) -> None:
    """Begin a table in which tonnes are used up: no item earns 0 in no room, fills no other."""
    row[: capacity + 1] = -INF
    row[0] = 0.0


@compiled
def fill(profit: Floats, weight: Integers, n: int, capacity: int, table: Floats) -> float:
    """Find the best profit of the first ``n`` items in every room up to ``capacity``.

    Parameters
    ----------
    profit : ndarray, shape (>= n,)
        g_i.
    weight : ndarray of int, shape (>= n,)
        d_i >= 1, tonnes.
    n, capacity : int
        Number of items, and tonnes.
    table : ndarray, shape (>= n + 1, >= room + 1)
        Row 0 is what no item earns, see `init_at_most` and `init_exactly`. On return ``table[i, c]`` is the
        best profit of items 0 .. i - 1 within, or of exactly, c tonnes.

    Returns
    -------
    float
        ``table[n, room]``.
    """
    for i in range(n):
        _add_item(table[i], table[i + 1], profit[i], weight[i], capacity)
    best: float = table[n, capacity]
    return best


@compiled
def fill_backward(
    profit: Floats, weight: Integers, n: int, capacity: int, backward: Floats
) -> None:
    """Do as `fill` from the other end: ``backward[i, c]`` is the best of items i .. n - 1.

    Row n is what the tonnes earn that no item uses.
    """
    for i in range(n - 1, -1, -1):
        _add_item(backward[i + 1], backward[i], profit[i], weight[i], capacity)


@compiled
def _add_item(old: Floats, new: Floats, profit: float, weight: int, capacity: int) -> None:
    """Offer one more item: take it, or leave it."""
    if weight > capacity:
        new[: capacity + 1] = old[: capacity + 1]
        return
    new[:weight] = old[:weight]
    # Slices of one length: the compiler sees that no index wraps, and works on four cells at once.
    leave, rest, best = (
        old[weight : capacity + 1],
        old[: capacity + 1 - weight],
        new[weight : capacity + 1],
    )
    for c in range(best.shape[0]):
        take = rest[c] + profit
        best[c] = leave[c] if leave[c] > take else take


@compiled
def backtrack(weight: Integers, n: int, capacity: int, table: Floats, take: Flags) -> None:
    """Mark in ``take``, shape (>= n,), the items of the optimum that `fill` found."""
    c = capacity
    for i in range(n - 1, -1, -1):
        take[i] = 0
        if table[i + 1, c] > table[i, c]:
            take[i] = 1
            c -= weight[i]


@compiled
def optimum_without(table: Floats, backward: Floats, i: int, capacity: int) -> float:
    """Find the best profit in ``capacity`` of all items but the i-th, from both tables.

    ``capacity`` may be less than that of the tables; below 0 nothing fits, and the profit is -inf.
    """
    if capacity < 0:
        return -INF
    before = table[i]
    after = backward[i + 1]
    # Two chains: without fast-math, a maximum of doubles is not made parallel by the compiler.
    even = -INF
    odd = -INF
    c = 0
    while c + 1 <= capacity:
        a = before[c] + after[capacity - c]
        b = before[c + 1] + after[capacity - c - 1]
        even = a if a > even else even
        odd = b if b > odd else odd
        c += 2
    if c <= capacity:
        a = before[c] + after[capacity - c]
        even = a if a > even else even
    return max(even, odd)
