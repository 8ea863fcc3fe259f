"""sitesweep from Python: draw networks, solve their facility-siting problems, run and read sweeps.

Examples
--------
>>> import sitesweep as ss
>>> network = ss.draw_network("A6", "C3")
>>> ss.solve(network.problem(alpha=5), ss.Options("native"))
Result(optimal, z1 = 27,607, gap 0, 1 of 20 sites open, ... s)

Names are imported when they are first used, so that ``import sitesweep`` itself takes no time.
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.config.errors import UserError as UserError
    from pipeline.engine.run_sweep import Run as Run
    from pipeline.engine.run_sweep import run_sweep as run_sweep
    from pipeline.network.draw_network import draw_network as draw_network
    from pipeline.network.network import Network as Network
    from pipeline.results.stored_solution import StoredSolution as StoredSolution
    from pipeline.results.stored_solution import load_solution as load_solution
    from pipeline.results.table import read_results as read_results
    from solvers.native.model.parameters import SearchParameters as SearchParameters
    from solvers.options import Options as Options
    from solvers.problem import Problem as Problem
    from solvers.progress import Progress as Progress
    from solvers.result import Result as Result
    from solvers.result import Status as Status
    from solvers.solve import solve as solve
    from solvers.start import Start as Start

_HOMES = {
    "Network": "pipeline.network.network",
    "Options": "solvers.options",
    "Problem": "solvers.problem",
    "Progress": "solvers.progress",
    "Result": "solvers.result",
    "Run": "pipeline.engine.run_sweep",
    "SearchParameters": "solvers.native.model.parameters",
    "Start": "solvers.start",
    "Status": "solvers.result",
    "StoredSolution": "pipeline.results.stored_solution",
    "UserError": "pipeline.config.errors",
    "draw_network": "pipeline.network.draw_network",
    "load_solution": "pipeline.results.stored_solution",
    "read_results": "pipeline.results.table",
    "run_sweep": "pipeline.engine.run_sweep",
    "solve": "solvers.solve",
}
"""Public name -> the module that defines it."""

__all__ = sorted(_HOMES)


def hidden_package() -> str | None:
    """Return why a package of sitesweep cannot be imported: a file of the user hides it; or None.

    ``pipeline``, ``solvers`` and ``analysis`` are top-level packages. Python finds a module of the
    same name first if it is in the folder where it was started.
    """
    home = Path(__file__).resolve().parents[1]
    for name in ("pipeline", "solvers", "analysis"):
        spec = importlib.util.find_spec(name)
        found = [] if spec is None else [spec.origin, *(spec.submodule_search_locations or [])]
        files = [Path(path).resolve() for path in found if path is not None]
        if not any(path.is_relative_to(home / name) for path in files):
            where = files[0] if files else "nothing"
            return (
                f"sitesweep needs its package {name!r}, but Python finds {where}: rename that "
                "file, or start Python in another folder"
            )
    return None


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if (reason := hidden_package()) is not None:
        raise ImportError(reason)
    value = globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
