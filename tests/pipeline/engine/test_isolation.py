"""A crash, hang, kill or lack of memory ends one child process and affects one instance."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.engine import isolation
from pipeline.engine.isolation import solve_isolated
from pipeline.engine.worker import SolveContext
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solve import solve
from solvers.start import Start
from tests.pipeline.engine.poisoned import EXPECTED_FAILURES, WORDS, logged_and_poisoned

WORKER_CODE = """
from tests.pipeline.engine.test_isolation import *
solve_isolated(context(Path({log!r})), chunk_of(5), 1)
"""
"""A worker that is given an instance that hangs."""


def chunk_of(*alphas: float) -> tuple[Job]:
    """Make a chunk of one network at some alphas."""
    return (Job(NetworkCoordinate("A6", "C1"), alphas, 1.0),)


def context(log: Path, method: str = "collapsed") -> SolveContext:
    """Make a context whose solver logs the alpha of each instance that it begins."""
    words = [*WORDS, *(["solver=native"] if method == "native" else []), f"out={log.parent}"]
    config = validate(compose("config", words))
    logged = partial(logged_and_poisoned, str(log))
    options, grace_s = config.solver.options, config.engine.grace_s
    return SolveContext(config.network, config.run_id, config.seed, options, grace_s, logged)


@pytest.mark.slow
def test_each_failing_instance_is_identified_and_no_instance_is_solved_twice(
    tmp_path: Path,
) -> None:
    """Of five instances three are poison: they are the failures, and each instance begins once."""
    log = tmp_path / "log"
    result = solve_isolated(context(log), chunk_of(2, 3, 5, 7, 20), attempt=1)
    assert result.rows["alpha"].to_pylist() == [2, 20]
    assert [job.alphas for job, _ in result.failures] == [(3,), (5,), (7,)]
    for (job, failure), alpha in zip(result.failures, EXPECTED_FAILURES, strict=True):
        reason, logged = EXPECTED_FAILURES[alpha]
        assert job.alphas == (alpha,)
        assert reason in failure.reason
        assert logged in failure.log
    assert log.read_text().split() == ["2", "3", "5", "7", "20"]


def solve_in_four_seconds(problem: Problem, options: Options, start: Start | None) -> Result:
    """Solve a problem, and take four seconds over it."""
    time.sleep(4)
    return solve(problem, options, start)


@pytest.mark.slow
def test_instances_for_which_it_is_too_late_are_left(tmp_path: Path) -> None:
    """Three seconds are left at first: one instance begins and ends, three do not begin."""
    plain = context(tmp_path / "log")
    solve_isolated(plain, chunk_of(2), attempt=1)  # so that the fork server runs
    limit_s = plain.options.time_limit_s
    late = dataclasses.replace(plain, solve=solve_in_four_seconds, end=time.time() + limit_s + 3)
    jobs = chunk_of(2, 20) + chunk_of(4, 8)
    result = solve_isolated(late, jobs, attempt=1)
    assert result.rows["alpha"].to_pylist() == [2]
    assert result.failures == ()
    assert [job.alphas for job in result.not_begun] == [(20,), (4, 8)]
    assert solve_isolated(late, jobs, attempt=1).not_begun == jobs


@pytest.mark.slow
def test_a_killed_worker_leaves_no_processes_behind(tmp_path: Path) -> None:
    """Fork server and child process end with the worker, even while the child hangs."""
    log = tmp_path / "log"
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER_CODE.format(log=str(log))],
        start_new_session=True,
        cwd=Path(__file__).parents[3],
    )
    while not log.exists():
        assert worker.poll() is None
        time.sleep(0.02)
    assert len(processes_of(worker.pid)) == 3
    worker.kill()
    worker.wait()
    deadline = time.monotonic() + 3  # the instance would hang for 5 s
    while processes_of(worker.pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["collapsed", "native"])
def test_the_fork_server_has_one_thread(tmp_path: Path, method: str) -> None:
    """A lock that another thread holds during a fork stays locked for ever in the child."""
    solve_isolated(context(tmp_path / "log", method), chunk_of(2), attempt=1)
    fork_servers = [pid for pid in processes_of(os.getsid(0)) if is_fork_server(pid)]
    assert fork_servers
    for pid in fork_servers:
        assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1


@pytest.mark.slow
@pytest.mark.parametrize("kill_fork_server", [True, False])
def test_a_process_killed_between_jobs_costs_no_attempt(
    tmp_path: Path, kill_fork_server: bool
) -> None:
    """An idle fork server or child process that is killed is replaced; no instance fails."""
    log = tmp_path / "log"
    for _ in range(3):
        result = solve_isolated(context(log), chunk_of(2, 20), attempt=1)
        assert result.rows["status"].to_pylist() == ["optimal"] * 2
        assert not result.failures
        fork_servers = [pid for pid in processes_of(os.getsid(0)) if is_fork_server(pid)]
        children = [pid for pid in processes_of(os.getsid(0)) if parent_of(pid) in fork_servers]
        for pid in fork_servers if kill_fork_server else children:
            os.kill(pid, signal.SIGKILL)
    assert log.read_text().split() == ["2", "20"] * 3


@pytest.mark.slow
def test_a_child_process_that_misses_its_own_deadline_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's timeout is set to 2 s here, 3 s before the child would end itself."""
    monkeypatch.setattr(isolation, "KILL_MARGIN_S", -8.0)
    result = solve_isolated(context(tmp_path / "log"), chunk_of(5, 20), attempt=1)
    assert result.rows["alpha"].to_pylist() == [20]
    ((_, failure),) = result.failures
    assert failure.reason.startswith("hung: more than 5 s")
    assert "Timeout" not in failure.log


