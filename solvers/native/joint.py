"""The joint programme: every tonne of capacity is either sold or wasted.

The assignment constraints imply that open sites serve exactly D tonnes, so that together they waste
a known number T of those they have. Lagrangian relaxation loses this where it matters most: with
the sites settled and little to waste, the best knapsacks of the sites do not add up to D. Kept in
the subproblem, it gives

    L'(lambda) = sum_k lambda_k - max { sum_j h_j(q_j) : sum_j q_j = T },
    T = sum_j s_j - D over all sites that are not settled closed,

where h_j(q) is what site j earns, its base off, when it wastes exactly q tonnes: its best knapsack
that fills s_j - q tonnes exactly, or 0 at q = s_j for staying closed. L' is at least L at the same
prices, for it only adds a constraint that every solution keeps. Sharing the waste out is a dynamic
programme over sites and tonnes, too dear where most sites stay closed and so T is large.

Rounding is as in `solvers.native.lagrangian`, with M = sum_k |lambda_k| + sum_j (f_j + what j
serves + sum of |gain| of its pairs): knapsacks that are filled exactly may hold losses.
"""

from __future__ import annotations

from solvers.native.jit import compiled
from solvers.native.knapsack import backtrack, exactly, fill
from solvers.native.node import CLOSED, FREE, INF, Data, View
from solvers.native.work import COVER, MARGIN, PRICES, ROUNDING, Work
from solvers.problem import Floats


@compiled
def is_cheap(view: View, work: Work) -> bool:
    """Say whether there is little enough to waste at this node."""
    return bool(work.joint[0] == 1 and view.waste[0] < work.rest.shape[0])


@compiled
def pack_all(data: Data, view: View, work: Work, price: Floats, j: int) -> int:
    """Collect all customers who are left to site j, also those it would lose on; count them."""
    n = 0
    for p in range(view.start[j], view.start[j + 1]):
        k = view.item[p]
        work.profit[n] = price[k] - data.cost[j, k]
        work.weight[n] = data.demand[k]
        work.place[n] = p
        n += 1
    return n


@compiled
def evaluate_joint(data: Data, view: View, work: Work, price: Floats) -> float:
    """Compute L' at a node.

    Parameters and results are those of `solvers.native.lagrangian.evaluate_apart`; besides,
    ``work.tables`` holds the sites' knapsacks, ``work.earn`` h and ``work.ahead`` what the first
    sites earn together.
    """
    sites, customers = data.cost.shape
    waste = view.waste[0]
    total = 0.0
    size = 0.0
    for k in range(customers):
        work.served[k] = 0
        if view.free[k] == 1:
            total += price[k]
            size += abs(price[k])
    exactly(work.ahead[0], waste)
    for j in range(sites):
        work.choice[j] = 0
        if view.state[j] == CLOSED:
            work.ahead[j + 1, : waste + 1] = work.ahead[j, : waste + 1]
            continue
        size += _earn(data, view, work, price, j)
        share(work.ahead[j], work.earn[j], min(waste, view.room[j]), waste, work.ahead[j + 1])
    best = work.ahead[sites, waste]
    if best == -INF:
        return INF
    _trace(data, view, work, price)
    work.part[COVER] = -best
    work.part[PRICES] = total
    work.part[MARGIN] = ROUNDING * (sites + customers) * size
    return float(total - best - work.part[MARGIN])


@compiled
def _earn(data: Data, view: View, work: Work, price: Floats, j: int) -> float:
    """Fill h_j; return the site's part of M."""
    room = view.room[j]
    n = pack_all(data, view, work, price, j)
    size = view.base[j]
    for i in range(n):
        size += abs(work.profit[i])
    table = work.tables[j]
    exactly(table[0], room)
    fill(work.profit, work.weight, n, room, table)
    for q in range(min(view.waste[0], room) + 1):
        work.earn[j, q] = table[n, room - q] - view.base[j]
    if view.state[j] == FREE and room <= view.waste[0]:
        work.earn[j, room] = 0.0
    return float(size)


@compiled
def share(first: Floats, second: Floats, widest: int, waste: int, out: Floats) -> None:
    """Share every waste up to ``waste`` out between two parties, the second up to ``widest``.

    Four wastes of the second at once: each cell is then loaded and stored a quarter as often.
    """
    out[: waste + 1] = -INF
    q = 0
    while q + 3 <= widest:
        for i in range(3):  # the cells that not all four reach
            _raise(first[: 3 - i], out[q + i : q + 3], second[q + i])
        n = max(0, waste - 2 - q)
        target = out[q + 3 : q + 3 + n]
        one, two, three, four = first[3 : 3 + n], first[2 : 2 + n], first[1 : 1 + n], first[:n]
        for t in range(target.shape[0]):
            a = max(one[t] + second[q], two[t] + second[q + 1])
            b = max(three[t] + second[q + 2], four[t] + second[q + 3])
            target[t] = max(target[t], max(a, b))
        q += 4
    for last in range(q, widest + 1):
        _raise(first[: waste + 1 - last], out[last : waste + 1], second[last])


@compiled
def _raise(source: Floats, target: Floats, earned: float) -> None:
    """Raise each cell of the target to that of the source and what is earned, if that is more."""
    for t in range(min(source.shape[0], target.shape[0])):
        target[t] = max(target[t], source[t] + earned)


@compiled
def _trace(data: Data, view: View, work: Work, price: Floats) -> None:
    """Leave the solution in ``choice``, ``serves`` and ``served``."""
    left = view.waste[0]
    for j in range(data.capacity.shape[0] - 1, -1, -1):
        for p in range(view.start[j], view.start[j + 1]):
            work.serves[p] = 0
        if view.state[j] == CLOSED:
            continue
        room = view.room[j]
        most = -INF
        wasted = 0
        for q in range(min(left, room) + 1):
            earned = work.ahead[j, left - q] + work.earn[j, q]
            if earned > most:
                most = earned
                wasted = q
        left -= wasted
        n = view.start[j + 1] - view.start[j]
        if view.state[j] == FREE and wasted == room:
            continue
        work.choice[j] = 1
        for i in range(n):
            work.weight[i] = data.demand[view.item[view.start[j] + i]]
        backtrack(work.weight, n, room - wasted, work.tables[j], work.take)
        for i in range(n):
            p = view.start[j] + i
            work.serves[p] = work.take[i]
            work.served[view.item[p]] += work.take[i]
