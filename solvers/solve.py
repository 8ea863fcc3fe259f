"""The entry point of the package: solve a problem and return a certified result."""

from __future__ import annotations

from solvers import native, native_then_mip
from solvers.backends.backend import SolverUnavailable
from solvers.formulations import collapsed, direct
from solvers.options import BACKENDS, Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solution import Solution
from solvers.solve_model import solve_model
from solvers.start import Start


def solve(problem: Problem, options: Options | None = None, start: Start | None = None) -> Result:
    """Solve a problem with the solver and model asked for, and check the output.

    A solver's output is not trusted: of its solution only the assignment is kept, to which sites
    and cheapest flows follow; it is checked against (2)-(11), and its cost is computed from the
    data. Its bound and a status infeasible are held against what is known independently (see
    `solvers.cross_check`).

    Parameters
    ----------
    problem : Problem
        What to solve.
    options : Options, optional
        How; the defaults of `Options` if left out.
    start : Start, optional
        What an earlier solve found. The result has no worse solution and no worse bound.

    Returns
    -------
    Result
        The certificate. A solver that fails gives a result with status error, too.

    Raises
    ------
    SolverUnavailable
        ``solver="gurobi"`` and no licence here covers the model. Or the collapsed model was asked
        of one MIP solver alone, and is not exact for this problem.

    Examples
    --------
    >>> from sitesweep import draw_network, solve
    >>> solve(draw_network("A6", "C3").problem(alpha=5))
    Result(optimal, z1 = 27,607, gap 0, 1 of 20 sites open, ... s)
    """
    options = options or Options()
    if start is None:
        return _solve(problem, options, None)
    result = _solve(problem, options, start.solution(problem))
    return start.with_bound(problem, result, options.gap)


def _solve(problem: Problem, options: Options, start: Solution | None) -> Result:
    if options.model == direct.NAME:
        return solve_model(problem, options, direct, start=start)
    inexact = collapsed.why_inexact(problem)
    if inexact is not None:
        if options.solver in BACKENDS:
            message = f"the collapsed model is not exact: {inexact}; expected model direct"
            raise SolverUnavailable(message)
        return solve_model(problem, options, direct, inexact, start=start)
    if not options.searches:
        return solve_model(problem, options, collapsed, start=start)
    unfit = native.why_unfit(problem)
    if unfit is not None:
        return solve_model(problem, options, collapsed, unfit, start=start)
    return native_then_mip.solve(problem, options, start)
