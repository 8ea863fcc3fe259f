"""The entry point of the package: solve a problem and return a certified result."""

from __future__ import annotations

from contextlib import nullcontext

from solvers import native, stages
from solvers.native import SearchParameters
from solvers.options import SEARCHING, Options
from solvers.problem import Problem
from solvers.progress import Callback, Monitor, printed_log
from solvers.result import Result
from solvers.start import Start


def solve(
    problem: Problem,
    options: Options | None = None,
    start: Start | None = None,
    *,
    parameters: SearchParameters | None = None,
    log: bool = False,
    callback: Callback | None = None,
) -> Result:
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
    parameters : SearchParameters, optional
        Of our own search, so only with a solver that begins with it (``auto``, ``native``).
    log : bool, optional
        Whether to print lines with time, nodes, open nodes, incumbent, bound and gap, and at last
        why the solve stopped. They go to the logger ``sitesweep``, with level INFO; if it has no
        handler, they are printed on stdout.
    callback : callable, optional
        Gets a `Progress` between slices of work, which take some tenths of a second, or some
        seconds with hundreds of sites. If it returns True, the solve stops with what it has: unless
        that is already within the gap, the status is ``time_limit`` or ``no_solution``, and
        `Result.fallback_reason` names the callback. An exception in it stops the solve, and is
        raised.

    Returns
    -------
    Result
        The certificate. A solver that fails gives a result with status error, too.

    Raises
    ------
    SolverUnavailable
        ``solver="gurobi"`` and no licence here covers the model. Or the collapsed model was asked
        of one MIP solver alone, and is not exact for this problem.
    TypeError
        The first argument is not a problem.
    ValueError
        A parameter is out of its range, or there are parameters and no search.

    Examples
    --------
    >>> from sitesweep import draw_network, solve
    >>> solve(draw_network("A6", "C3").problem(alpha=5))
    Result(optimal, z1 = 27,607, gap 0, 1 of 20 sites open, ... s)
    """
    options = options or Options()
    _check(problem, options, parameters)
    parameters = native.validate(parameters or SearchParameters())
    monitor = Monitor(callback, log) if log or callback is not None else None
    with printed_log() if log else nullcontext():
        begun = stages.begin(problem, options, start, parameters, monitor)
        if isinstance(begun, Result):
            result = begun
        else:
            result = stages.finish(problem, options, begun, start, monitor)
        return result if monitor is None else monitor.finish(result)


def _check(problem: Problem, options: Options, parameters: SearchParameters | None) -> None:
    if not isinstance(problem, Problem):
        raise TypeError(
            f"expected a Problem, got {problem!r:.80}; of a network, use network.problem(alpha=...)"
        )
    if parameters is not None and not options.searches:
        raise ValueError(
            f"parameters: expected solver {' or '.join(SEARCHING)}, got solver {options.solver}"
        )
