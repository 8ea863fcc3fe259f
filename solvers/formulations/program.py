"""A mixed-integer program as sparse arrays: formulations make it, solvers read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from solvers.problem import Booleans, Floats

Block = sparse.sparray[Any, Any]
"""Coefficients of one family of constraints on one group of variables."""


@dataclass(frozen=True, eq=False)
class Program:
    """Minimise ``cost @ v`` subject to two-sided rows and ``0 <= v <= upper``.

    Parameters
    ----------
    cost, upper : ndarray, shape (n,)
        Objective coefficient and upper bound of each variable.
    integer : ndarray of bool, shape (n,)
        Which variables must be whole.
    implied_integer : ndarray of bool, shape (n,)
        Which of these are whole in some optimal solution if only the others must be.
    matrix : csc_array, shape (m, n)
        Coefficients, column-wise: the layout that both solvers load without a copy.
    row_lower, row_upper : ndarray, shape (m,)
        ``row_lower <= matrix @ v <= row_upper``; infinite where a row has only one bound.
    columns, rows : tuple of str
        Names in the paper's notation, with indices from 1, for readable MPS files.
    start : ndarray, shape (n,), or None
        A feasible point from which a solver starts, if one is known.
    """

    cost: Floats
    upper: Floats
    integer: Booleans
    implied_integer: Booleans
    matrix: sparse.csc_array
    row_lower: Floats
    row_upper: Floats
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    start: Floats | None = None

    @property
    def n_variables(self) -> int:
        """Number of variables, n."""
        return len(self.cost)

    @property
    def n_rows(self) -> int:
        """Number of rows, m."""
        return len(self.row_lower)


@dataclass(frozen=True, eq=False)
class Rows:
    """One numbered family of constraints of the paper.

    Parameters
    ----------
    names : list of str
        One name for each row.
    blocks : sequence of sparse array or None
        Coefficients, one block for each group of variables; None where the group is absent.
    lower, upper : ndarray or float
        Bounds of the rows.
    """

    names: list[str]
    blocks: Sequence[Block | None]
    lower: Floats | float
    upper: Floats | float


def stack(families: list[Rows]) -> tuple[sparse.csc_array, Floats, Floats, tuple[str, ...]]:
    """Stack families of constraints into one matrix.

    Returns
    -------
    matrix, row_lower, row_upper, names
        As in `Program`.
    """
    matrix = sparse.csc_array(sparse.block_array([family.blocks for family in families]))
    matrix.sort_indices()
    lower, upper = (
        np.concatenate(
            [np.broadcast_to(getattr(f, side), len(f.names)).astype(float) for f in families]
        )
        for side in ("lower", "upper")
    )
    return matrix, lower, upper, tuple(name for family in families for name in family.names)


def names(letter: str, *counts: int) -> list[str]:
    """Return names such as ``z_3_1``: a letter and indices from 1, the last one running fastest."""
    indices = np.ndindex(*counts)
    return ["_".join([letter, *(str(i + 1) for i in index)]) for index in indices]
