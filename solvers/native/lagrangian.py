"""Lagrangian relaxation of the assignment constraints: the bound behind everything else.

With a price lambda_k for every customer,

    L(lambda) = sum_k lambda_k + min { sum_j u_j y_j : sum_j s_j y_j >= D },
    u_j = f_j - max { sum_k (lambda_k - w_jk) z_k : sum_k d_k z_k <= s_j },

is a lower bound whatever the prices are. Both parts are solved as integer programmes, so the best L
is stronger than the linear relaxation. Holmberg, Ronnqvist and Yuan (1999), European Journal of
Operational Research 113.

Rounding. Every number of a bound is a sum of fewer than J + K doubles, each of whose partial sums
stays below M = sum_k |lambda_k| + sum_j (f_j + what j serves + its best knapsack); such a sum is
off by at most (J + K) M 2^-53. A bound, or a bound plus penalties, is made of no more than eight
of them. `evaluate_apart` therefore takes 8 (J + K) M 2^-53 off each bound that it gives (for 80
nodes some 1e-13 of it), and `penalties` takes it off what it adds up; nothing else needs a
tolerance.
"""

from __future__ import annotations

from solvers.native.cover import cover
from solvers.native.jit import compiled
from solvers.native.knapsack import backtrack, fill, within
from solvers.native.node import CLOSED, INF, Data, View
from solvers.native.work import COVER, MARGIN, PRICES, ROUNDING, Work
from solvers.problem import Floats


@compiled
def pack(data: Data, view: View, work: Work, price: Floats, j: int) -> tuple[int, int]:
    """Collect the customers who would pay for site j; return their number and their tonnes."""
    n = 0
    load = 0
    for p in range(view.start[j], view.start[j + 1]):
        k = view.item[p]
        gain = price[k] - data.cost[j, k]
        if gain > 0.0:
            work.profit[n] = gain
            work.weight[n] = data.demand[k]
            work.place[n] = p
            load += data.demand[k]
            n += 1
    return n, load


@compiled
def evaluate_apart(data: Data, view: View, work: Work, price: Floats) -> float:
    """Compute L at a node.

    Parameters
    ----------
    data, view : Data, View
        The problem, and what is left of it.
    work : Work
        On return it holds u, y, z, the service counts and the parts of the bound.
    price : ndarray, shape (K,)
        lambda.

    Returns
    -------
    float
        The bound, less the margin for rounding; inf if the capacity left is below the demand.
    """
    sites, customers = data.cost.shape
    total = 0.0
    size = 0.0
    for k in range(customers):
        work.served[k] = 0
        if view.free[k] == 1:
            total += price[k]
            size += abs(price[k])
    for j in range(sites):
        if view.state[j] == CLOSED:
            continue
        best = _serve(data, view, work, price, j)
        work.value[j] = view.base[j] - best
        size += view.base[j] + best
    least = cover(
        work.value, data.capacity, view.state, data.total, work.choice, work.cost, work.pick
    )
    work.part[COVER] = least
    work.part[PRICES] = total
    work.part[MARGIN] = ROUNDING * (sites + customers) * size
    if least == INF:
        return INF
    for j in range(sites):
        if work.choice[j] == 1:
            for p in range(view.start[j], view.start[j + 1]):
                work.served[view.item[p]] += work.serves[p]
    return total + least - float(work.part[MARGIN])


@compiled
def _serve(data: Data, view: View, work: Work, price: Floats, j: int) -> float:
    """Solve site j's knapsack; return its profit and leave its customers in ``work.serves``."""
    for p in range(view.start[j], view.start[j + 1]):
        work.serves[p] = 0
    n, load = pack(data, view, work, price, j)
    best = 0.0
    if load <= view.room[j]:
        for i in range(n):
            best += work.profit[i]
            work.serves[work.place[i]] = 1
        return best
    within(work.table[0], view.room[j])
    best = fill(work.profit, work.weight, n, view.room[j], work.table)
    backtrack(work.weight, n, view.room[j], work.table, work.take)
    for i in range(n):
        work.serves[work.place[i]] = work.take[i]
    return best
