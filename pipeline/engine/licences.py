"""Gurobi licences of a sweep on Ray: only so many environments are open at a time.

Ray counts them: each node that may use Gurobi announces the custom resource `RESOURCE`, and a task
that may open an environment needs one unit of it. So the limit holds over all drivers of a cluster,
and the unit of a lost node comes back with the node. A licence that counts processes has as many
units in all as it allows; one that counts hosts is announced on as many nodes.

The search needs no licence. So an instance is solved in two stages (`solvers.stages`): a task that
searches, and, if something is left unproven, a second task that needs a unit. The second one waits
in Ray's queue without a core, and its time limit does not run while it waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from solvers import stages
from solvers.backends.select import release_licences
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.stages import Unfinished
from solvers.start import Start

RESOURCE = "gurobi_environment"
"""Ray's custom resource, one unit for each environment that may be open at a time."""

NO_LICENCE_FREE = "all Gurobi licences of the sweep were in use"
"""In the column fallback_reason of a row that HiGHS finished for that reason."""


class Rest(NamedTuple):
    """What the first stage of a solve left, for the second one.

    Parameters
    ----------
    unfinished : Unfinished
        What it left.
    without_gurobi : str or None
        Why Gurobi must not be used, if it must not.
    """

    unfinished: Unfinished
    without_gurobi: str | None = None


class Stages(NamedTuple):
    """The functions of a solve in two stages, of which the second may need a licence.

    Parameters
    ----------
    begin : callable
        Of problem, options and start, like `solvers.solve`; returns a result, or what it leaves.
    finish : callable
        Of problem, options, start and rest; returns a result.
    """

    begin: Callable[[Problem, Options, Start | None], Result | Unfinished]
    finish: Callable[[Problem, Options, Start | None, Rest], Result]


def finish(problem: Problem, options: Options, start: Start | None, rest: Rest) -> Result:
    """Run the second stage; close the environment before the unit of the resource is given back."""
    try:
        return stages.finish(
            problem, options, rest.unfinished, start, without_gurobi=rest.without_gurobi
        )
    finally:
        release_licences()


STAGES = Stages(stages.begin, finish)
"""The two stages of a solve whose licences are counted."""
