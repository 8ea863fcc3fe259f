"""Exact penalties of the joint programme: what each decision costs, all sites taken together.

Sites share one waste, so penalties of different sites do not add up as in
`solvers.native.penalties`. To serve k from j forces k into site j and out of every other; the
largest of the bounds with one of these forced is what holds for

    child(j, k) = max { L'(k in j), L'(k out of j') over sites j' != j }.
"""

from __future__ import annotations

from solvers.native.found import Penalties
from solvers.native.jit import compiled
from solvers.native.joint import evaluate_joint, pack_all, share
from solvers.native.knapsack import exactly, fill_back, without
from solvers.native.node import CLOSED, FREE, INF, Data, View
from solvers.native.work import MARGIN, PRICES, Work
from solvers.problem import Floats


@compiled
def penalise_jointly(data: Data, view: View, work: Work, price: Floats, found: Penalties) -> float:
    """Do as `penalise` with the joint programme."""
    bound = evaluate_joint(data, view, work, price)
    if bound == INF:
        return INF
    sites = data.capacity.shape[0]
    waste = view.waste[0]
    exactly(work.behind[sites], waste)
    for j in range(sites - 1, -1, -1):
        if view.state[j] == CLOSED:
            work.behind[j, : waste + 1] = work.behind[j + 1, : waste + 1]
        else:
            widest = min(waste, view.room[j])
            share(work.behind[j + 1], work.earn[j], widest, waste, work.behind[j])
    for j in range(sites):
        work.if_open[j] = INF
        work.if_closed[j] = bound
        if view.state[j] != CLOSED:
            _force(data, view, work, price, found, j)
    return max(bound, _joint_children(data, view, found))


@compiled
def _force(data: Data, view: View, work: Work, price: Floats, found: Penalties, j: int) -> None:
    """Bound what follows from each decision on one site; ``rise_in``, ``rise_out`` and flips.

    The last row of the backward table holds what the other sites earn with the waste that this
    one does not take, so that one scan gives an optimum of all sites together.
    """
    room, waste = view.room[j], view.waste[0]
    level = work.part[PRICES] - work.part[MARGIN]
    share(work.ahead[j], work.behind[j + 1], waste, waste, work.rest)
    n = pack_all(data, view, work, price, j)
    table, back = work.tables[j], work.back
    back[n, : room + 1] = -INF
    for q in range(min(waste, room) + 1):
        back[n, q] = work.rest[waste - q] - view.base[j]
    fill_back(work.profit, work.weight, n, room, back)
    closed = work.rest[waste - room] if view.state[j] == FREE and room <= waste else -INF
    work.if_open[j] = level - back[0, room]
    work.if_closed[j] = level - closed
    for i in range(n):
        p = view.start[j] + i
        inside = work.profit[i] + without(table, back, i, room - work.weight[i])
        outside = max(without(table, back, i, room), closed)
        found.rise_in[p] = level - inside
        found.rise_out[p] = level - outside


@compiled
def _joint_children(data: Data, view: View, found: Penalties) -> float:
    """Fill every pair's child and every customer's smallest; return the largest of those."""
    first, second, where = found.first, found.second, found.where
    first[:] = -INF
    second[:] = -INF
    found.least[:] = INF
    for j in range(data.capacity.shape[0]):
        for p in range(view.start[j], view.start[j + 1]):
            k = view.item[p]
            if found.rise_out[p] > first[k]:
                second[k] = first[k]
                first[k] = found.rise_out[p]
                where[k] = j
            elif found.rise_out[p] > second[k]:
                second[k] = found.rise_out[p]
    for j in range(data.capacity.shape[0]):
        for p in range(view.start[j], view.start[j + 1]):
            k = view.item[p]
            others = second[k] if where[k] == j else first[k]
            found.child[p] = max(found.rise_in[p], others)
            found.least[k] = min(found.least[k], found.child[p])
    top = -INF
    for k in range(data.demand.shape[0]):
        if view.free[k] == 1:
            top = max(top, found.least[k])
    return top
