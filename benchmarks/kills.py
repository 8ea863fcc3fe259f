"""Kills a short sweep at random moments and checks that no row is lost, duplicated or changed.

usage: python -m benchmarks.kills [key=value ...]

SIGKILL goes in turn to the driver and to a solving process of a serial run, and to the driver, a
worker, the raylet and a solving process of a Ray run: after a random number of solves, and a random
part of the time of one solve. Then a serial run in one process resumes and completes the sweep. The
results table is compared with that of an uninterrupted run: every row that was committed before the
kill must still be there unchanged, no row may be there twice, and all deterministic columns must be
equal; if not, the run counts as damaged. Instances that were solved twice are counted. Exit code 1
if a run is damaged.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import astuple, dataclass
from functools import partial
from itertools import cycle, islice
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from benchmarks.arguments import key, run_benchmark
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.engine.driver import RAY_LISTENS_EVERYWHERE, run
from pipeline.results.schema import COORDINATE, NON_DETERMINISTIC
from pipeline.results.table import empty_results, read_results, table_exists
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solve import solve
from solvers.start import Start

WORDS = [
    *("sweep=smoke", "solver=highs", "sweep.allocation=[A6]"),
    *("sweep.structure=all", "engine.chunk_s=0.001", "store.commit_rows=1"),
]
"""Configuration of 50 instances of 25 networks: each network is a chunk and each chunk a commit."""

INSTANCES = 50
WORKERS = 2
ENGINES = {
    "serial": ["engine=serial"],
    "ray": ["engine=ray", f"engine.workers={WORKERS}"],
    "in process": ["engine=serial", "engine.in_process=true"],
}
TARGETS = (
    ("serial", "driver"),
    ("serial", "solver"),
    ("ray", "driver"),
    ("ray", "worker"),
    ("ray", "raylet"),
    ("ray", "solver"),
)
"""Engine of the run, and the process that is killed."""

COMMAND_LINES = {
    "worker": b"ray::_solve",
    "raylet": b"/raylet/raylet",
    "solver": b"engine.fork_server",
}
"""Part of a process's command line; a Ray worker is named so only while it runs a task. Solvers are
the fork server and its child process."""

MARKS = "solved"
"""File in the folder of a run with one byte for each solve."""

Moment = tuple[int, float]
"""When a process is killed: after a number of solves, and a number of seconds after that."""

POLL_S = 0.002
"""Seconds between two looks at a run."""

MAX_RUN_S = 120.0
"""A run that takes longer counts as hung."""

# Most of the time of a short run would be the start of Python. So a server that has loaded the
# program, but has started no thread yet, forks the drivers.
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["pipeline.engine.driver", "pipeline.engine.ray_tasks"])


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    kills: int = key(200, "number of runs to kill")
    seed: int = key(1, "seed of the random moments", least=0)


@dataclass
class Tally:
    """What happened in the runs with one target.

    Attributes
    ----------
    runs : int
        Number of runs.
    killed : int
        Number of runs in which the target still existed and was killed.
    most_solved_twice : int
        Largest number of instances of a run that were solved twice.
    damaged : int
        Number of runs with lost, duplicated or changed rows.
    """

    runs: int = 0
    killed: int = 0
    most_solved_twice: int = 0
    damaged: int = 0

    def add(self, killed: bool, solved_twice: int, damaged: bool) -> None:
        """Count a run."""
        self.runs += 1
        self.killed += killed
        self.most_solved_twice = max(self.most_solved_twice, solved_twice)
        self.damaged += damaged


def main(arguments: Arguments) -> int:
    """Kill and resume runs, compare their rows and print; return 1 if a run was damaged."""
    os.environ[RAY_LISTENS_EVERYWHERE] = "0"  # before the server of `CONTEXT` imports Ray
    generator = random.Random(arguments.seed)
    tallies = {target: Tally() for target in TARGETS}
    damaged_runs = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        solve_s = {engine: _run_undisturbed(folder / engine, engine) for engine in ENGINES}
        expected, *others = (_read_rows(folder / name).drop(NON_DETERMINISTIC) for name in ENGINES)
        assert all(rows.equals(expected) for rows in others)
        for number, target in enumerate(islice(cycle(TARGETS), arguments.kills), 1):
            pause_s = generator.uniform(0, solve_s[target[0]])
            moment = generator.randint(1, INSTANCES), pause_s
            _kill_and_resume(folder / str(number), target, moment, expected, tallies[target])
            damaged_runs = sum(tally.damaged for tally in tallies.values())
            progress = f"\r{number}/{arguments.kills}, {damaged_runs} damaged"
            print(progress, end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    table = Table("engine", "target", "runs", "killed", "most solved twice", "damaged")
    for (engine, process), tally in tallies.items():
        table.add_row(engine, process, *map(str, astuple(tally)))
    Console().print(table)
    return 1 if damaged_runs else 0


def _kill_and_resume(
    out: Path, target: tuple[str, str], moment: Moment, expected: pl.DataFrame, tally: Tally
) -> None:
    """Kill a run at a moment, resume it, and compare its rows with those expected."""
    before, killed = _run_and_kill(out, *target, moment)
    _join(_start(out, "in process"))
    after = _read_rows(out)
    kept = after.join(before, on=COORDINATE, how="semi").equals(before)
    complete = after.drop(NON_DETERMINISTIC).equals(expected)
    solved_twice = _count_solves(out) - INSTANCES
    tally.add(killed, solved_twice, damaged=not (kept and complete))
    shutil.rmtree(out)


def _run_and_kill(
    out: Path, engine: str, process: str, moment: Moment
) -> tuple[pl.DataFrame, bool]:
    """Start a run and kill a process of it at a moment.

    If there is no such process then, as a worker between two tasks, the next one is killed.

    Returns
    -------
    polars.DataFrame
        The rows that were committed then.
    bool
        Whether there was such a process before the run ended.
    """
    driver = _start(out, engine)
    session = driver.pid or 0
    solves, pause_s = moment
    _wait_for_solves(driver, out, solves)
    time.sleep(pause_s)
    killed = False
    while driver.is_alive() and not (killed := _kill_one(session, process)):
        time.sleep(POLL_S)
    before = _read_rows(out)
    _join(driver)
    for pid in _find_processes(session, b""):  # those of a cluster whose driver is gone
        _kill(pid)
    return before, killed


def _kill_one(session: int, process: str) -> bool:
    """Kill a process of a run; return False if there is none now."""
    pids = [session] if process == "driver" else _find_processes(session, COMMAND_LINES[process])
    return bool(pids) and _kill(random.choice(pids))


def _kill(pid: int) -> bool:
    """Kill a process; return False if it has ended already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _run_undisturbed(out: Path, engine: str) -> float:
    """Run without a kill; return the seconds from the first solve to the end, per instance."""
    driver = _start(out, engine)
    _wait_for_solves(driver, out, 1)
    begin = time.monotonic()
    assert _join(driver) == 0
    return (time.monotonic() - begin) / INSTANCES


