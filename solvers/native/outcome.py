"""The outcome of a search: incumbent, dual bound, and the pairs that are not fixed at 0."""

from __future__ import annotations

from dataclasses import dataclass

from solvers.native.model.incumbent import VALUE, Incumbent, cutoff_of, rounded_up
from solvers.native.model.problem_data import INF
from solvers.native.tree.node_workspace import NodeWorkspace
from solvers.packing import NO_PACKING
from solvers.problem import Booleans, Integers
from solvers.result import Status


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a search found and proved, and which pairs remain.

    Parameters
    ----------
    status : Status
        OPTIMAL and INFEASIBLE are proofs; TIME_LIMIT and NO_SOLUTION are not.
    assignment : ndarray of int, shape (K,), or None
        The incumbent.
    bound : float or None
        Dual bound of the whole problem.
    nodes : int
        Nodes of the tree that were processed.
    remaining_pairs : ndarray of bool, shape (K, J)
        Pairs of customer and site that are not fixed at 0.
    cutoff : float
        Every solution that uses a pair fixed at 0 costs at least this; inf if only pairs that no
        feasible solution uses were fixed.
    reason : str or None
        Why there is no solution, if that is proven.
    """

    status: Status
    assignment: Integers | None
    bound: float | None
    nodes: int
    remaining_pairs: Booleans
    cutoff: float
    reason: str | None = None


def remaining_pairs_of(workspace: NodeWorkspace) -> Booleans:
    """Return the pairs that the node in the workspace still allows, shape (K, J)."""
    pairs: Booleans = workspace.allowed.T.astype(bool)
    return pairs


def infeasible(workspace: NodeWorkspace, nodes: int, reason: str = NO_PACKING) -> Outcome:
    """Return the outcome of a problem that is proven infeasible."""
    pairs = remaining_pairs_of(workspace)
    return Outcome(Status.INFEASIBLE, None, None, nodes, pairs, INF, reason)


def outcome_of(
    status: Status,
    incumbent: Incumbent,
    gap: float,
    bound: float,
    nodes: int,
    remaining_pairs: Booleans,
) -> Outcome:
    """Return the outcome of a search.

    The reported bound is at most the cost of the incumbent, and None if it is -inf. Where costs are
    whole numbers, it is rounded up.
    """
    value = float(incumbent.scalars[VALUE])
    bound = rounded_up(bound, incumbent)
    return Outcome(
        status=status,
        assignment=incumbent.assignment if value < INF else None,
        bound=min(bound, value) if bound > -INF else None,
        nodes=nodes,
        remaining_pairs=remaining_pairs,
        cutoff=rounded_up(cutoff_of(incumbent, gap), incumbent),
    )
