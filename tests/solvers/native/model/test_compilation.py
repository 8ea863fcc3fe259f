"""Machine code is cached from one process to the next, and never used for other sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import solvers

FOLDERS = ("model", "bound", "local_search", "tree")
"""The folders of `solvers/native`."""

CONSTANT = """
from solvers.native.model.compilation import compiled
CONSTANT = {value}
@compiled
def constant():
    return CONSTANT
"""

SUM = (
    "".join(
        f"from solvers.native.{folder}.probe import constant as of_{folder}\n" for folder in FOLDERS
    )
    + """
from solvers.native.model.compilation import compiled
@compiled
def total():
    return of_model() + of_bound() + of_local_search() + of_tree()
"""
)

KNAPSACK = """
import numpy as np
from solvers.native.bound.knapsack import fill
assert fill(np.array([2.0, 3.0]), np.array([1, 4]), 2, 4, np.zeros((3, 5))) == 3.0
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the sources, with a constant in each folder and a function that adds up."""
    package = Path(solvers.__file__).parent
    ignore = shutil.ignore_patterns("__pycache__")
    native = shutil.copytree(package, tmp_path / "solvers", ignore=ignore) / "native"
    for folder in FOLDERS:
        (native / folder / "probe.py").write_text(CONSTANT.format(value=1))
    (native / "total.py").write_text(SUM)
    return tmp_path


def total_in_new_process(copy: Path) -> tuple[int, bool]:
    """Return the sum of the constants, and whether its machine code came from the cache."""
    code = "from solvers.native.total import total; print(total(), dict(total.stats.cache_hits))"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    value, hits = ran.stdout.split(maxsplit=1)
    return int(value), hits.strip() != "{}"


@pytest.mark.slow
def test_a_constant_changed_in_any_folder_changes_the_results(copy: Path) -> None:
    """The caller is unchanged, and the changed file keeps its size and time of change."""
    assert total_in_new_process(copy) == (4, False)
    assert total_in_new_process(copy) == (4, True), "the second process compiles nothing"
    for number, folder in enumerate(FOLDERS, 1):
        path = copy / "solvers" / "native" / folder / "probe.py"
        times = path.stat()
        path.write_text(CONSTANT.format(value=2))
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert total_in_new_process(copy) == (4 + number, False)


MARK = """
from solvers.native.model.compilation import compiled_mark
from solvers.native.total import total
"""


@pytest.mark.slow
def test_a_changed_source_counts_as_not_compiled(copy: Path) -> None:
    """The mark of a compiled search holds for later processes, until any source changes."""

    def run(code: str) -> str:
        words = [sys.executable, "-c", f"{MARK}{code}"]
        return subprocess.run(words, cwd=copy, capture_output=True, text=True, check=True).stdout

    question = "print(compiled_mark(total).exists())"
    assert run(question) == "False\n"
    run("compiled_mark(total).touch()")
    assert run(question) == "True\n"
    (copy / "solvers" / "native" / "bound" / "probe.py").write_text(CONSTANT.format(value=2))
    assert run(question) == "False\n"
    (copy / "solvers" / "native" / "bound" / "probe.py").write_text(CONSTANT.format(value=1))
    assert run(question) == "False\n", "the machine code of these sources was removed meanwhile"


@pytest.mark.slow
def test_processes_may_start_together_on_an_empty_cache(tmp_path: Path) -> None:
    """Three processes compile and save at the same time; a fourth loads the code; all succeed."""
    env = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    processes = [subprocess.Popen([sys.executable, "-c", KNAPSACK], env=env) for _ in range(3)]
    assert [process.wait(timeout=200) for process in processes] == [0, 0, 0]
    assert list(tmp_path.rglob("*.nbi"))
    assert subprocess.run([sys.executable, "-c", KNAPSACK], env=env, check=False).returncode == 0
