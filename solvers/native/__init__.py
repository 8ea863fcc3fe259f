"""An exact method of our own for the collapsed problem: Lagrangian bounds, penalties, a tree.

To be read in this order: `node` (the problem, and what is left of it), `knapsack` and `cover` (two
subproblems), `lagrangian` (their sum, a bound), `joint` (a stronger one where little capacity is
to spare), `bound` (either), `ascent` (the best prices), `penalties` and `joint_penalties` (what
those settle), `walk`, `tabu` and `repair` (good solutions), `root` (all that before branching),
`process` (one node), `tree` and `branch` (many of them), `dive`, `sets` and `rings` (where there
are many sites: one set of open sites, good ones, a root that is split at once), `intake` (what is
taken in), `search` (the whole, under a clock).
"""

from importlib.metadata import version as _version_of

from solvers.native.intake import why_unfit
from solvers.native.search import Outcome, search, warm_up

name = "native"
version = _version_of("sitesweep")
"""What proved a result is code of this project, so its version is the project's."""

__all__ = ["Outcome", "name", "search", "version", "warm_up", "why_unfit"]