@pytest.mark.slow
def test_after_an_interrupt_the_child_process_is_gone_and_the_next_one_solves(
    tmp_path: Path,
) -> None:
    """An interrupt in the middle of a job leaves no rows for the job after it."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    solve_isolated(context(tmp_path / "log"), chunk_of(2), attempt=1)
    # Again after 2 s: Python swallows an interrupt in a callback of the garbage collector.
    signal.setitimer(signal.ITIMER_REAL, 0.5, 2.0)
    try:
        with pytest.raises(KeyboardInterrupt):
            solve_isolated(context(tmp_path / "log"), chunk_of(2, 5, 7), attempt=1)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    deadline = time.monotonic() + 3  # the instance would hang for 5 s
    while any(is_fork_server(pid) for pid in processes_of(os.getsid(0))):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    result = solve_isolated(context(tmp_path / "log"), chunk_of(20), attempt=1)
    assert result.rows["alpha"].to_pylist() == [20]
    assert not result.failures


def test_a_program_that_cannot_be_loaded_raises_with_its_traceback(tmp_path: Path) -> None:
    """The instances are not at fault, so none of them becomes an error row."""
    broken = dataclasses.replace(context(tmp_path / "log"), solve=Unloadable())
    with pytest.raises(RuntimeError, match=r"accepts a job(.|\n)*no such module"):
        solve_isolated(broken, chunk_of(2), attempt=1)


class Unloadable:
    """A solver whose module is missing in the child process."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("raise ImportError('no such module')",)


def is_fork_server(pid: int) -> bool:
    """Return whether a process is a fork server of this process, and not a child of one."""
    with contextlib.suppress(OSError):  # the process has just ended
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        return b"engine.fork_server" in command and parent_of(pid) == os.getpid()
    return False


def parent_of(pid: int) -> int:
    """Return the process id of a process's parent."""
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def processes_of(session_id: int) -> list[int]:
    """List the processes of a session, without zombies."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after_name = entry.read_text().rsplit(")", 1)[1].split()
            if int(after_name[3]) == session_id and after_name[0] != "Z":
                found.append(int(entry.parent.name))
    return found
