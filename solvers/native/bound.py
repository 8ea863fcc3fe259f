"""The bound of a node: the joint programme where it is cheap, else each site by itself."""

from __future__ import annotations

from solvers.native.jit import compiled
from solvers.native.joint import evaluate_joint, is_cheap
from solvers.native.lagrangian import evaluate_apart
from solvers.native.node import Data, View
from solvers.native.work import Work
from solvers.problem import Floats


@compiled
def evaluate(data: Data, view: View, work: Work, price: Floats) -> float:
    """Compute a bound of a node at prices of shape (K,), and leave its solution in ``work``.

    See `solvers.native.lagrangian.evaluate_apart` for parameters and results.
    """
    if is_cheap(view, work):
        return evaluate_joint(data, view, work, price)
    return evaluate_apart(data, view, work, price)