def _wait_for_solves(driver: BaseProcess, out: Path, solves: int) -> None:
    """Wait until a run has made so many solves, or has ended."""
    while driver.is_alive() and _count_solves(out) < solves:
        time.sleep(POLL_S)


def _count_solves(out: Path) -> int:
    marks = out / MARKS
    return marks.stat().st_size if marks.exists() else 0


def _start(out: Path, engine: str) -> BaseProcess:
    """Start a run in a child process, as the leader of a session of its own."""
    out.mkdir(exist_ok=True)
    driver = CONTEXT.Process(target=_run_driver, args=(out, engine))
    driver.start()
    return driver


def _run_driver(out: Path, engine: str) -> None:
    """Run the sweep in this process, as ``python -m pipeline`` does, and exit."""
    os.setsid()
    os.dup2(os.open(out / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    os.dup2(2, 1)
    config = validate(compose("config", [*WORDS, *ENGINES[engine], f"out={out}"]))
    sys.exit(run(config, partial(_solve_and_count, str(out / MARKS))))


def _solve_and_count(
    path: str, problem: Problem, options: Options, start: Start | None = None
) -> Result:
    """Solve a problem and append one byte to a file, which a kill cannot undo."""
    result = solve(problem, options, start)
    with open(path, "ab", buffering=0) as marks:
        marks.write(b".")
    return result


def _join(driver: BaseProcess) -> int | None:
    """Wait for the end of a run; return its exit code, or None if it hung and was killed."""
    driver.join(MAX_RUN_S)
    if driver.exitcode is None:
        print(f"\na run hung for {MAX_RUN_S:g} s and was killed", file=sys.stderr)
        driver.kill()
        driver.join()
        return None
    return driver.exitcode


def _find_processes(session: int, part: bytes) -> list[int]:
    """List the processes of a session, except its leader, whose command line contains a text."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        try:
            is_member = pid != session and os.getsid(pid) == session
            if is_member and part in (entry / "cmdline").read_bytes():
                found.append(pid)
        except OSError:
            continue
    return found


def _read_rows(out: Path) -> pl.DataFrame:
    """Read the rows of a run in a fixed order; none if there is no results table yet."""
    table = read_results(out) if table_exists(out) else empty_results()
    return table.sort(COORDINATE).collect(engine="in-memory")


if __name__ == "__main__":
    # Through the module's name, not as __main__, so that workers can import what is sent to them.
    from benchmarks import kills

    run_benchmark(kills.main, kills.Arguments, __doc__)
