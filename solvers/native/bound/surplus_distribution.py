"""The distribution of the surplus over the sites, by a dynamic program over few of its states.

With a price mu for each tonne that stays unused, every site has a most profitable surplus. The sum

    H = sum_j H_j + mu T,     H_j = max { h_j(q) - mu q : 0 <= q <= T }

is at least the total profit of every distribution (q_1, ..., q_J) of the surplus T. The loss of a
surplus q at site j is H_j - h_j(q) + mu q. It is never negative, and in a distribution of total
profit P the losses add up to H - P. So no distribution of at least the profit P contains a surplus
of a loss greater than H - P, and the dynamic program leaves those out. With a good price few
surpluses are left at each site, because H then barely exceeds the greatest profit.
"""

from __future__ import annotations

from solvers.native.bound.knapsack import init_exactly
from solvers.native.model.arrays import copy_vector, fill_vector
from solvers.native.model.compilation import compiled
from solvers.native.model.node import NodeProblem
from solvers.native.model.problem_data import CLOSED, INF
from solvers.native.model.workspace import (
    LOSS,
    MARGIN,
    MULTIPLIERS,
    PRICE,
    ROUNDING,
    STEP,
    UPPER,
    Workspace,
)
from solvers.problem import Floats

MAX_EXPANSIONS, MAX_CUTS, STEP_GROWTH, FIRST_STEP, PRICE_TOLERANCE = 30, 12, 4.0, 1e-6, 0.3
"""Effort for a price: most steps to bracket the best one, and to narrow the bracket; growth of the
steps, and the first one, relative; the bracket is narrow enough if H can fall by less than this
fraction of the largest loss. They change no bound, only its time."""

LOSS_RESERVE, LOSS_GROWTH, MAX_GROWTHS = 1.3, 4.0, 6
"""Factors of the largest loss: from one evaluation to the next, and if it proved too small; after
this many growths all surpluses are taken, whatever their loss."""

PRICE_ROUNDING = 1e-12
"""Rounding error of a priced profit, as a fraction of the price of the whole surplus; far above the
(J + K) 2^-53 that it can be with fewer than a thousand sites and customers."""


@compiled
def distribute_surplus(node: NodeProblem, work: Workspace, cutoff: float) -> float:
    """Fill ``work.prefix``; return the greatest total profit, -inf if there is no distribution.

    Equations (28) and (30) of docs/algorithm.md.

    The prefixes are exact on every distribution of the greatest profit, and on every one whose
    bound is below the cutoff; with -inf for the cutoff, only on the former.
    """
    surplus = node.surplus[0]
    pricing = work.pricing
    _choose_price(node, work)
    upper = pricing[UPPER]
    if upper == -INF:
        return -INF
    slack = 4.0 * work.parts[MARGIN] + PRICE_ROUNDING * abs(pricing[PRICE]) * surplus
    of_interest = upper - (work.parts[MULTIPLIERS] - work.parts[MARGIN] - cutoff)
    limit = max(pricing[LOSS], of_interest) + slack
    best = -INF
    for growth in range(MAX_GROWTHS + 1):
        limit = limit if growth < MAX_GROWTHS else INF
        pricing[LOSS] = limit
        _convolve_forward(node, work)
        best = float(work.prefix[node.state.shape[0], surplus])
        if upper - best + slack <= limit or limit == INF:
            break
        limit = upper - best + 2.0 * slack if best > -INF else LOSS_GROWTH * limit
    if best == -INF:
        fill_vector(pricing, 0.0)
    return best


@compiled
def guess_loss(work: Workspace, profit: float) -> None:
    """Keep for the next evaluation how much the greatest profit falls short of its upper bound."""
    work.pricing[LOSS] = max(LOSS_RESERVE * (work.pricing[UPPER] - profit), 0.0)


@compiled
def _choose_price(node: NodeProblem, work: Workspace) -> None:
    """Choose a price at which H is nearly least, and write it and H to ``work.pricing``.

    H is convex in the price, with slope T less the sum of the most profitable surpluses. From the
    price of the last evaluation on, two prices with slopes of both signs are looked for. Then their
    tangents are intersected (Kelley's cutting planes in one dimension).
    """
    pricing = work.pricing
    # Beyond M the most profitable surpluses no longer change with the price.
    greatest = 1.0 + work.parts[MARGIN] / ROUNDING
    first = min(max(pricing[PRICE], -greatest), greatest)
    left = first
    left_upper, left_slope = _priced_optimum(node, work, left)
    if left_upper == -INF or left_slope == 0:
        return
    step = max(abs(pricing[STEP]), FIRST_STEP * (1.0 + abs(first)))
    right, right_upper, right_slope = left, left_upper, left_slope
    for _ in range(MAX_EXPANSIONS):
        right = left + (step if left_slope < 0 else -step)
        right = min(max(right, -greatest), greatest)
        right_upper, right_slope = _priced_optimum(node, work, right)
        crossed = right_slope == 0 or (right_slope > 0) != (left_slope > 0)
        if crossed or abs(right) == greatest:
            break
        left, left_upper, left_slope = right, right_upper, right_slope
        step *= STEP_GROWTH
    best, best_upper = (left, left_upper) if left_upper < right_upper else (right, right_upper)
    for _ in range(MAX_CUTS):
        if right_slope == 0 or left_slope == right_slope:
            break
        cut = right_upper - left_upper + left_slope * left - right_slope * right
        price = cut / (left_slope - right_slope)
        least = left_upper + left_slope * (price - left)
        inside = min(left, right) < price < max(left, right)
        if not inside or best_upper - least < PRICE_TOLERANCE * pricing[LOSS]:
            break
        upper, slope = _priced_optimum(node, work, price)
        if upper < best_upper:
            best, best_upper = price, upper
        if slope == 0:
            break
        if (slope > 0) == (right_slope > 0):
            right, right_upper, right_slope = price, upper, slope
        else:
            left, left_upper, left_slope = price, upper, slope
    pricing[STEP] = abs(best - first) / 2.0
    if best != pricing[PRICE]:
        _priced_optimum(node, work, best)


