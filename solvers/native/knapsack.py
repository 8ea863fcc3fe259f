"""The knapsack of one site: which customers repay their tonnes.

max { sum_i g_i z_i : sum_i d_i z_i <= room, z binary }, by dynamic programming over tonnes. Weights
are whole, profits are doubles. Two tables, one filled from the first item on and one from the last,
give the optimum without any single item by one scan: Martello and Toth (1990), Knapsack Problems,
chapter 2.
"""

from __future__ import annotations

from solvers.native.jit import compiled
from solvers.native.node import INF, Flags
from solvers.problem import Floats, Integers


@compiled
def fill(profit: Floats, weight: Integers, n: int, room: int, table: Floats) -> float:
    """Find the best profit of the first ``n`` items within ``room``.

    Parameters
    ----------
    profit : ndarray, shape (>= n,)
        g_i > 0.
    weight : ndarray of int, shape (>= n,)
        d_i >= 1, tonnes.
    n, room : int
        Number of items, and tonnes.
    table : ndarray, shape (>= n + 1, >= room + 1)
        On return ``table[i, c]`` is the best profit of items 0 .. i - 1 within c tonnes.

    Returns
    -------
    float
        ``table[n, room]``.
    """
    first = table[0]
    for c in range(room + 1):
        first[c] = 0.0
    for i in range(n):
        _step(table[i], table[i + 1], profit[i], weight[i], room)
    best: float = table[n, room]
    return best


@compiled
def fill_back(profit: Floats, weight: Integers, n: int, room: int, back: Floats) -> None:
    """Do as `fill` from the other end: ``back[i, c]`` is the best of items i .. n - 1."""
    last = back[n]
    for c in range(room + 1):
        last[c] = 0.0
    for i in range(n - 1, -1, -1):
        _step(back[i + 1], back[i], profit[i], weight[i], room)


@compiled
def _step(old: Floats, new: Floats, profit: float, weight: int, room: int) -> None:
    """Offer one more item: take it, or leave it."""
    for c in range(min(weight, room + 1)):
        new[c] = old[c]
    for c in range(weight, room + 1):
        leave = old[c]
        take = old[c - weight] + profit
        new[c] = leave if leave > take else take


@compiled
def backtrack(weight: Integers, n: int, room: int, table: Floats, take: Flags) -> None:
    """Mark in ``take``, shape (>= n,), the items of the optimum that `fill` found."""
    c = room
    for i in range(n - 1, -1, -1):
        take[i] = 0
        if table[i + 1, c] > table[i, c]:
            take[i] = 1
            c -= weight[i]


@compiled
def without(table: Floats, back: Floats, i: int, room: int) -> float:
    """Find the best profit within ``room`` of all items but the i-th, from both tables.

    ``room`` may be less than that of the tables; below 0 nothing fits, and the profit is -inf.
    """
    if room < 0:
        return -INF
    before = table[i]
    after = back[i + 1]
    # Two chains: without fast-math, a maximum of doubles is not made parallel by the compiler.
    even = 0.0
    odd = 0.0
    c = 0
    while c + 1 <= room:
        a = before[c] + after[room - c]
        b = before[c + 1] + after[room - c - 1]
        even = a if a > even else even
        odd = b if b > odd else odd
        c += 2
    if c <= room:
        a = before[c] + after[room - c]
        even = a if a > even else even
    return max(even, odd)
