"""Faults around a sweep (permissions, disk, log, second driver) cost no committed row."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipeline.commands.run import main
from pipeline.results.schema import COORDINATE
from pipeline.results.table import read_results, table_exists

Table = Callable[[Path], pl.DataFrame]

WORDS = [
    *("sweep=smoke", "solver=highs", "sweep.allocation=[A6]"),
    *("sweep.structure=all", "engine=serial", "engine.chunk_s=0.001", "store.commit_rows=1"),
]
INSTANCES = 50
"""Number of instances in the sweep of `WORDS`."""

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "planted-aws-secret",
    "AZURE_STORAGE_ACCOUNT_KEY": "planted-azure-secret",
    "GOOGLE_SERVICE_ACCOUNT_KEY": "planted-google-secret",
    "GRB_WLSSECRET": "planted-licence-secret",
    "RAY_AUTH_TOKEN": "planted-ray-token" + "0" * 47,
}
_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE = 24, 1
"""Constants of Linux's prctl()."""


def obey_permissions() -> None:
    """Let this process and its children respect file permissions, even as root."""
    ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, 0, 0, 0)


def start(run: Path) -> subprocess.Popen[str]:
    """Start a sweep that commits every row on its own, and wait for the first three rows."""
    driver = subprocess.Popen(
        [sys.executable, "-m", "pipeline", *WORDS, f"out={run}"],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=obey_permissions,
    )
    deadline = time.monotonic() + 120
    while rows_of(run) < 3:
        assert driver.poll() is None
        assert time.monotonic() < deadline, "no row was committed"
        time.sleep(0.01)
    return driver


def rows_of(run: Path) -> int:
    """Count the rows committed so far; 0 while there is no table."""
    if not table_exists(run):
        return 0
    return int(read_results(run).select(pl.len()).collect(engine="in-memory").item())


def assert_fails_in_one_line(driver: subprocess.Popen[str], reason: str) -> None:
    """Check that a driver ends with exit code 1 and that its last line gives the reason."""
    _, stderr = driver.communicate(timeout=120)
    assert driver.returncode == 1, stderr
    assert "Traceback" not in stderr
    assert stderr.splitlines()[-1].startswith("error: ")
    assert reason in stderr.splitlines()[-1]


@pytest.mark.slow
def test_a_table_that_becomes_read_only_stops_the_sweep(
    tmp_path: Path, deterministic: Table
) -> None:
    """The committed rows stay readable; the sweep continues once it may write again."""
    run, whole = tmp_path / "run", tmp_path / "whole"
    driver = start(run)
    folders = [run / "results" / "_delta_log", run / "results"]
    for folder in folders:
        folder.chmod(0o555)
    assert_fails_in_one_line(driver, "ermission denied")
    kept = rows_of(run)
    assert 3 <= kept < INSTANCES
    for folder in folders:
        folder.chmod(0o755)
    assert main([*WORDS, f"out={run}"]) == 0
    assert main([*WORDS, f"out={whole}"]) == 0
    assert deterministic(run).equals(deterministic(whole))


@pytest.mark.slow
def test_a_truncated_log_entry_stops_the_sweep(tmp_path: Path, deterministic: Table) -> None:
    """The message names the entry; after its deletion its rows are computed again."""
    run, whole = tmp_path / "run", tmp_path / "whole"
    driver = start(run)
    driver.kill()
    driver.communicate()
    newest = max((run / "results" / "_delta_log").glob("*.json"))
    newest.write_text(newest.read_text()[:40])
    again = subprocess.Popen(
        [sys.executable, "-m", "pipeline", *WORDS, f"out={run}"], stderr=subprocess.PIPE, text=True
    )
    assert_fails_in_one_line(again, f"{newest} is damaged")
    newest.unlink()
    assert main([*WORDS, f"out={run}"]) == 0
    assert main([*WORDS, f"out={whole}"]) == 0
    assert deterministic(run).equals(deterministic(whole))


