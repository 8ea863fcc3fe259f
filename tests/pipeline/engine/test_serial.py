"""The serial engine ends at once on an interrupt, and leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.pipeline.engine.poisoned import BEGUN, WORDS
from tests.pipeline.engine.test_isolation import processes_of


@pytest.mark.slow
@pytest.mark.parametrize("whole_group", [True, False])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_ends_a_run_at_once_while_a_solver_is_in_compiled_code(
    tmp_path: Path, sent: signal.Signals, code: int, whole_group: bool
) -> None:
    """Ctrl-C goes to the whole process group; no process prints a traceback, and all end."""
    words = [*WORDS, "sweep.alpha=[5]", "engine=serial", "engine.grace_s=100", f"out={tmp_path}"]
    driver = subprocess.Popen(
        [sys.executable, "-m", "tests.pipeline.engine.poisoned", "run", *words],
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while not (tmp_path / BEGUN).exists() and driver.poll() is None:
        assert time.monotonic() < deadline, "no instance was begun"
        time.sleep(0.01)
    time.sleep(0.1)
    begin = time.monotonic()
    if whole_group:
        os.killpg(driver.pid, sent)
    else:
        driver.send_signal(sent)
    _, stderr = driver.communicate(timeout=60)
    assert time.monotonic() - begin < 2
    assert driver.returncode == code, stderr
    assert "Traceback" not in stderr
    assert "the same command goes on from there" in stderr
    while processes_of(driver.pid):
        assert time.monotonic() - begin < 2
        time.sleep(0.01)


def test_the_serial_engine_does_not_import_ray() -> None:
    """The import of Ray takes a good part of a second."""
    code = (
        "import sys, pipeline.engine.serial, pipeline.engine.driver; sys.exit('ray' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
