"""An exact search for the collapsed problem: branch and bound on Lagrangian bounds.

The folders are layers; each imports only from those before it. `model` has the problem as arrays,
the parameters, the node and the incumbent; `bound` has knapsacks, Lagrangian relaxation,
subgradient ascent and penalties; `local_search` has tabu search; `tree` has the node queue, node
processing and branching. The phases of the search use them: `root`, then, if there are many sites,
`dive`, `large_neighbourhood_search` and `partition`. `search` runs all phases within the time
limit. `docs/glossary.md` explains the terms.
"""

from importlib.metadata import version as _version_of

from solvers.native.model.checks import why_unfit
from solvers.native.model.parameters import SearchParameters, validate
from solvers.native.outcome import Outcome
from solvers.native.search import search
from solvers.native.warm_up import is_compiled, warm_up

name = "native"
version = _version_of("sitesweep")
"""The code that proves a result is this project's, so the version is the project's."""

__all__ = [
    "Outcome",
    "SearchParameters",
    "is_compiled",
    "name",
    "search",
    "validate",
    "version",
    "warm_up",
    "why_unfit",
]
