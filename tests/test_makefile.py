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
    assert printed.stdout.splitlines()[-1].endswith(expected)