FULL_DISK = """
mount -t tmpfs -o size=250k none "$1" || exit 77
"$2" -m pipeline $3 "out=$1/run"; echo "first: $?"
mount -o remount,size=100m "$1"
"$2" -c 'import sys; from pipeline.results.table import read_results
print("kept:", read_results(sys.argv[1]).collect().height)' "$1/run"
"$2" -m pipeline $3 "out=$1/run"; echo "second: $?"
cp -r "$1/run" "$4"
"""


@pytest.mark.slow
def test_a_disk_that_fills_up_stops_the_sweep(tmp_path: Path, deterministic: Table) -> None:
    """On a disk of 250 kB: one error line, a readable table, and continuation on a larger disk."""
    disk, copy, whole = tmp_path / "disk", tmp_path / "copy", tmp_path / "whole"
    disk.mkdir()
    script = ["sh", "-c", FULL_DISK, "sh", str(disk), sys.executable, " ".join(WORDS), str(copy)]
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare command to mount a small disk")
    finished = subprocess.run(
        ["unshare", "--map-root-user", "--mount", *script],
        capture_output=True,
        text=True,
        timeout=280,
    )
    if finished.returncode == 77 or finished.stderr.startswith("unshare:"):
        pytest.skip("this machine does not allow to mount a small disk")
    report = dict(line.split(": ") for line in finished.stdout.splitlines())
    assert report["first"] == "1", finished.stderr
    assert report["second"] == "0", finished.stderr
    assert 0 < int(report["kept"]) < INSTANCES
    failure = next(line for line in finished.stderr.splitlines() if line.startswith("error: "))
    assert "No space left on device" in failure
    assert "Traceback" not in finished.stderr
    assert main([*WORDS, f"out={whole}"]) == 0
    assert deterministic(copy).equals(deterministic(whole))


@pytest.mark.slow
def test_three_drivers_of_one_sweep_leave_every_row_once(
    tmp_path: Path, deterministic: Table
) -> None:
    """At least one finishes; a driver that stops says that an earlier one writes the same rows."""
    run, whole = tmp_path / "run", tmp_path / "whole"
    drivers = [
        subprocess.Popen(
            [sys.executable, "-m", "pipeline", *WORDS, f"out={run}", f"shard={shard}"],
            stderr=subprocess.PIPE,
            text=True,
        )
        for shard in ("1/1", "1/2", "1/1")
    ]
    outputs = [driver.communicate(timeout=250)[1] for driver in drivers]
    codes = [driver.returncode for driver in drivers]
    assert set(codes) <= {0, 2}, outputs
    assert 0 in codes
    for code, stderr in zip(codes, outputs, strict=True):
        assert "Traceback" not in stderr
        assert (code == 2) == ("another driver, which began earlier" in stderr)
    assert main([*WORDS, f"out={run}"]) == 0
    assert main([*WORDS, f"out={whole}"]) == 0
    found = deterministic(run)
    assert found.height == found.select(COORDINATE).n_unique() == INSTANCES
    assert found.equals(deterministic(whole))


@pytest.mark.slow
def test_planted_secrets_are_written_nowhere(tmp_path: Path) -> None:
    """Credentials of the environment are in no file of a run and in none of its messages."""
    words = [
        *("sweep=smoke", "sweep.allocation=[A6]", "sweep.structure=[C1]", "sweep.alpha=[2,3,11]"),
        *("solver=highs", "engine.workers=1"),
    ]
    swept = subprocess.run(
        [sys.executable, "-m", "tests.pipeline.engine.poisoned", "run", *words, f"out={tmp_path}"],
        capture_output=True,
        text=True,
        timeout=250,
        env=os.environ | SECRETS,
    )
    assert swept.returncode == 1, swept.stderr
    assert len(list((tmp_path / "failures").iterdir())) == 2
    written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert len(written) > 10
    for secret in SECRETS.values():
        assert not [path for path, content in written.items() if secret.encode() in content]
        assert secret not in swept.stdout + swept.stderr
