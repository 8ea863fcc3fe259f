"""A backend is named in one place: a module and its name are all that `solvers` needs."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from pipeline.commands import run
from solvers.options import BACKENDS, SOLVERS

ROOT = Path(__file__).parents[3]

MODULE = '''"""A solver for this test: HiGHS under another name."""

from solvers.backends import highs
from solvers.backends.highs import solve, why_unfit

name = "twin"
version = highs.version


def description() -> str:
    """Return name, version and licence."""
    return "Twin (of HiGHS)"
'''

USE = """
import json
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.config.errors import UserError
from solvers.backends.select import describe
from solvers.options import Options
from solvers.problem import Problem
from solvers.solve import solve

def mistake(*words):
    try:
        validate(compose("config", list(words)))
    except UserError as error:
        return str(error)

config = validate(compose("config", ["solver=twin", "solver.model=direct"]))
problem = Problem([[1, 5]], [[3, 1]], [4], [10, 10], [2, 3], [100], 2)
result = solve(problem, config.solver.options)
print(json.dumps({
    "solver": result.solver,
    "objective": result.objective,
    "mip": solve(problem, Options("mip")).solver,
    "description": describe("twin"),
    "unknown": mistake("solver.name=cplex"),
    "direct": mistake("solver=native", "solver.model=direct"),
}))
"""


def test_a_backend_is_named_in_one_place(tmp_path: Path) -> None:
    """With a module and its name in BACKENDS, options, configuration and messages know it."""
    for folder in ("solvers", "pipeline", "conf"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pyc*"))
    options = tmp_path / "solvers" / "options.py"
    text, new = options.read_text(), f"BACKENDS = {(*BACKENDS, 'twin')}"
    options.write_text(text.replace('BACKENDS = ("gurobi", "highs")', new))
    assert new in options.read_text()
    (tmp_path / "solvers" / "backends" / "twin.py").write_text(MODULE)
    (tmp_path / "conf" / "solver" / "twin.yaml").write_text("name: twin\n")
    completed = subprocess.run(
        [sys.executable, "-c", USE],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    output = json.loads(completed.stdout)
    assert (output["solver"], output["objective"]) == ("twin", 22)
    assert output["mip"] in BACKENDS
    assert output["description"] == "Twin (of HiGHS)"
    assert output["unknown"].startswith(f"solver.name: expected one of {', '.join(SOLVERS)}, twin")
    assert "gurobi or highs or twin" in output["direct"]


def test_every_solver_is_in_the_group_and_in_the_help() -> None:
    """``conf/solver`` has one file for each value of ``solver``, and the help of a run names it."""
    files = {path.stem: path.read_text() for path in (ROOT / "conf" / "solver").glob("*.yaml")}
    assert files.keys() == set(SOLVERS)
    for name, text in files.items():
        assert text.splitlines()[-1] == f"name: {name}"
        assert re.search(rf"^  solver=.*\b{name}\b", str(run.__doc__), re.MULTILINE)
