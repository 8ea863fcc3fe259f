"""The shell scripts of the project are free of the mistakes that shellcheck knows."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SCRIPTS = [*sorted((ROOT / "deploy").rglob("*.sh")), ROOT / "setup.sh", ROOT / ".ci" / "run"]


@pytest.mark.skipif(
    "SLURM_REQUIRED" not in os.environ and shutil.which("shellcheck") is None,
    reason="needs shellcheck (Debian: shellcheck)",
)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    """Quoting, unset variables, exit codes that are lost."""
    finished = subprocess.run(["shellcheck", str(script)], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout


def test_the_number_of_shards_is_that_of_the_array() -> None:
    """`#SBATCH --array=1-n` and the default of SHARDS agree."""
    text = (ROOT / "deploy" / "slurm" / "shards.sh").read_text()
    assert "#SBATCH --array=1-16\n" in text
    assert "SHARDS=${SHARDS:-16}\n" in text
