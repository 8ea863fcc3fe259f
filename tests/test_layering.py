"""Imports go one way: the house of design section 1, read from the source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("analysis", "conf", "pipeline", "solvers")
SOURCES = [path for package in OURS for path in sorted((ROOT / package).rglob("*.py"))]

MAY_IMPORT = {
    "conf": {"conf"},
    "solvers": {"solvers"},
    "pipeline": {"conf", "pipeline", "solvers"},
    "analysis": {"analysis", "conf", "pipeline.place", "pipeline.schema", "pipeline.store"},
}
"""Package -> packages or modules of ours that it may import."""

MAY_ALSO_IMPORT = {
    "analysis/verify.py": {"pipeline.config", "pipeline.network", "pipeline.provenance"},
    "analysis/recheck.py": {
        *("pipeline.config", "pipeline.coordinate", "pipeline.network", "pipeline.rows"),
        "solvers",
    },
}
"""Module -> what it alone may import besides: to hold rows against the constraints and costs of the
paper, the networks must be drawn again, and be checked by the one who knows the model."""

ONLY_IN = {
    "hydra": {"conf/compose.py"},
    "omegaconf": {"conf/compose.py"},
    "ray": {
        "pipeline/engine/isolation.py",
        "pipeline/engine/ray_session.py",
        "pipeline/engine/ray_tasks.py",
    },
    "gurobipy": {"solvers/gurobi_backend.py"},
    "highspy": {"solvers/highs_backend.py"},
    "numba": {"solvers/native/jit.py"},
    "deltalake": {"pipeline/committer.py", "pipeline/store.py", "pipeline/upkeep.py"},
    "obstore": {"pipeline/place.py"},
}
"""Library -> the only modules that may import it."""


def imported(path: Path) -> set[str]:
    """List the modules that a file imports, and what it imports from packages of ours."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = str(node.module)
            if module in OURS:
                found |= {f"{module}.{alias.name}" for alias in node.names}
            else:
                found.add(module)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_of_our_packages_go_one_way(path: Path) -> None:
    """A module imports only packages below its own."""
    place = path.relative_to(ROOT)
    allowed = MAY_IMPORT[place.parts[0]] | MAY_ALSO_IMPORT.get(str(place), set())
    ours = {name for name in imported(path) if name.split(".")[0] in OURS}
    wrong = {
        name
        for name in ours
        if not any(name == place or name.startswith(f"{place}.") for place in allowed)
    }
    assert not wrong


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_known_in_one_place(library: str) -> None:
    """Each large library is imported in its own modules only, and there it is."""
    users = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        if any(name.split(".")[0] == library for name in imported(path))
    }
    assert users == ONLY_IN[library]
