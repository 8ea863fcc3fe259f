"""An equivalent, well-scaled program for a MIP solver, and what its output means.

A solver accepts what its absolute tolerances allow, about 1e-6 in a row and 1e-6 in a whole
variable. Beside a supply of 99,999,999 t or a fixed cost of 1e9, that is more than a whole solution
weighs. So every coefficient is made as small as it may be (Savelsbergh 1994, ORSA Journal on
Computing 6, on coefficient tightening), a continuous variable is counted in units of its upper
bound, and rows and objective get a factor, a power of two, that rounds nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from solvers.formulations.program import Program
from solvers.problem import Floats

ROW_SIZES = (2.0**12, 2.0, 2.0**20)
"""Most that the largest coefficient of a row may be: in the first attempt, and in further ones.

The larger it is, the fewer tonnes lie within the tolerance of a solver; but presolve of HiGHS makes
more errors of rounding.
"""
COST_RANGE = (1e2, 1e8)
"""Objectives whose known cost lies in this range keep their scale."""
SMALLEST = 1e-9
"""Smaller coefficients of a scaled row are left out: HiGHS ignores them."""
ROUNDING = 1e-9
"""Relative rounding between the known cost and the costs of the variables."""
PASSES = 2
"""How often bounds are derived from rows; the second time with the bounds of the first."""


@dataclass(frozen=True, eq=False)
class ScaledProgram:
    """A program that a solver can take, and its units.

    Parameters
    ----------
    program : Program
        It has the same columns, in other units, and the same rows.
    unit : ndarray, shape (n,)
        The value of each original variable where the one of this program is 1.
    cost_factor : float
        Its objective is that of the original program times this.
    """

    program: Program
    unit: Floats
    cost_factor: float


def scale(
    program: Program, known_cost: float = math.inf, row_size: float = ROW_SIZES[0]
) -> ScaledProgram:
    """Return an equivalent program with small coefficients.

    Parameters
    ----------
    program : Program
        All its costs are >= 0.
    known_cost : float
        Cost of a solution. A variable gets no value whose cost alone is higher, so more
        expensive solutions may be lost.
    row_size : float
        Most that the largest coefficient of a row may be, >= 2; it is at least 1.

    Returns
    -------
    ScaledProgram
        Its integer variables keep their units; implied ones become continuous.
    """
    program = _with_tight_bounds(_with_whole_rows(program), known_cost)
    program = _with_tight_coefficients(program)
    integer = program.integer & ~program.implied_integer
    unit = np.where(integer | (program.upper == 0) | np.isinf(program.upper), 1.0, program.upper)
    free = program.upper > 0
    rows = sparse.coo_array(program.matrix)
    entries = rows.data * (unit * free)[rows.col]
    largest = np.zeros(program.n_rows)
    np.maximum.at(largest, rows.row, np.abs(entries))
    factor = _factors(largest, 1.0, row_size)
    entries *= factor[rows.row]
    kept = np.abs(entries) >= SMALLEST
    matrix = sparse.csc_array(
        sparse.coo_array((entries[kept], (rows.row[kept], rows.col[kept])), shape=rows.shape)
    )
    matrix.sort_indices()
    cost = program.cost * unit * free
    size = known_cost if math.isfinite(known_cost) else float(cost.max())
    cost_factor = float(_factors(np.array([size]), *COST_RANGE)[0])
    scaled = replace(
        program,
        cost=cost * cost_factor,
        upper=program.upper / unit,
        integer=integer,
        matrix=matrix,
        row_lower=program.row_lower * factor,
        row_upper=program.row_upper * factor,
        start=None if program.start is None else program.start / unit,
    )
    return ScaledProgram(scaled, unit, cost_factor)


def _with_whole_rows(program: Program) -> Program:
    """Round down the upper bound of each row whose variables and coefficients are all whole."""
    rows = sparse.coo_array(program.matrix)
    is_whole = program.integer[rows.col] & (rows.data % 1 == 0)
    has_fraction = np.bincount(rows.row[~is_whole], minlength=program.n_rows) > 0
    row_upper = np.where(has_fraction, program.row_upper, np.floor(program.row_upper))
    return replace(program, row_upper=row_upper)


def _with_tight_bounds(program: Program, known_cost: float) -> Program:
    """Lower the upper bounds of variables to what the known cost and single rows allow.

    Equation (48) of docs/algorithm.md.

    With all variables >= 0, a row sum_j a_j v_j <= b allows a variable with a_j > 0 at most
    (b + what the negative coefficients can contribute) / a_j.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        upper = np.fmin(program.upper, known_cost * (1 + ROUNDING) / program.cost)
    upper = _whole(program, upper)
    rows = sparse.coo_array(program.matrix)
    i, j, a = rows.row, rows.col, rows.data
    negative, positive = a < 0, a > 0
    for _ in range(PASSES):
        contribution = -a[negative] * upper[j[negative]]
        most = np.bincount(i[negative], contribution, minlength=program.n_rows)
        limit = (program.row_upper[i] + most[i])[positive] / a[positive]
        np.minimum.at(upper, j[positive], limit)
        upper = _whole(program, np.maximum(upper, 0.0))
    if program.start is not None:  # it is feasible, whatever was rounded above
        upper = np.maximum(upper, program.start)
    return replace(program, upper=upper)


def _whole(program: Program, upper: Floats) -> Floats:
    """Round down the upper bounds of integer variables."""
    bounds: Floats = np.where(program.integer, np.floor(upper), upper)
    return bounds


def _with_tight_coefficients(program: Program) -> Program:
    """Lower coefficients of binary variables that are larger than all the others together.

    Equation (49) of docs/algorithm.md.

    In a row ``a @ v <= b y``, b need not exceed the largest value of ``a @ v``; in a row
    ``a @ y >= b``, no coefficient need exceed b; the upper bound of a row ``a @ v <= b`` need not
    exceed the largest value of ``a @ v``.
    """
    rows = sparse.coo_array(program.matrix)
    i, j, a = rows.row, rows.col, rows.data.copy()
    positive = a > 0
    contribution = a[positive] * program.upper[j[positive]]
    most = np.bincount(i[positive], contribution, minlength=program.n_rows)
    binary = program.integer & (program.upper <= 1)
    at_most = np.isinf(program.row_lower)
    has_negative = np.bincount(i[~positive], minlength=program.n_rows) > 0
    loose = binary[j] & (at_most & (program.row_upper == 0))[i] & (-a > most[i])
    a[loose] = -most[i][loose]
    covering = np.isinf(program.row_upper) & ~has_negative
    loose = binary[j] & covering[i] & (a > program.row_lower[i])
    a[loose] = program.row_lower[i][loose]
    packing = at_most & ~has_negative
    return replace(
        program,
        matrix=sparse.csc_array(sparse.coo_array((a, (i, j)), shape=program.matrix.shape)),
        row_upper=np.where(packing, np.minimum(program.row_upper, most), program.row_upper),
    )


def _factors(size: Floats, least: float, most: float) -> Floats:
    """Return powers of two that bring sizes just into a range; 1 for those in it, and for 0."""
    positive = np.where(size > 0, size, least)
    too_small = np.ceil(np.log2(np.maximum(least / positive, 1.0)))
    too_large = np.ceil(np.log2(np.maximum(positive / most, 1.0)))
    factors: Floats = 2.0 ** (too_small - too_large)
    return factors
