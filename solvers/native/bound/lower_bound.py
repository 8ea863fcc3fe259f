"""The bound of a node: the surplus-capacity bound if it is cheap, else the Lagrangian bound."""

from __future__ import annotations

from solvers.native.bound.lagrangian import lagrangian_bound
from solvers.native.bound.surplus_capacity import surplus_capacity_bound, surplus_is_small
from solvers.native.bound.surplus_distribution import guess_loss
from solvers.native.model.compilation import compiled
from solvers.native.model.node import NodeProblem
from solvers.native.model.problem_data import INF, ProblemData
from solvers.native.model.workspace import SITES, Workspace
from solvers.problem import Floats


@compiled
def lower_bound(data: ProblemData, node: NodeProblem, work: Workspace, multiplier: Floats) -> float:
    """Compute a bound of a node with multipliers of shape (K,), and write its solution to ``work``.

    See `solvers.native.bound.lagrangian.lagrangian_bound` for parameters and results.
    """
    if surplus_is_small(node, work):
        bound = surplus_capacity_bound(data, node, work, multiplier, -INF)
        if bound < INF:
            guess_loss(work, -work.parts[SITES])
        return bound
    return lagrangian_bound(data, node, work, multiplier)
