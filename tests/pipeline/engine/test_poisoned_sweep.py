"""A sweep with instances that crash, hang, are killed or exhaust the memory; then their replay."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from pipeline.engine.attempts import MAX_ATTEMPTS
from pipeline.network.instance_io import problem_from
from pipeline.results.schema import COORDINATE, NON_DETERMINISTIC
from pipeline.results.table import read_results
from solvers.options import Options
from solvers.solve import solve
from tests.pipeline.engine.poisoned import BEGUN, EXHAUSTS_MEMORY, EXPECTED_FAILURES, WORDS

BOTH_ENGINES = pytest.mark.parametrize("swept", ["ray", "serial"], indirect=True)
SERIAL = pytest.mark.parametrize("swept", ["serial"], indirect=True)


def start(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the poisoned solver, as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "tests.pipeline.engine.poisoned", *words],
        capture_output=True,
        text=True,
        timeout=280,
    )


@pytest.fixture(scope="module")
def swept(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The folder and stderr of a finished run in which four of six alphas are poison."""
    engine = request.param
    run = tmp_path_factory.mktemp("runs") / "swept"
    alphas = "sweep.alpha=[2,3,5,7,11,20]"
    finished = start("run", *WORDS, alphas, f"engine={engine}", f"out={run}")
    assert finished.returncode == 1, finished.stderr
    return run, finished.stderr


def rows(run: Path) -> pl.DataFrame:
    """Read a run's rows in a fixed order."""
    return read_results(run).sort(COORDINATE).collect(engine="in-memory")


def bundle(run: Path, alpha: float) -> Path:
    """Return the folder of a failure bundle."""
    return run / "failures" / f"A6-C1-r0-s1-a{alpha}"


@pytest.mark.slow
@BOTH_ENGINES
def test_all_other_instances_have_the_rows_of_a_run_without_poison(
    swept: tuple[Path, str], tmp_path: Path
) -> None:
    """The rows of the other alphas equal those of a run in one process without the poison."""
    run, stderr = swept
    in_process = ["engine=serial", "engine.in_process=true"]
    clean = start("run", *WORDS, "sweep.alpha=[2,20]", *in_process, f"out={tmp_path}")
    assert clean.returncode == 0, clean.stderr
    healthy = rows(run).filter(pl.col("status") == "optimal").drop(NON_DETERMINISTIC)
    assert healthy.equals(rows(tmp_path).drop(NON_DETERMINISTIC))
    assert stderr.endswith("6 instances: 2 certified, 4 error\n")


@pytest.mark.slow
@BOTH_ENGINES
def test_each_failing_instance_is_an_error_row_with_its_reason(swept: tuple[Path, str]) -> None:
    """An instance that ends its process is tried three times; the row says how it ended."""
    failed = rows(swept[0]).filter(pl.col("status") == "error")
    for alpha, (reason, _) in EXPECTED_FAILURES.items():
        found = failed.filter(pl.col("alpha") == alpha)
        assert found["structure"].to_list() == ["C1"]
        assert found["error"].str.contains(reason, literal=True).all()
        assert set(found["attempt"]) == {MAX_ATTEMPTS}
    out_of_memory = failed.filter(pl.col("alpha") == EXHAUSTS_MEMORY)
    assert out_of_memory["error"].str.contains("Unable to allocate").all()
    assert set(out_of_memory["attempt"]) == {MAX_ATTEMPTS}
    begun = Counter((swept[0] / BEGUN).read_text().split())
    assert begun == {"2": 1, "20": 1} | dict.fromkeys(("3", "5", "7", "11"), MAX_ATTEMPTS)


@pytest.mark.slow
@SERIAL
def test_a_bundle_holds_what_reproduces_the_failure(swept: tuple[Path, str]) -> None:
    """Problem, model, run metadata, log and command; the sound solver solves the problem."""
    run, _ = swept
    assert len(list((run / "failures").iterdir())) == 4
    for alpha, (_, logged) in EXPECTED_FAILURES.items():
        files = {path.name for path in bundle(run, alpha).iterdir()}
        assert files == {"problem.json", "problem.mps", "run.json", "log.txt", "command.txt"}
        assert logged in (bundle(run, alpha) / "log.txt").read_text()
    problem = problem_from(json.loads((bundle(run, 3.0) / "problem.json").read_text()))
    assert solve(problem, Options(solver="highs")).objective is not None
    run_metadata = json.loads((bundle(run, 3.0) / "run.json").read_text())
    assert run_metadata["configuration"]["seed"] == 0
    assert "highspy" in run_metadata["versions"]


@pytest.mark.slow
@SERIAL
@pytest.mark.parametrize(
    ("alpha", "code", "message"),
    [
        (3.0, -11, "Segmentation fault"),
        (5.0, 1, "Timeout (0:00:05)"),
        (7.0, -9, ""),
        (11.0, 1, "Unable to allocate"),
    ],
)
def test_the_command_of_a_bundle_fails_as_the_sweep_did(
    swept: tuple[Path, str], alpha: float, code: int, message: str
) -> None:
    """One command reproduces a crash, a hang, a kill and a lack of memory."""
    folder = bundle(swept[0], alpha)
    words = (folder / "command.txt").read_text().split()
    assert words[:3] == ["python", "-m", "pipeline.commands.replay"]
    finished = start("replay", *words[3:])
    assert finished.returncode == code
    assert message in finished.stderr


@pytest.mark.slow
@SERIAL
def test_errors_are_tried_again_only_on_request(swept: tuple[Path, str]) -> None:
    """Error rows stand; with retry=errors the sound solver replaces them by results."""
    run, _ = swept
    words = [*WORDS, "sweep.alpha=[2,3,5,7,11,20]", f"out={run}", "engine=serial"]
    command = [sys.executable, "-m", "pipeline", *words]
    again = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert again.returncode == 1
    assert "0 of 6 instances to solve" in again.stderr
    assert set(rows(run)["status"]) == {"optimal", "error"}
    retried = subprocess.run(
        [*command, "retry=errors"], capture_output=True, text=True, timeout=200
    )
    assert retried.returncode == 0, retried.stderr
    assert "retry=errors: 4 instances" in retried.stderr
    found = rows(run)
    assert found.height == found.select(COORDINATE).n_unique() == 6
    assert set(found["status"]) == {"optimal"}
