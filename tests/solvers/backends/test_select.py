"""Which solver takes a problem, and what happens where Gurobi cannot."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from solvers.backends import gurobi, select
from solvers.backends.backend import SolverUnavailable
from solvers.formulations import collapsed
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Status
from solvers.solve import solve

OneSite = Callable[[int], Problem]


@pytest.fixture
def restricted() -> None:
    """Skip where Gurobi has another licence than the restricted one of its package."""
    try:
        licence = gurobi.licence()
    except SolverUnavailable as error:
        pytest.skip(str(error))
    if not licence.restricted:
        pytest.skip(f"Gurobi has a licence of its own here: {licence}")


@pytest.mark.usefixtures("restricted")
def test_model_of_exactly_2000_rows_fits_the_restricted_licence(one_site: OneSite) -> None:
    """The limit is 2,000 rows inclusive: 999 customers and one site have 2 x 999 + 2 of them."""
    problem = one_site(999)
    assert collapsed.formulate(problem).n_rows == 2000
    result = solve(problem, Options(solver="gurobi", method="collapsed"))
    # Each customer costs 2 x 1 + 1, the site 5.
    assert (result.status, result.solver, result.objective) == (Status.OPTIMAL, "gurobi", 3002)


@pytest.mark.usefixtures("restricted")
def test_gurobi_refuses_what_its_licence_does_not_cover(one_site: OneSite) -> None:
    """``gurobi`` never falls back: beyond the licence it raises, and names the sizes."""
    with pytest.raises(SolverUnavailable) as caught:
        solve(one_site(1000), Options(solver="gurobi", method="collapsed"))
    message = str(caught.value)
    assert "1,001 variables" in message
    assert "2,002 rows" in message
    assert "allows 2,000" in message
    assert "\n" not in message


@pytest.mark.usefixtures("restricted")
def test_auto_falls_back_to_highs_and_says_why(one_site: OneSite) -> None:
    """``auto`` solves with HiGHS what Gurobi's licence does not cover."""
    result = solve(one_site(1000), Options(solver="auto", method="collapsed"))
    assert (result.status, result.solver, result.objective) == (Status.OPTIMAL, "highs", 3005)
    assert result.fallback_reason is not None
    assert "1,001 variables" in result.fallback_reason
    assert "2,002 rows" in result.fallback_reason


@pytest.mark.usefixtures("restricted")
def test_licence_counts_variables_too(one_site: OneSite) -> None:
    """A model with few rows and 2,001 variables does not fit either."""
    program = collapsed.formulate(one_site(1))
    assert gurobi.why_unfit(program) is None

    class Wide:
        n_variables, n_rows = 2001, 1

    class Fitting:
        n_variables, n_rows = 2000, 2000

    reason = gurobi.why_unfit(Wide)  # type: ignore[arg-type]
    assert reason is not None
    assert "2,001 variables" in reason
    assert gurobi.why_unfit(Fitting) is None  # type: ignore[arg-type]


@pytest.mark.usefixtures("restricted")
def test_description_names_the_restricted_licence() -> None:
    """The start-up line says: restricted, non-production, up to which size, until when."""
    described = select.describe("gurobi")
    assert described.startswith(f"Gurobi {gurobi.version} (restricted licence")
    assert "non-production" in described
    assert "2,000" in described
    assert "expires 20" in described
    assert select.describe("auto").startswith(described)


def test_auto_takes_gurobi_where_it_can(solver: str, one_site: OneSite) -> None:
    """``auto`` is Gurobi where a licence covers the model; a named solver is always itself."""
    small = one_site(2)
    assert solve(small, Options(solver=solver, method="collapsed")).solver == solver
    if solver == "gurobi":
        result = solve(small, Options(solver="auto", method="collapsed"))
        assert (result.solver, result.fallback_reason) == ("gurobi", None)


def test_both_fallbacks_are_told(one_site: OneSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where neither the model nor the solver is the first choice, both reasons are kept."""
    monkeypatch.setattr(gurobi, "why_unfit", lambda program: "no licence here")
    tight = Problem(
        inbound=[[1]],
        outbound=[[1]],
        demand=[2],
        capacity=[2],
        fixed_cost=[5],
        supply=[3],
        alpha=2,
    )
    result = solve(tight, Options(solver="auto", method="collapsed"))
    assert (result.method, result.solver) == ("direct", "highs")
    assert result.fallback_reason == "1 of 1 sources may bind; no licence here"
    assert (
        solve(one_site(1), Options(solver="auto", method="collapsed")).fallback_reason
        == "no licence here"
    )


def test_highs_is_described_with_its_licence() -> None:
    """The start-up line of HiGHS names its version and its open licence."""
    described = select.describe("highs")
    assert described.startswith("HiGHS ")
    assert described.endswith("(MIT licence)")


WITHOUT_LICENCE = """
import json
from solvers.backends import select
from solvers.backends.backend import SolverUnavailable
from solvers.options import Options
from solvers.problem import Problem
from solvers.solve import solve

problem = Problem([[1, 5]], [[3, 1]], [4], [10, 10], [2, 3], [100], 2)
said = {}
for attempt in "first", "second":  # the failure must not be remembered as a success
    result = solve(problem, Options(solver="auto", method="collapsed"))
    said[attempt] = [result.status, result.solver, result.objective, result.fallback_reason]
for what, call in {
    "solve": lambda: solve(problem, Options(solver="gurobi", method="collapsed")),
    "describe": lambda: select.describe("gurobi"),
}.items():
    try:
        call()
    except SolverUnavailable as error:
        said[what] = str(error)
said["auto"] = select.describe("auto")
print(json.dumps(said))
"""


def test_without_a_licence_auto_is_highs_and_gurobi_raises(tmp_path: Path) -> None:
    """Without a licence ``auto`` runs HiGHS and says why, ``gurobi`` says why it cannot.

    In a process of its own: a Gurobi environment, once started, stays. Nothing but the result may
    appear on stdout.
    """
    missing = tmp_path / "missing.lic"
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_LICENCE],
        env=os.environ | {"GRB_LICENSE_FILE": str(missing)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    for attempt in ("first", "second"):
        status, solver, objective, reason = said[attempt]
        # Site 1: 2 x 4 x 1 + 4 x 3 + 2.
        assert (status, solver, objective) == ("optimal", "highs", 22)
        assert "does not start" in reason
        assert str(missing) in reason
    for what in ("solve", "describe"):
        assert "does not start" in said[what]
        assert "\n" not in said[what]
    assert said["auto"].startswith("HiGHS ")
    assert "does not start" in said["auto"]


IN_SILENCE = """
from solvers.backends import gurobi
from solvers.options import Options
from solvers.problem import Problem
from solvers.solve import solve

problem = Problem([[1, 5]], [[3, 1]], [4], [10, 10], [2, 3], [100], 2)
solvers = ["highs"]
try:
    gurobi.licence()
    solvers.append("gurobi")
except gurobi.SolverUnavailable:
    pass
for solver in solvers:
    assert solve(problem, Options(solver=solver, method="collapsed")).objective == 22
"""


def test_solvers_are_silent() -> None:
    """No log and no licence banner reach stdout or stderr: those belong to the command line."""
    ran = subprocess.run(
        [sys.executable, "-c", IN_SILENCE],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
