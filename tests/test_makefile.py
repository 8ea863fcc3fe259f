"""``make sweep`` reports on the folder that its sweep writes to."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", "-m analysis run=outputs/paper"),
        ("solver=highs", "-m analysis run=outputs/paper"),
        ("sweep=smoke solver=highs", "-m analysis run=outputs/smoke"),
        ("sweep=smoke out=outputs/mine", "-m analysis run=outputs/mine"),
        ("dry_run=true", "-m pipeline dry_run=true"),
    ],
)
def test_the_report_is_of_the_folder_of_the_sweep(arguments: str, expected: str) -> None:
    """The last command names that folder; a dry run has no results to report on."""
    printed = subprocess.run(
        ["make", "--no-print-directory", "-n", "sweep", f"ARGS={arguments}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert expected in printed.stdout.splitlines()[-1]


@pytest.mark.parametrize(("code", "reported"), [(0, True), (1, True), (2, False)])
def test_an_incomplete_run_is_reported_on(tmp_path: Path, code: int, reported: bool) -> None:
    """Exit code 1 stays after the report; after a mistake or an interrupt there is none."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$@"\n[ "$2" = analysis ] || exit {code}\n')
    python.chmod(0o755)
    completed = subprocess.run(
        ["make", "--no-print-directory", "-o", "setup", "sweep", f"IN_VENV={python}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (completed.returncode == 0) == (code == 0)
    assert ("-m analysis run=outputs/paper" in completed.stdout.splitlines()) == reported
