"""Exact Lagrangian penalties, and what they settle.

At one price vector and one node everything here comes from the same evaluation: the bound L, for
every pair (j, k) that is left the exact rise of u_j when k is forced into site j's knapsack or out
of it, and for every site the cover with the site forced open or closed. To serve k from j forces
k into j and out of every other site, so

    child(j, k) = L(y_j = 1) + in(j, k) + sum of out(j', k) over sites j' != j that are settled open

bounds every solution that serves k from j, whatever lambda_k is. A child at or above the cutoff is
struck out. Sites that are not settled stay out of the sum: their rise may be avoided by closing
them. Posta, Ferland and Michelon (2012), Computational Optimization and Applications 52.
"""

from __future__ import annotations

from solvers.native.cover import flips
from solvers.native.found import Penalties
from solvers.native.jit import compiled
from solvers.native.joint import is_cheap
from solvers.native.joint_penalties import penalise_jointly
from solvers.native.knapsack import fill, fill_back, within, without
from solvers.native.lagrangian import evaluate_apart, pack
from solvers.native.node import CLOSED, FREE, INF, OPEN, Data, Flags, States, View
from solvers.native.work import COVER, MARGIN, PRICES, Work
from solvers.problem import Floats


@compiled
def penalise(data: Data, view: View, work: Work, price: Floats, found: Penalties) -> float:
    """Evaluate L at prices of shape (K,), fill ``found`` and the flips in ``work``.

    Returns
    -------
    float
        A bound of the node: the largest, over customers, of their smallest child.
    """
    if is_cheap(view, work):
        return penalise_jointly(data, view, work, price, found)
    bound = evaluate_apart(data, view, work, price)
    if bound == INF:
        return INF
    for j in range(data.capacity.shape[0]):
        if view.state[j] != CLOSED:
            _rises(data, view, work, price, found, j)
    flips(
        work.value,
        data.capacity,
        view.state,
        data.total,
        work.choice,
        work.part[COVER],
        work.if_open,
        work.if_closed,
        work.front,
        work.after,
    )
    for j in range(data.capacity.shape[0]):
        work.if_open[j] += work.part[PRICES] - work.part[MARGIN]
        work.if_closed[j] += work.part[PRICES] - work.part[MARGIN]
    return max(bound, _children(data, view, work, found))


@compiled
def _rises(data: Data, view: View, work: Work, price: Floats, found: Penalties, j: int) -> None:
    """Fill the rises of one site's pairs."""
    n, _ = pack(data, view, work, price, j)
    room = view.room[j]
    within(work.table[0], room)
    within(work.back[n], room)
    best = fill(work.profit, work.weight, n, room, work.table)
    fill_back(work.profit, work.weight, n, room, work.back)
    i = 0
    for p in range(view.start[j], view.start[j + 1]):
        k = view.item[p]
        d = data.demand[k]
        found.rise_in[p] = 0.0
        found.rise_out[p] = 0.0
        if i < n and work.place[i] == p:
            other = without(work.table, work.back, i, room if work.serves[p] == 1 else room - d)
            if work.serves[p] == 1:
                found.rise_out[p] = max(0.0, best - other)
            else:
                found.rise_in[p] = max(0.0, best - work.profit[i] - other)
            i += 1
        elif d > room:
            found.rise_in[p] = INF
        else:
            found.rise_in[p] = best - work.table[n, room - d] - (price[k] - data.cost[j, k])


@compiled
def _children(data: Data, view: View, work: Work, found: Penalties) -> float:
    """Fill every pair's child and every customer's smallest; return the largest of those."""
    sites, customers = data.cost.shape
    for k in range(customers):
        found.out_sum[k] = 0.0
        found.least[k] = INF
    for j in range(sites):
        if view.state[j] == OPEN:
            for p in range(view.start[j], view.start[j + 1]):
                found.out_sum[view.item[p]] += found.rise_out[p]
    for j in range(sites):
        if view.state[j] == CLOSED:
            continue
        for p in range(view.start[j], view.start[j + 1]):
            k = view.item[p]
            others = found.out_sum[k]
            if view.state[j] == OPEN:
                others -= found.rise_out[p]
            found.child[p] = work.if_open[j] + found.rise_in[p] + max(0.0, others)
            found.least[k] = min(found.least[k], found.child[p])
    top = -INF
    for k in range(customers):
        if view.free[k] == 1:
            top = max(top, found.least[k])
    return top


@compiled
def strike(
    data: Data,
    view: View,
    work: Work,
    found: Penalties,
    cutoff: float,
    allowed: Flags,
    state: States,
) -> int:
    """Strike what reaches the cutoff out of ``allowed`` and ``state``; count the decisions."""
    settled = 0
    for j in range(data.capacity.shape[0]):
        if view.state[j] == FREE:
            if work.if_open[j] >= cutoff:
                state[j] = CLOSED
                settled += 1
                continue
            if work.if_closed[j] >= cutoff:
                state[j] = OPEN
                settled += 1
        if view.state[j] != CLOSED:
            for p in range(view.start[j], view.start[j + 1]):
                if found.child[p] >= cutoff:
                    allowed[j, view.item[p]] = 0
                    settled += 1
    return settled
