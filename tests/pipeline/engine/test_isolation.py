"""What crashes, hangs or devours memory is found alone, and costs the rest of a sweep nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.engine import isolation, ray_tasks
from pipeline.engine.isolation import solve_isolated
from pipeline.engine.worker import SolveContext
from pipeline.network.instance_io import problem_from
from pipeline.results.schema import COORDINATE, NON_DETERMINISTIC
from pipeline.results.table import read_results
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job
from solvers.options import Options
from solvers.solve import solve
from tests.pipeline.engine.poisoned import noted

POISONED = Path(__file__).parent / "poisoned.py"
WORDS = [
    *("sweep=smoke", "sweep.allocation=[A6]", "sweep.structure=[C1]", "solver=highs"),
    *("solver.method=collapsed", "solver.time_limit_s=3", "engine.grace_s=2"),
]
POISON = {
    3.0: ("ended by SIGSEGV", "Segmentation fault"),
    5.0: ("hung: more than 5 s", "in poisoned"),
    7.0: ("ended by SIGKILL, as when memory runs out", ""),
}
"""What ends its process -> the reason that is to be told, and what is to be in the log."""


def start(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the poisoned solver, as a user would."""
    return subprocess.run(
        [sys.executable, str(POISONED), *words], capture_output=True, text=True, timeout=280
    )


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A finished run in which most of the alphas were poison, and what it said."""
    run = tmp_path_factory.mktemp("runs") / "swept"
    alphas = "sweep.alpha=[2,3,5,7,11,20]"
    finished = start("run", *WORDS, alphas, "engine.workers=2", f"out={run}")
    assert finished.returncode == 1, finished.stderr
    return run, finished.stderr


def rows(run: Path) -> pl.DataFrame:
    """Read a run's rows in a fixed order."""
    return read_results(run).sort(COORDINATE).collect(engine="in-memory")


def bundle(run: Path, alpha: float) -> Path:
    """Name the bundle of a failure."""
    return run / "failures" / f"A6-C1-r0-s1-a{alpha}"


def chunk_of(*alphas: float) -> tuple[Job]:
    """Pose one network at some alphas."""
    return (Job(NetworkCoordinate("A6", "C1"), alphas, 1.0),)


def work(notes: Path, method: str = "collapsed") -> SolveContext:
    """Describe work that notes which instances were begun."""
    words = [*WORDS, f"solver.method={method}", f"out={notes.parent}"]
    config = validate(compose("config", words))
    options, grace_s = config.solver.options, config.engine.grace_s
    return SolveContext(config.network, config.seed, options, grace_s, partial(noted, str(notes)))


def test_what_ends_its_process_is_known_and_nothing_else_is_solved_again(tmp_path: Path) -> None:
    """Of five instances the three that are poison are named, and each is begun once."""
    notes = tmp_path / "notes"
    answer = solve_isolated(work(notes), chunk_of(2, 3, 5, 7, 20), attempt=1)
    assert answer.rows["alpha"].to_pylist() == [2, 20]
    assert [job.alphas for job, _ in answer.failures] == [(3,), (5,), (7,)]
    for (job, failure), alpha in zip(answer.failures, POISON, strict=True):
        reason, logged = POISON[alpha]
        assert job.alphas == (alpha,)
        assert reason in failure.reason
        assert logged in failure.log
    assert notes.read_text().split() == ["2", "3", "5", "7", "20"]


def test_a_worker_that_is_killed_takes_its_processes_along(tmp_path: Path) -> None:
    """No process goes on with an instance that nobody waits for."""
    code = "from tests.pipeline.engine.test_isolation import *; solve_isolated(work(Path(%r)), chunk_of(5), 1)"
    notes = tmp_path / "notes"
    session = {"start_new_session": True, "cwd": Path(__file__).parents[3]}
    worker = subprocess.Popen([sys.executable, "-c", code % str(notes)], **session)
    while not notes.exists():
        assert worker.poll() is None
        time.sleep(0.02)
    assert len(processes_of(worker.pid)) == 3
    worker.kill()
    worker.wait()
    deadline = time.monotonic() + 3  # the instance would hang for 5 s
    while processes_of(worker.pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("method", ["collapsed", "native"])
def test_what_forks_has_one_thread(tmp_path: Path, method: str) -> None:
    """A lock that another thread holds during a fork would be held for ever."""
    solve_isolated(work(tmp_path / "notes", method), chunk_of(2), attempt=1)
    parents = [pid for pid in processes_of(os.getsid(0)) if is_fork_server(pid)]
    assert parents
    for pid in parents:
        assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1


@pytest.mark.parametrize("forks", [True, False])
def test_a_process_that_is_killed_while_it_has_no_work_costs_nobody_a_try(
    tmp_path: Path, forks: bool
) -> None:
    """Neither the one that forks nor the one that is forked; both are replaced."""
    notes = tmp_path / "notes"
    for _ in range(3):
        answer = solve_isolated(work(notes), chunk_of(2, 20), attempt=1)
        assert answer.rows["status"].to_pylist() == ["optimal"] * 2
        assert not answer.failures
        fork_servers = [pid for pid in processes_of(os.getsid(0)) if is_fork_server(pid)]
        children = [pid for pid in processes_of(os.getsid(0)) if parent_of(pid) in fork_servers]
        for pid in fork_servers if forks else children:
            os.kill(pid, signal.SIGKILL)
    assert notes.read_text().split() == ["2", "20"] * 3


def test_a_process_that_does_not_end_itself_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here patience ends 3 s before the deadline at which the process would end itself."""
    monkeypatch.setattr(isolation, "KILL_MARGIN_S", -8.0)
    answer = solve_isolated(work(tmp_path / "notes"), chunk_of(5, 20), attempt=1)
    assert answer.rows["alpha"].to_pylist() == [20]
    ((_, failure),) = answer.failures
    assert failure.reason.startswith("hung: more than 5 s")
    assert "Timeout" not in failure.log


def test_where_the_program_cannot_be_loaded_the_traceback_is_told(tmp_path: Path) -> None:
    """It is no fault of the instances, and none of them is given up for it."""
    broken = dataclasses.replace(work(tmp_path / "notes"), solve=Unloadable())
    with pytest.raises(RuntimeError, match=r"takes no work(.|\n)*nothing of this name"):
        solve_isolated(broken, chunk_of(2), attempt=1)


class Unloadable:
    """Stands for a solver whose module is not there where the work is done."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("raise ImportError('nothing of this name')",)


def is_fork_server(process: int) -> bool:
    """Tell a process that forks from all others, those that it has forked among them."""
    command = Path(f"/proc/{process}/cmdline").read_bytes()
    return b"engine.fork_server" in command and parent_of(process) == os.getpid()


def parent_of(process: int) -> int:
    """Read the number of a process's parent."""
    return int(Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])


