"""The examples run, their types are right, and the notebooks are made from them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def cells(path: Path) -> list[tuple[str, str]]:
    """Return kind and text of each cell."""
    return [(cell.cell_type, cell.source) for cell in jupytext.read(path).cells]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_notebook_has_the_cells_of_its_python_file(path: Path) -> None:
    """Made by ``jupytext --to ipynb examples/*.py``; without outputs."""
    notebook = path.with_suffix(".ipynb")
    assert cells(notebook) == cells(path)
    assert all(not cell.get("outputs") for cell in jupytext.read(notebook).cells)


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_in_a_folder_elsewhere(path: Path, tmp_path: Path) -> None:
    """As a user runs it, from its first cell to its last."""
    completed = subprocess.run(
        [sys.executable, str(path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    assert (tmp_path / "outputs").is_dir()


@pytest.mark.slow
def test_the_examples_have_the_right_types(tmp_path: Path) -> None:
    """A user's strict type checker accepts them: the package is typed."""
    completed = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--no-incremental"),
            *("--cache-dir", str(tmp_path), *map(str, EXAMPLES)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert completed.returncode == 0, completed.stdout
