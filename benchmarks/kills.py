"""Kills a short sweep at random moments, and looks whether anything was lost, doubled or changed.

usage: python -m benchmarks.kills [kills=200] [seed=1]

By turns SIGKILL goes to the driver of a serial run, and to the driver, a worker, the raylet and one
of the solving processes of a Ray run. Then the same command goes on to the end. Held against the
table of an uninterrupted run: every row committed before the kill is there as it was, none is there
twice, and all agree in every deterministic column. Instances solved twice are counted. Exit code 1
if anything was lost.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from functools import partial
from itertools import cycle, islice
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.engine.driver import run
from pipeline.results.schema import COORDINATE, NON_DETERMINISTIC
from pipeline.results.table import empty_results, read_results, table_exists
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.solve import solve

WORDS = [
    *("sweep=smoke", "solver=highs", "solver.method=collapsed", "sweep.allocation=[A6]"),
    *("sweep.structure=all", "engine.chunk_s=0.001", "store.commit_rows=1"),
]
"""50 instances of 25 networks: a chunk is a network, and a commit a chunk."""

INSTANCES = 50
WORKERS = 2
ENGINES = {"serial": ["engine=serial"], "ray": ["engine=ray", f"engine.workers={WORKERS}"]}
VICTIMS = (
    ("serial", "driver"),
    ("ray", "driver"),
    ("ray", "worker"),
    ("ray", "raylet"),
    ("ray", "solver"),
)
NAMES = {"worker": b"ray::_solve", "raylet": b"/raylet/raylet", "solver": b"engine.fork_server"}
"""What the command line of a victim holds: a worker that has a task, not one of Ray's agents."""

LONGEST_S = 120.0

# A server that has loaded the program, but has no thread yet, forks the drivers: most of a short
# run would be the start of Python otherwise.
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["pipeline.engine.driver", "pipeline.engine.ray_tasks"])


def main() -> int:
    """Kill, resume, compare, print."""
    words = dict(word.split("=", 1) for word in sys.argv[1:])
    kills, generator = int(words.get("kills", 200)), random.Random(int(words.get("seed", 1)))
    lost, counts = 0, {victim: [0, 0, 0, 0] for victim in VICTIMS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        took_s = {engine: _clean(folder / engine, engine) for engine in ENGINES}
        expected = _rows(folder / "serial").drop(NON_DETERMINISTIC)
        assert expected.equals(_rows(folder / "ray").drop(NON_DETERMINISTIC))
        for number, (engine, victim) in enumerate(islice(cycle(VICTIMS), kills), 1):
            out = folder / str(number)
            before, hit = _attacked(out, engine, victim, generator.uniform(0, took_s[engine]))
            _finish(_start(out, "serial"))
            after = _rows(out)
            kept = after.join(before, on=COORDINATE, how="semi").equals(before)
            whole = after.drop(NON_DETERMINISTIC).equals(expected)
            spoiled = not (kept and whole)
            lost += spoiled
            twice = len((out / "solved").read_bytes()) - INSTANCES
            tally = counts[engine, victim]
            tally[:] = [tally[0] + 1, tally[1] + hit, max(tally[2], twice), tally[3] + spoiled]
            print(f"\r{number}/{kills}, {lost} lost", end="", file=sys.stderr, flush=True)
            shutil.rmtree(out)
    print(file=sys.stderr)
    sheet = Table("engine", "killed", "runs", "under way", "most solved twice", "lost or doubled")
    for (engine, victim), tally in counts.items():
        sheet.add_row(engine, victim, *map(str, tally))
    Console().print(sheet)
    return 1 if lost else 0


def _attacked(out: Path, engine: str, victim: str, after_s: float) -> tuple[pl.DataFrame, bool]:
    """Start a run and kill a part of it; return what was committed then, and whether it was hit."""
    driver = _start(out, engine)
    time.sleep(after_s)
    session = driver.pid or 0
    targets = [session] if victim == "driver" else _processes(session, NAMES[victim])
    hit = any(_killed(target) for target in targets[:1])
    before = _rows(out)
    _finish(driver)
    for left in _processes(session, b""):  # of a cluster whose driver is gone
        _killed(left)
    return before, hit


def _killed(process: int) -> bool:
    """Kill a process, unless it has ended."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _clean(out: Path, engine: str) -> float:
    """Run without a kill; return the seconds that it took."""
    begin = time.monotonic()
    assert _finish(_start(out, engine)) == 0
    return time.monotonic() - begin


def _start(out: Path, engine: str) -> BaseProcess:
    """Start a run in a process and a session of its own."""
    out.mkdir(exist_ok=True)
    driver = CONTEXT.Process(target=_drive, args=(out, engine))
    driver.start()
    return driver


def _drive(out: Path, engine: str) -> None:
    """Be a driver, as the command is."""
    os.setsid()
    os.dup2(os.open(out / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    os.dup2(2, 1)
    config = validate(compose("config", [*WORDS, *ENGINES[engine], f"out={out}"]))
    sys.exit(run(config, partial(_counted, str(out / "solved"))))


def _counted(path: str, problem: Problem, options: Options) -> Result:
    """Solve, and leave a mark that outlives this process."""
    result = solve(problem, options)
    with open(path, "ab", buffering=0) as marks:
        marks.write(b".")
    return result


def _finish(driver: BaseProcess) -> int | None:
    """Wait for the end of a run: its exit code, or None if it hung and had to be ended."""
    driver.join(LONGEST_S)
    if driver.exitcode is None:
        print(f"\na run hung for {LONGEST_S:g} s and was ended", file=sys.stderr)
        driver.kill()
        driver.join()
        return None
    return driver.exitcode


def _processes(session: int, name: bytes) -> list[int]:
    """List the processes of a session, other than its leader, whose command line has a name."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        try:
            ours = pid != session and os.getsid(pid) == session
            if ours and name in (entry / "cmdline").read_bytes():
                found.append(pid)
        except OSError:
            continue
    return found


def _rows(out: Path) -> pl.DataFrame:
    """Read the rows of a run in a fixed order; none while there is no table."""
    table = read_results(out) if table_exists(out) else empty_results()
    return table.sort(COORDINATE).collect(engine="in-memory")


if __name__ == "__main__":
    # By its name, so that workers can import what is sent to them.
    from benchmarks import kills

    sys.exit(kills.main())
