"""A solve in two stages: what needs no MIP solver, and what the first stage leaves to one.

`solvers.solve` runs one after the other. A sweep with few licences runs them as two tasks, so that
a licence is held only in the second stage (`pipeline.engine.licences`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from solvers import native, native_then_mip
from solvers.backends import highs
from solvers.backends.backend import SolverUnavailable
from solvers.formulations import collapsed, direct
from solvers.native import SearchParameters
from solvers.native_then_mip import Unproven
from solvers.options import BACKENDS, Options
from solvers.problem import Problem
from solvers.progress import Monitor
from solvers.result import Result
from solvers.solution import Solution
from solvers.solve_model import solve_model
from solvers.start import Start

_FORMULATIONS = {collapsed.NAME: collapsed, direct.NAME: direct}


@dataclass(frozen=True, eq=False)
class WholeModel:
    """A model that a MIP solver gets as a whole.

    Parameters
    ----------
    formulation : str
        ``collapsed`` or ``direct``.
    reason : str or None
        Why this is not the method that was asked for.
    start : Solution or None
        A feasible solution, from which the solver starts.
    """

    formulation: str
    reason: str | None
    start: Solution | None


Unfinished = Unproven | WholeModel
"""What the first stage leaves to a MIP solver; it can be pickled."""


def begin(
    problem: Problem,
    options: Options,
    start: Start | None = None,
    parameters: SearchParameters | None = None,
    monitor: Monitor | None = None,
) -> Result | Unfinished:
    """Run the first stage; return the result, or what is left for `finish`.

    Parameters
    ----------
    problem, options : Problem, Options
        What to solve, and how.
    start : Start, optional
        What an earlier solve found.
    parameters : SearchParameters, optional
        Of the search, validated.
    monitor : Monitor, optional
        Gets the progress.

    Raises
    ------
    SolverUnavailable
        The collapsed model was asked of one MIP solver alone, and is not exact for this problem.
    """
    known = None if start is None else start.solution(problem)
    if options.model == direct.NAME:
        return WholeModel(direct.NAME, None, known)
    inexact = collapsed.why_inexact(problem)
    if inexact is not None:
        if options.solver in BACKENDS:
            message = f"the collapsed model is not exact: {inexact}; expected model direct"
            raise SolverUnavailable(message)
        return WholeModel(direct.NAME, inexact, known)
    unfit = native.why_unfit(problem) if options.searches else None
    if unfit is not None or not options.searches:
        return WholeModel(collapsed.NAME, unfit, known)
    parameters = parameters or SearchParameters()
    begun = native_then_mip.search(problem, options, known, parameters, monitor)
    if isinstance(begun, Unproven) or start is None:
        return begun
    return start.with_bound(problem, begun, options.gap)


def finish(
    problem: Problem,
    options: Options,
    unfinished: Unfinished,
    start: Start | None = None,
    monitor: Monitor | None = None,
    without_gurobi: str | None = None,
) -> Result:
    """Run the second stage.

    Parameters
    ----------
    problem, options, start, monitor
        As in `begin`.
    unfinished : Unfinished
        What `begin` returned.
    without_gurobi : str, optional
        Why Gurobi must not be used; HiGHS is then used, and the result says why.

    Raises
    ------
    SolverUnavailable
        ``solver="gurobi"`` and no licence here covers the model.
    """
    if without_gurobi is not None:
        options = replace(options, solver=highs.name)
    if isinstance(unfinished, Unproven):
        result = native_then_mip.finish(problem, options, unfinished, monitor)
    else:
        formulation = _FORMULATIONS[unfinished.formulation]
        reason, known = unfinished.reason, unfinished.start
        result = solve_model(problem, options, formulation, reason, start=known, monitor=monitor)
    if without_gurobi is not None:
        reasons = filter(None, [without_gurobi, result.fallback_reason])
        result = replace(result, fallback_reason="; ".join(reasons))
    return result if start is None else start.with_bound(problem, result, options.gap)
