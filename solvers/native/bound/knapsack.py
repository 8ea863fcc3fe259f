"""The knapsack of one site: which customers it serves in the Lagrangian subproblem.

max { sum_i g_i z_i : sum_i d_i z_i <= c, z binary }, or = c, by dynamic programming over tonnes.
Weights are whole, profits are doubles. Two tables, one filled from the first item on and one from
the last item back, give the optimum without any one item in a single pass: Martello and Toth
(1990), Knapsack Problems, chapter 2.
"""

from __future__ import annotations

from solvers.native.model.arrays import copy_vector, fill_vector
from solvers.native.model.compilation import compiled
from solvers.native.model.problem_data import INF, Flags
from solvers.problem import Floats, Integers


@compiled
def init_at_most(row: Floats, capacity: int) -> None:
    """Initialise row 0 of a table for "at most c tonnes": without items the profit is 0."""
    fill_vector(row[: capacity + 1], 0.0)


@compiled
def init_exactly(row: Floats, capacity: int) -> None:
    """Initialise row 0 of a table for "exactly c tonnes": without items only c = 0 is feasible."""
    fill_vector(row[: capacity + 1], -INF)
    row[0] = 0.0


@compiled
def fill(profit: Floats, weight: Integers, n: int, capacity: int, table: Floats) -> float:
    """Compute the greatest profit of the first ``n`` items for every capacity up to ``capacity``.

    Equation (18) of docs/algorithm.md.

    Parameters
    ----------
    profit : ndarray, shape (>= n,)
        g_i, profit of item i.
    weight : ndarray of int, shape (>= n,)
        d_i >= 1, tonnes.
    n, capacity : int
        Number of items; capacity in tonnes.
    table : ndarray, shape (>= n + 1, >= capacity + 1)
        In: row 0, by `init_at_most` or `init_exactly`. Out: ``table[i, c]`` is the greatest profit
        of items 0 .. i - 1 of at most, or exactly, c tonnes.

    Returns
    -------
    float
        ``table[n, capacity]``.
    """
    for i in range(n):
        _add_item(table[i], table[i + 1], profit[i], weight[i], capacity)
    best: float = table[n, capacity]
    return best


@compiled
def fill_backward(
    profit: Floats, weight: Integers, n: int, capacity: int, backward: Floats
) -> None:
    """Do as `fill` from the last item back: ``backward[i, c]`` is the optimum of items i .. n - 1.

    Row n must be initialised: the profit of the capacity that no item uses.
    """
    for i in range(n - 1, -1, -1):
        _add_item(backward[i + 1], backward[i], profit[i], weight[i], capacity)


@compiled
def _add_item(old: Floats, new: Floats, profit: float, weight: int, capacity: int) -> None:
    """Compute the row of a table with one more item from the row without it."""
    if weight > capacity:
        copy_vector(old[: capacity + 1], new[: capacity + 1])
        return
    copy_vector(old[:weight], new[:weight])
    # With slices of equal length the compiler sees that no index is negative, and vectorises.
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
    """Compute the optimum of all items but the i-th for ``capacity``, from both tables.

    Equation (32) of docs/algorithm.md.

    ``capacity`` may be less than that of the tables; below 0 nothing fits, and the profit is -inf.
    """
    if capacity < 0:
        return -INF
    before = table[i]
    after = backward[i + 1]
    # Two independent maxima: without fast-math the compiler does not split one maximum itself.
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
