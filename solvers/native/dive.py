"""A dive: settle all sites at once, the surest first, to have one good set of open sites early.

With dozens of sites a tree reaches its first leaf late, and a search that moves customers one by
one does not find its way from one set of sites to another. The Lagrangian flips tell how much the
bound rises if a site is opened or closed against them: in each round the sites that differ most are
settled, and the prices climb again.

The relaxation sees tonnes where a solution packs whole customers: it likes sets of sites that have
next to nothing to spare, which cost little by its account and much once they are packed. A dive may
therefore keep a reserve, a fraction of each capacity that only the search for an incumbent uses.
"""

from __future__ import annotations

import time

import numpy as np

from solvers.native.bound.penalties import compute_penalties
from solvers.native.bound.subgradient import BEST, ascend, initial_step, reset_metric, start_ascent
from solvers.native.local_search.repair import repair
from solvers.native.local_search.tabu_search import tabu_search
from solvers.native.model.incumbent import PENALTY_WEIGHT, Incumbent
from solvers.native.model.node import propagate
from solvers.native.model.problem_data import CLOSED, FREE, INF, OPEN, ProblemData
from solvers.native.tree.node_workspace import NodeWorkspace

EVALUATIONS, WINDOW, LEAST_GAIN = 100, 20, 1e-5
"""How far prices climb between two rounds; see `ascend`."""
STARTS, STEPS = 4, 2500
"""Tabu searches on the set of sites, each with random numbers of its own, and their steps."""


def dive(
    data: ProblemData,
    workspace: NodeWorkspace,
    incumbent: Incumbent,
    divisor: int,
    deadline: float,
    seed: int,
    reserve: float = 0.0,
    bound_limit: float = INF,
) -> float:
    """Settle the sites of the node in ``workspace``, and search for an incumbent that uses those open.

    Parameters
    ----------
    data, workspace, incumbent
        The problem; the node, compressed, which is changed; in and out.
    divisor : int
        One of so many free sites is settled in each round.
    deadline : float
        Of `time.perf_counter`.
    seed : int
        Of the tabu search.
    reserve : float, optional
        Fraction of each capacity that is kept back while sites are settled.
    bound_limit : float, optional
        There is no tabu search if the bound is not below this.

    Returns
    -------
    float
        A bound of what is left, for the sites as they are settled and without the reserve; inf if
        nothing is, or if the time is over.
    """
    less = np.ceil(data.capacity * (1.0 - reserve)).astype(np.int64)
    kept = data._replace(capacity=less)
    if not propagate(kept, workspace.allowed, workspace.state, workspace.node):
        return INF
    workspace.work.use_surplus[0] = 0  # it makes rounds dear, and the choice of sites no better
    bound = _fix_all_sites(kept, workspace, divisor, deadline)
    workspace.work.use_surplus[0] = 1
    if bound < bound_limit:
        compute_penalties(
            kept, workspace.node, workspace.work, workspace.multiplier, workspace.penalties
        )
        repair(kept, workspace.node, workspace.work, workspace.multiplier, workspace.assignment)
        penalty_weight = incumbent.scalars[PENALTY_WEIGHT]
        for i in range(STARTS):
            if time.perf_counter() > deadline:
                break
            tabu_search(
                data,
                workspace.allowed,
                workspace.assignment,
                incumbent,
                penalty_weight,
                STEPS,
                seed + i,
            )
    return bound


def _fix_all_sites(
    data: ProblemData, workspace: NodeWorkspace, divisor: int, deadline: float
) -> float:
    """Climb and settle until no site is free; return the last bound as `dive` does."""
    while time.perf_counter() < deadline:
        _ascend(data, workspace)
        if not (workspace.state == FREE).any():
            return float(workspace.ascent.scalars[BEST])
        compute_penalties(
            data, workspace.node, workspace.work, workspace.multiplier, workspace.penalties
        )
        _fix_surest_sites(data, workspace, divisor)
        if not propagate(data, workspace.allowed, workspace.state, workspace.node):
            return INF
    return INF


def _ascend(data: ProblemData, workspace: NodeWorkspace) -> None:
    """Climb from the prices in hand, for this set of sites anew."""
    reset_metric(data, workspace.ascent)
    step = initial_step(data, workspace.multiplier)
    start_ascent(data, workspace.node, workspace.work, workspace.multiplier, workspace.ascent, step)
    ascend(
        data,
        workspace.node,
        workspace.work,
        workspace.multiplier,
        workspace.ascent,
        INF,
        EVALUATIONS,
        LEAST_GAIN,
        WINDOW,
        0.0,
    )


def _fix_surest_sites(data: ProblemData, workspace: NodeWorkspace, divisor: int) -> None:
    """Settle the free sites whose flips differ most; none is closed that is needed."""
    free = np.flatnonzero(workspace.state == FREE)
    # Either flip may be inf, where the other state is impossible: then it is the surest.
    opened, closed = workspace.work.if_open[free], workspace.work.if_closed[free]
    with np.errstate(invalid="ignore"):
        regret = np.nan_to_num(closed - opened, nan=0.0, posinf=INF, neginf=-INF)
    spare = int(data.capacity[workspace.state != CLOSED].sum()) - data.total
    surest = np.argsort(-np.abs(regret), kind="stable")[: max(1, len(free) // divisor)]
    for i in surest:
        site = free[i]
        if regret[i] > 0 or data.capacity[site] > spare:
            workspace.state[site] = OPEN
        else:
            workspace.state[site] = CLOSED
            spare -= int(data.capacity[site])