def processes_of(session: int) -> list[int]:
    """List the processes of a session."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after_name = entry.read_text().rsplit(")", 1)[1].split()
            if int(after_name[3]) == session and after_name[0] != "Z":
                found.append(int(entry.parent.name))
    return found


@pytest.mark.slow
def test_all_others_finish_as_if_there_were_no_poison(
    swept: tuple[Path, str], tmp_path: Path
) -> None:
    """The rows of the other alphas are those of a run without the poison."""
    run, told = swept
    clean = start("run", *WORDS, "sweep.alpha=[2,20]", "engine=serial", f"out={tmp_path}")
    assert clean.returncode == 0, clean.stderr
    healthy = rows(run).filter(pl.col("status") == "optimal").drop(NON_DETERMINISTIC)
    assert healthy.equals(rows(tmp_path).drop(NON_DETERMINISTIC))
    assert "4 instances ended in error" in told


@pytest.mark.slow
def test_each_culprit_is_an_error_row_with_its_reason(swept: tuple[Path, str]) -> None:
    """What ends its process is tried three times, and the row says how it ended."""
    failed = rows(swept[0]).filter(pl.col("status") == "error")
    for alpha, (reason, _) in POISON.items():
        culprits = failed.filter(pl.col("alpha") == alpha)
        assert culprits["structure"].to_list() == ["C1"]
        assert culprits["error"].str.contains(reason, literal=True).all()
        assert set(culprits["attempt"]) == {ray_tasks.MAX_ATTEMPTS}
    devoured = failed.filter(pl.col("alpha") == 11)
    assert devoured["error"].str.contains("Unable to allocate").all()
    assert set(devoured["attempt"]) == {ray_tasks.MAX_ATTEMPTS}


@pytest.mark.slow
def test_a_bundle_holds_what_is_needed_to_see_the_failure_again(swept: tuple[Path, str]) -> None:
    """Problem, model, circumstances, log and command: the problem alone gives the usual answer."""
    run, _ = swept
    assert len(list((run / "failures").iterdir())) == 4
    for alpha, (_, logged) in POISON.items():
        files = {path.name for path in bundle(run, alpha).iterdir()}
        assert files == {"problem.json", "problem.mps", "run.json", "log.txt", "command.txt"}
        assert logged in (bundle(run, alpha) / "log.txt").read_text()
    problem = problem_from(json.loads((bundle(run, 3.0) / "problem.json").read_text()))
    assert solve(problem, Options(solver="highs")).objective is not None
    run_metadata = json.loads((bundle(run, 3.0) / "run.json").read_text())
    assert run_metadata["configuration"]["seed"] == 0
    assert "highspy" in run_metadata["versions"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("alpha", "code", "told"),
    [
        (3.0, -11, "Segmentation fault"),
        (5.0, 1, "Timeout (0:00:05)"),
        (7.0, -9, ""),
        (11.0, 1, "Unable to allocate"),
    ],
)
def test_the_command_of_a_bundle_fails_as_the_sweep_did(
    swept: tuple[Path, str], alpha: float, code: int, told: str
) -> None:
    """One line reproduces a crash, a hang, a kill and a want of memory."""
    folder = bundle(swept[0], alpha)
    words = (folder / "command.txt").read_text().split()
    assert words[:3] == ["python", "-m", "pipeline.commands.replay"]
    finished = start("replay", *words[3:])
    assert finished.returncode == code
    assert told in finished.stderr


@pytest.mark.slow
def test_errors_are_tried_again_only_when_asked_for(swept: tuple[Path, str]) -> None:
    """Error rows count as done; retry=errors replaces them, with the sound solver by results."""
    run, _ = swept
    words = [*WORDS, "sweep.alpha=[2,3,5,7,11,20]", f"out={run}", "engine=serial"]
    command = [sys.executable, "-m", "pipeline", *words]
    again = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert again.returncode == 0
    assert "all done" in again.stderr
    assert set(rows(run)["status"]) == {"optimal", "error"}
    cured = subprocess.run([*command, "retry=errors"], capture_output=True, text=True, timeout=200)
    assert cured.returncode == 0, cured.stderr
    assert "4 rows that ended in error are tried again" in cured.stderr
    found = rows(run)
    assert found.height == found.select(COORDINATE).n_unique() == 6
    assert set(found["status"]) == {"optimal"}
