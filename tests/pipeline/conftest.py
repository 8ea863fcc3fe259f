"""Fixtures: a small sweep, a command in a process of its own, and the comparison of two tables."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipeline.results.schema import COORDINATE, NON_DETERMINISTIC
from pipeline.results.table import read_results

Command = Callable[..., subprocess.CompletedProcess[str]]
Table = Callable[[Path], pl.DataFrame]


@pytest.fixture
def tiny() -> list[str]:
    """Command-line words of a sweep of 12 instances that takes a second or two."""
    return [
        "sweep=smoke",
        "sweep.allocation=[A4,A6]",
        "solver=native",
        "engine=serial",
    ]


@pytest.fixture
def command() -> Command:
    """A function that runs a module of the project in a process of its own, as a user does."""

    def run(module: str, *words: str, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            capture_output=True,
            text=True,
            timeout=240,
            **options,  # type: ignore[call-overload]
        )

    return run


@pytest.fixture
def deterministic() -> Table:
    """A function that reads the columns in which two runs must agree, in a fixed order of rows."""

    def read(run: Path) -> pl.DataFrame:
        rows = read_results(run).drop(NON_DETERMINISTIC)
        return rows.sort(COORDINATE).collect(engine="in-memory")

    return read
