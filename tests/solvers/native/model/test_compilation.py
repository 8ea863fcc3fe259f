"""Machine code is kept from one process to the next, and never used for other sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import solvers

ROOMS = ("model", "bound", "local_search", "tree")
"""The folders of `solvers/native`."""

CONSTANT = """
from solvers.native.model.compilation import compiled
CONSTANT = {value}
@compiled
def constant():
    return CONSTANT
"""

SUM = (
    "".join(f"from solvers.native.{room}.probe import constant as of_{room}\n" for room in ROOMS)
    + """
from solvers.native.model.compilation import compiled
@compiled
def total():
    return of_model() + of_bound() + of_local_search() + of_tree()
"""
)

TOGETHER = """
import numpy as np
from solvers.native.bound.knapsack import fill
assert fill(np.array([2.0, 3.0]), np.array([1, 4]), 2, 4, np.zeros((3, 5))) == 3.0
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sources, with a constant in each folder and a function that adds them up."""
    package = Path(solvers.__file__).parent
    ignore = shutil.ignore_patterns("__pycache__")
    native = shutil.copytree(package, tmp_path / "solvers", ignore=ignore) / "native"
    for room in ROOMS:
        (native / room / "probe.py").write_text(CONSTANT.format(value=1))
    (native / "total.py").write_text(SUM)
    return tmp_path


def total_of(copy: Path) -> int:
    """Add the constants up in a new process, as compiled there or loaded from the cache."""
    code = "from solvers.native.total import total; print(total(), dict(total.stats.cache_hits))"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    value, hits = ran.stdout.split(maxsplit=1)
    total_of.loaded = hits.strip() != "{}"  # type: ignore[attr-defined]
    return int(value)


@pytest.mark.slow
def test_a_constant_changed_in_any_folder_changes_the_results(copy: Path) -> None:
    """The caller's file is as before, and the changed file keeps size and time of change."""
    assert total_of(copy) == 4
    assert total_of(copy) == 4
    assert total_of.loaded, "the second process compiles nothing"  # type: ignore[attr-defined]
    for number, room in enumerate(ROOMS, 1):
        path = copy / "solvers" / "native" / room / "probe.py"
        times = path.stat()
        path.write_text(CONSTANT.format(value=2))
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert total_of(copy) == 4 + number


def test_processes_may_start_together_on_an_empty_cache(tmp_path: Path) -> None:
    """Three processes compile and save at once; all are right, and so is one that loads it."""
    env = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    both = [subprocess.Popen([sys.executable, "-c", TOGETHER], env=env) for _ in range(3)]
    assert [process.wait(timeout=200) for process in both] == [0, 0, 0]
    assert list(tmp_path.rglob("*.nbi"))
    assert subprocess.run([sys.executable, "-c", TOGETHER], env=env, check=False).returncode == 0
