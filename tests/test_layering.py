"""Imports go down only, from layer to layer, without a circle; modules and functions are short."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("analysis", "pipeline", "sitesweep", "solvers")
SOURCES = [path for package in OURS for path in sorted((ROOT / package).rglob("*.py"))]

LAYERS = {
    "solvers": (
        ("solvers.problem", "solvers.options"),
        ("solvers.solution",),
        ("solvers.result", "solvers.packing"),
        ("solvers.progress",),
        ("solvers.formulations",),
        ("solvers.backends", "solvers.scaling"),
        ("solvers.transportation",),
        ("solvers.construction", "solvers.certificate", "solvers.native"),
        ("solvers.cross_check", "solvers.start"),
        ("solvers.solve_model",),
        ("solvers.native_then_mip",),
        ("solvers.stages",),
        ("solvers.solve",),
    ),
    "solvers.native": (
        ("solvers.native.model",),
        ("solvers.native.bound",),
        ("solvers.native.local_search",),
        ("solvers.native.tree",),
        ("solvers.native.root", "solvers.native.dive", "solvers.native.partition"),
        ("solvers.native.large_neighbourhood_search",),
        ("solvers.native.outcome",),
        ("solvers.native.search",),
        ("solvers.native.warm_up",),
    ),
    "pipeline": (
        ("pipeline.config", "pipeline.plotting"),
        ("pipeline.sweep",),
        ("pipeline.network",),
        ("pipeline.results",),
        ("pipeline.engine",),
        ("pipeline.commands",),
        ("pipeline.__main__",),
    ),
}
"""Package -> its layers from the bottom up: a module imports from its own folder and from below."""

MAY_IMPORT = {
    "solvers": {"solvers"},
    "pipeline": {"pipeline", "solvers"},
    "analysis": {
        "analysis",
        "pipeline.config",
        "pipeline.network.draw",
        "pipeline.plotting",
        "pipeline.results",
    },
    "sitesweep": {"sitesweep", "analysis", "pipeline", "solvers"},
}
"""Package -> packages of ours that it may import."""

ENTRY_POINTS = {"pipeline.__main__": {"sitesweep"}}
"""Before it imports anything else, it looks whether a file of the user hides a package."""

ONLY_IN = {
    "hydra": {"pipeline/config/compose.py"},
    "omegaconf": {"pipeline/config/compose.py"},
    "ray": {
        "pipeline/engine/cluster_check.py",
        "pipeline/engine/ray_session.py",
        "pipeline/engine/ray_tasks.py",
    },
    "gurobipy": {"solvers/backends/gurobi.py"},
    "highspy": {"solvers/backends/highs.py"},
    "numba": {"solvers/native/model/compilation.py"},
    "deltalake": {
        "pipeline/results/commit.py",
        "pipeline/results/committer.py",
        "pipeline/results/data_file.py",
        "pipeline/results/maintenance.py",
        "pipeline/results/replacement.py",
        "pipeline/results/table.py",
    },
    "obstore": {"pipeline/results/storage.py"},
}
"""Library -> the only modules that may import it."""

MAX_MODULE_LINES = 300
MAX_FUNCTION_LINES = 70


def module_name(path: Path) -> str:
    """Return the dotted name of a source file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {module_name(path) for path in SOURCES}


def imported(path: Path) -> set[str]:
    """List the modules that a file imports, with the full name of each module of ours."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = str(node.module)
            inner = {f"{module}.{alias.name}" for alias in node.names}
            found |= {name if name in NAMES else module for name in inner}
    return found


def ours(path: Path) -> set[str]:
    """List the modules of this project that a file imports."""
    return {name for name in imported(path) if name.split(".")[0] in OURS}


def is_inside(name: str, package: str) -> bool:
    """Return whether a module is a package or lies in it."""
    return name == package or name.startswith(f"{package}.")


def layer_of(name: str, layers: tuple[tuple[str, ...], ...]) -> int:
    """Return the number of a module's layer, from 0; a package itself is above its layers."""
    for number, packages in enumerate(layers):
        if any(is_inside(name, package) for package in packages):
            return number
    return len(layers)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    """A module imports only packages and layers below its own, and its own folder."""
    name = module_name(path)
    allowed = MAY_IMPORT[name.split(".")[0]] | ENTRY_POINTS.get(name, set())
    assert all(any(is_inside(other, place) for place in allowed) for other in ours(path))
    for package, layers in LAYERS.items():
        if is_inside(name, package):
            own = layer_of(name, layers)
            higher = {
                other
                for other in ours(path)
                if is_inside(other, package)
                and layer_of(other, layers) >= own
                and not any(
                    is_inside(name, entry) and is_inside(other, entry) for entry in layers[own]
                )
            }
            assert not higher


def test_every_module_has_a_layer() -> None:
    """No module of a package with layers is outside them, except the packages themselves."""
    for package, layers in LAYERS.items():
        names = {name for name in NAMES if is_inside(name, package)}
        assert {name for name in names if layer_of(name, layers) == len(layers)} == {package}


def test_imports_have_no_circle() -> None:
    """The modules can be put in an order in which each imports only those before it."""
    graph = {module_name(path): ours(path) for path in SOURCES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"circle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_imported_in_few_modules(library: str) -> None:
    """Each large library is imported in its own modules only, and there it is."""
    users = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        if any(name.split(".")[0] == library for name in imported(path))
    }
    assert users == ONLY_IN[library]


@pytest.mark.parametrize(
    "path",
    [*SOURCES, *(ROOT / "benchmarks").glob("*.py"), *(ROOT / "tests").rglob("*.py")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_modules_and_functions_are_short(path: Path) -> None:
    """A module has at most 300 lines, a function at most 70."""
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_MODULE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < MAX_FUNCTION_LINES, node.name


def test_conf_holds_yaml_alone() -> None:
    """A Python file there would make ``conf`` importable, and hide that of a user's project."""
    assert {path.suffix for path in (ROOT / "conf").rglob("*") if path.is_file()} == {".yaml"}
