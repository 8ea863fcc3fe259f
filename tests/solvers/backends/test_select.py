"""The choice of the solver: Gurobi if its licence covers the model, else HiGHS."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from solvers.backends import gurobi, select
from solvers.backends.backend import SolverUnavailable
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Status
from solvers.solve import solve

OneSite = Callable[[int], Problem]


@pytest.mark.usefixtures("restricted")
def test_gurobi_raises_if_its_licence_does_not_cover_the_model(one_site: OneSite) -> None:
    """``gurobi`` never falls back: beyond the licence it raises an error that names the sizes."""
    with pytest.raises(SolverUnavailable) as caught:
        solve(one_site(1000), Options(solver="gurobi"))
    message = str(caught.value)
    assert "1,001 variables" in message
    assert "2,002 rows" in message
    assert "allows 2,000" in message
    assert "\n" not in message


@pytest.mark.usefixtures("restricted")
def test_mip_falls_back_to_highs_with_a_reason(one_site: OneSite) -> None:
    """``mip`` uses HiGHS for a model that Gurobi's licence does not cover."""
    result = solve(one_site(1000), Options(solver="mip"))
    assert (result.status, result.solver, result.objective) == (Status.OPTIMAL, "highs", 3005)
    assert result.fallback_reason is not None
    assert "1,001 variables" in result.fallback_reason
    assert "2,002 rows" in result.fallback_reason


@pytest.mark.usefixtures("restricted")
def test_description_names_the_restricted_licence() -> None:
    """The line names the restriction, the non-production use, the size and the expiry date."""
    description = select.describe("gurobi")
    assert description.startswith(f"Gurobi {gurobi.version} (restricted licence")
    assert "non-production" in description
    assert "2,000" in description
    assert "expires 20" in description
    assert select.describe("mip").startswith(description)
    assert select.describe("auto").startswith(f"native search, then {description}")


def test_mip_uses_gurobi_if_its_licence_covers_the_model(solver: str, one_site: OneSite) -> None:
    """``mip`` is Gurobi if a licence covers the model; a named solver is never replaced."""
    small = one_site(2)
    assert solve(small, Options(solver=solver)).solver == solver
    if solver == "gurobi":
        result = solve(small, Options(solver="mip"))
        assert (result.solver, result.fallback_reason) == ("gurobi", None)


def test_highs_is_described_with_its_licence() -> None:
    """The line for HiGHS names its version and its open licence."""
    description = select.describe("highs")
    assert description.startswith("HiGHS ")
    assert description.endswith("(MIT licence)")


WITHOUT_LICENCE = """
import json
from solvers.backends import select
from solvers.backends.backend import SolverUnavailable
from solvers.options import Options
from solvers.problem import Problem
from solvers.solve import solve

problem = Problem([[1, 5]], [[3, 1]], [4], [10, 10], [2, 3], [100], 2)
output = {}
for attempt in "first", "second":  # the failed start must not be cached as a success
    result = solve(problem, Options(solver="mip"))
    output[attempt] = [result.status, result.solver, result.objective, result.fallback_reason]
for action, call in {
    "solve": lambda: solve(problem, Options(solver="gurobi")),
    "describe": lambda: select.describe("gurobi"),
}.items():
    try:
        call()
    except SolverUnavailable as error:
        output[action] = str(error)
output["mip"] = select.describe("mip")
print(json.dumps(output))
"""


def test_without_a_licence_mip_uses_highs_and_gurobi_raises(tmp_path: Path) -> None:
    """Without a licence ``mip`` uses HiGHS, ``gurobi`` raises; both give the reason.

    This needs its own process, because a started Gurobi environment stays. Only the result may
    appear on stdout.
    """
    missing = tmp_path / "missing.lic"
    completed = subprocess.run(
        [sys.executable, "-c", WITHOUT_LICENCE],
        env=os.environ | {"GRB_LICENSE_FILE": str(missing)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    output = json.loads(completed.stdout)
    for attempt in ("first", "second"):
        status, solver, objective, reason = output[attempt]
        # Site 1: 2 x 4 x 1 + 4 x 3 + 2.
        assert (status, solver, objective) == ("optimal", "highs", 22)
        assert "does not start" in reason
        assert str(missing) in reason
    for action in ("solve", "describe"):
        assert "does not start" in output[action]
        assert "\n" not in output[action]
    assert output["mip"].startswith("HiGHS ")
    assert "does not start" in output["mip"]


WITHOUT_GUROBIPY = """
import json, sys
sys.modules["gurobipy"] = None  # every import of it now fails, as where it is not installed
from solvers.backends import select
from solvers.backends.backend import SolverUnavailable
from solvers.options import Options
from solvers.problem import Problem
from solvers.solve import solve

problem = Problem([[1, 5]], [[3, 1]], [4], [10, 10], [2, 3], [100], 2)
output = {"describe": select.describe("auto")}
for solver in "auto", "native", "mip", "highs":
    output[solver] = [solve(problem, Options(solver)).objective]
try:
    solve(problem, Options("gurobi"))
except SolverUnavailable as error:
    output["gurobi"] = str(error)
print(json.dumps(output))
"""


def test_without_gurobipy_only_gurobi_itself_is_refused() -> None:
    """Where gurobipy cannot be imported, every other value of ``solver`` solves with HiGHS."""
    completed = subprocess.run(
        [sys.executable, "-c", WITHOUT_GUROBIPY],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    output = json.loads(completed.stdout)
    for solver in ("auto", "native", "mip", "highs"):
        assert output[solver] == [22], solver
    assert output["gurobi"].startswith("gurobipy cannot be imported")
    assert "HiGHS" in output["describe"]
    assert "gurobipy cannot be imported" in output["describe"]