@compiled
def _priced_optimum(node: NodeProblem, work: Workspace, price: float) -> tuple[float, int]:
    """Write the price, H and H_j to ``work``; return H and its slope at the price.

    Equation (29) of docs/algorithm.md.
    """
    surplus = node.surplus[0]
    upper = price * surplus
    slope = surplus
    for j in range(node.state.shape[0]):
        if node.state[j] == CLOSED:
            continue
        row = work.site_profit[j, : min(surplus, node.residual[j]) + 1]
        best = _largest_priced(row, price, work.lanes)
        near = best - PRICE_ROUNDING * (abs(best) + abs(price) * surplus)
        q = 0
        while q + 1 < row.shape[0] and row[q] - price * q < near:
            q += 1
        work.best_profit[j] = best
        upper += best
        slope -= q
    work.pricing[PRICE] = price
    work.pricing[UPPER] = upper
    return upper, slope


@compiled
def _largest_priced(row: Floats, price: float, lanes: Floats) -> float:
    """Return the largest of ``row[q] - price * q``.

    Eight parts of the row are compared side by side, so that the compiler vectorises: without
    fast-math it does not split one maximum.
    """
    n = row.shape[0] // 8
    a, b, c, d = row[:n], row[n : 2 * n], row[2 * n : 3 * n], row[3 * n : 4 * n]
    e, f, g, h = row[4 * n : 5 * n], row[5 * n : 6 * n], row[6 * n : 7 * n], row[7 * n : 8 * n]
    part = price * n
    out = lanes[:n]
    for i in range(out.shape[0]):
        ab = max(a[i], b[i] - part)
        cd = max(c[i] - 2.0 * part, d[i] - 3.0 * part)
        ef = max(e[i] - 4.0 * part, f[i] - 5.0 * part)
        gh = max(g[i] - 6.0 * part, h[i] - 7.0 * part)
        out[i] = max(max(ab, cd), max(ef, gh))
    best = -INF
    for i in range(n):
        best = max(best, out[i] - price * i)
    for q in range(8 * n, row.shape[0]):
        best = max(best, row[q] - price * q)
    return best


@compiled
def _convolve_forward(node: NodeProblem, work: Workspace) -> None:
    """Fill the prefixes: greatest profits of the first sites for each part of the surplus."""
    surplus = node.surplus[0]
    init_exactly(work.prefix[0], surplus)
    low, high = 0, 0
    for j in range(node.state.shape[0]):
        if node.state[j] == CLOSED:
            copy_vector(work.prefix[j, : surplus + 1], work.prefix[j + 1, : surplus + 1])
        else:
            low, high = _add_site(node, work, j, work.prefix[j], work.prefix[j + 1], low, high)


@compiled
def convolve_backward(node: NodeProblem, work: Workspace) -> None:
    """Fill the suffixes in the same way, from the last site on."""
    surplus = node.surplus[0]
    sites = node.state.shape[0]
    init_exactly(work.suffix[sites], surplus)
    low, high = 0, 0
    for j in range(sites - 1, -1, -1):
        if node.state[j] == CLOSED:
            copy_vector(work.suffix[j + 1, : surplus + 1], work.suffix[j, : surplus + 1])
        else:
            low, high = _add_site(node, work, j, work.suffix[j + 1], work.suffix[j], low, high)


@compiled
def _add_site(
    node: NodeProblem, work: Workspace, j: int, old: Floats, new: Floats, low: int, high: int
) -> tuple[int, int]:
    """Add the surpluses of a site whose loss is within the limit; return the new range of t.

    ``old`` is -inf outside ``low`` to ``high``.
    """
    surplus, price = node.surplus[0], work.pricing[PRICE]
    row = work.site_profit[j]
    least = work.best_profit[j] - work.pricing[LOSS]
    fill_vector(new[: surplus + 1], -INF)
    smallest, largest = -1, 0
    for q in range(min(surplus, node.residual[j]) + 1):
        if row[q] - price * q < least:
            continue
        smallest = q if smallest < 0 else smallest
        largest = q
        n = min(high, surplus - q) - low + 1
        if n > 0:
            max_plus_add(old[low : low + n], new[low + q : low + q + n], row[q])
    return min(low + max(smallest, 0), surplus), min(high + largest, surplus)


@compiled
def max_plus_add(source: Floats, target: Floats, profit: float) -> None:
    """Set each cell of the target to the cell of the source plus the profit, if that is greater."""
    for t in range(min(source.shape[0], target.shape[0])):
        target[t] = max(target[t], source[t] + profit)


@compiled
def distribute_over_others(node: NodeProblem, work: Workspace, j: int) -> None:
    """Fill ``work.other_sites_profit``: greatest profits of all sites but j for each surplus.

    Exact on the distributions of interest; a prefix that has lost more than the limit alone is part
    of none.
    """
    surplus, price, out = node.surplus[0], work.pricing[PRICE], work.other_sites_profit
    prefix, suffix = work.prefix[j], work.suffix[j + 1]
    least = -work.pricing[LOSS]
    for i in range(j):
        if node.state[i] != CLOSED:
            least += work.best_profit[i]
    fill_vector(out[: surplus + 1], -INF)
    for t in range(surplus + 1):
        if prefix[t] > -INF and prefix[t] - price * t >= least:
            max_plus_add(suffix[: surplus + 1 - t], out[t : surplus + 1], prefix[t])
