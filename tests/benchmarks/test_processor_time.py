"""The processor time of programs is that of all their processes, and of no others."""

import sys
from pathlib import Path

import pytest

from benchmarks.processor_time import measure

BURN = "import time\nwhile time.process_time() < 1: pass"
ORPHAN = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {BURN!r}])
time.sleep(2.5)
"""
"""A program whose child process is never waited for."""


@pytest.mark.slow
def test_each_process_counts_once(tmp_path: Path) -> None:
    """A child process counts, and not again in the next measurement, though it was never reaped."""
    first = measure([[sys.executable, "-c", ORPHAN]], tmp_path / "log")
    second = measure([[sys.executable, "-c", "import time; time.sleep(0.5)"]], tmp_path / "log")
    assert 0.7 < first.processor_s < 2
    assert first.own_s < 0.5
    assert second.processor_s < 0.5
    assert (first.codes, second.codes) == ((0,), (0,))
