"""The rows of a sweep are the same on every machine: a digest of them is written down here.

If a change of search or generator changes rows on purpose, write down the new digest, and
say in CHANGELOG.md that rows of earlier tables differ.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline.commands.run import main
from pipeline.results.schema import COORDINATE, NON_DETERMINISTIC
from pipeline.results.table import read_results
from tests.pipeline.conftest import Command

WORDS = ["sweep=smoke", "solver=native", "engine=serial"]

DIGEST = "c23f0e3a38645789e8769d0cc323662c8eb6accbcd50850493f48857bb11f494"
"""SHA-256 of the deterministic columns, without the versions of solvers, as lines of JSON."""


def digest(run: Path) -> str:
    """Return the digest of a run's rows, in the order of their coordinates."""
    rows = read_results(run).drop(*NON_DETERMINISTIC, "solver_version").sort(COORDINATE)
    lines = rows.collect(engine="in-memory").write_ndjson()
    return hashlib.sha256(lines.encode()).hexdigest()


def test_the_rows_of_the_smoke_sweep_have_the_digest_written_down(tmp_path: Path) -> None:
    """Networks, costs, bounds and solutions, to the last digit."""
    main([*WORDS, f"out={tmp_path}"])
    assert read_results(tmp_path).select(pl.len()).collect(engine="in-memory").item() == 24
    assert digest(tmp_path) == DIGEST


@pytest.mark.slow
def test_the_rows_do_not_depend_on_the_processor(tmp_path: Path, command: Command) -> None:
    """Machine code, BLAS and numpy for the oldest processor give the same."""
    vector_units = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
    environment = os.environ | {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "OPENBLAS_CORETYPE": "Prescott",
        "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
        "NPY_DISABLE_CPU_FEATURES": " ".join(vector_units),
    }
    completed = command("pipeline", *WORDS, f"out={tmp_path / 'run'}", env=environment)
    assert completed.returncode == 0, completed.stderr
    assert digest(tmp_path / "run") == DIGEST
