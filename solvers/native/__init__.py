"""An exact search for the collapsed problem: branch and bound on Lagrangian bounds.

A reader may go through the floors from the ground up: `model` (the problem as arrays, a node, the
incumbent), `bound` (knapsacks, Lagrangian relaxation, subgradient ascent, penalties), `local_search`
(tabu search), `tree` (node queue, node processing, branching). On top of them are the phases of the
search: `root`, then, if there are many sites, `dive`, `large_neighbourhood_search` and `partition`,
and `search`, which runs all of them under a clock.
"""

from importlib.metadata import version as _version_of

from solvers.native.model.instance import why_unfit
from solvers.native.outcome import Outcome
from solvers.native.search import search
from solvers.native.warm_up import warm_up

name = "native"
version = _version_of("sitesweep")
"""The code that proves a result is this project's, so the version is the project's."""

__all__ = ["Outcome", "name", "search", "version", "warm_up", "why_unfit"]
