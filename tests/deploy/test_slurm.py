"""The job scripts of deploy/slurm on a real Slurm of three nodes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from tests.deploy.rows import count_rows, rows, rows_of_serial_run
from tests.deploy.slurm_cluster import ENDED, NODES, SlurmCluster, missing, slurm_cluster

SCRIPTS = Path(__file__).parents[2] / "deploy" / "slurm"

SMALL = ["sweep=smoke", "sweep.allocation=[A4,A6]", "solver=native"]
"""12 instances of a second or two together."""

LONG = [
    "sweep=paper",
    "sweep.allocation=[A3]",
    "solver=native",
    "engine.chunk_s=0.5",
    "store.commit_rows=4",
]
"""100 instances of a quarter of a minute together, in many commits."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        "SLURM_REQUIRED" not in os.environ and missing() is not None, reason=str(missing())
    ),
]


@pytest.fixture(scope="module")
def slurm() -> Iterator[SlurmCluster]:
    """A running cluster; its folder has a short path, because sockets are in it."""
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder, slurm_cluster(Path(folder)) as it:
        yield it


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The rows of the long sweep from a serial run."""
    return rows_of_serial_run(LONG, tmp_path_factory.mktemp("serial"))


def status(run: Path) -> int:
    """Return the exit code of ``sitesweep status``."""
    program = shutil.which("sitesweep", path=SlurmCluster(run).environment["PATH"])
    assert program is not None
    return subprocess.run([program, "status", str(run)], capture_output=True).returncode


def log_of(slurm: SlurmCluster, job: str) -> str:
    """Return what a job wrote."""
    return "".join(path.read_text() for path in slurm.folder.glob(f"*{job.replace('_', '-')}.log"))


def solves(process: int) -> bool:
    """Return whether a process is a Ray worker that solves a chunk."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().startswith(b"ray::_solve")
    except OSError:
        return False


def test_the_shards_of_an_array_fill_one_table(slurm: SlurmCluster, tmp_path: Path) -> None:
    """Three tasks on three nodes write one folder at the same time."""
    run = tmp_path / "run"
    words = ["--cpus-per-task=2", str(SCRIPTS / "shards.sh"), *SMALL, f"out={run}"]
    job = slurm.submit("--array=1-3", *words, variables={"SHARDS": "3"})
    tasks = [f"{job}_{number}" for number in (1, 2, 3)]
    assert [slurm.wait_for_end(task) for task in tasks] == [("COMPLETED", 0)] * 3
    assert {slurm.node_of(task) for task in tasks} == set(NODES)
    assert status(run) == 0
    assert rows(run).equals(rows_of_serial_run(SMALL, tmp_path / "serial"))


def test_one_shard_that_is_missing_is_visible(slurm: SlurmCluster, tmp_path: Path) -> None:
    """After two of three tasks status is 1, and 0 after the third, which comes later."""
    run = tmp_path / "run"
    words = ["--cpus-per-task=2", str(SCRIPTS / "shards.sh"), *SMALL, f"out={run}"]
    for array, code in (("1-2", 1), ("3", 0)):
        job = slurm.submit(f"--array={array}", *words, variables={"SHARDS": "3"})
        for task in array.split("-"):
            assert slurm.wait_for_end(f"{job}_{task}") == ("COMPLETED", 0)
        assert status(run) == code


def test_a_job_ends_by_itself_before_its_time_limit(
    slurm: SlurmCluster, tmp_path: Path, expected: pl.DataFrame
) -> None:
    """In a minute, with instances that may take 50 s, none begins after ten seconds."""
    run = tmp_path / "run"
    words = ["--array=1", "--cpus-per-task=1", "--time=1", "--signal=B:TERM@1"]
    words += [str(SCRIPTS / "shards.sh"), *LONG, "engine=serial", f"out={run}"]
    job = slurm.submit(*words, "solver.time_limit_s=50", variables={"SHARDS": "1"})
    assert slurm.wait_for_end(f"{job}_1") == ("FAILED", 1), log_of(slurm, f"{job}_1")
    assert "no further instance begins: the job ends at " in log_of(slurm, f"{job}_1")
    assert count_rows(run) < expected.height
    assert status(run) == 1


def test_a_requeued_task_goes_on(
    slurm: SlurmCluster, tmp_path: Path, expected: pl.DataFrame
) -> None:
    """Task 2 of two is requeued when there are rows; the table is the same."""
    run = tmp_path / "run"
    words = ["--array=1-2", "--cpus-per-task=1", str(SCRIPTS / "shards.sh")]
    job = slurm.submit(*words, *LONG, "engine=serial", f"out={run}", variables={"SHARDS": "2"})
    slurm.wait_until(lambda: count_rows(run) >= 10)
    slurm.call("scontrol", "requeue", f"{job}_2")
    slurm.wait_until(lambda: slurm.state(f"{job}_2")[0] == "PENDING")
    slurm.call("scontrol", "update", f"JobId={job}_2", "StartTime=now")
    assert slurm.wait_for_end(f"{job}_1") == ("COMPLETED", 0), log_of(slurm, f"{job}_1")
    assert slurm.wait_for_end(f"{job}_2") == ("COMPLETED", 0), log_of(slurm, f"{job}_2")
    assert "stopped after" in log_of(slurm, f"{job}_2")
    assert status(run) == 0
    assert rows(run).equals(expected)


def test_a_cancelled_job_keeps_its_rows(
    slurm: SlurmCluster, tmp_path: Path, expected: pl.DataFrame
) -> None:
    """After scancel, status is 1; the same job, submitted again, completes the table."""
    run = tmp_path / "run"
    words = ["--array=1", "--cpus-per-task=2", str(SCRIPTS / "shards.sh"), *LONG, f"out={run}"]
    job = slurm.submit(*words, variables={"SHARDS": "1"})
    slurm.wait_until(lambda: count_rows(run) >= 10)
    slurm.call("scancel", job)
    assert slurm.wait_for_end(f"{job}_1")[0] == "CANCELLED"
    stored = count_rows(run)
    assert 10 <= stored < expected.height
    assert status(run) == 1
    again = slurm.submit(*words, variables={"SHARDS": "1"})
    assert slurm.wait_for_end(f"{again}_1") == ("COMPLETED", 0), log_of(slurm, f"{again}_1")
    assert f"{expected.height - stored} of {expected.height} instances" in log_of(
        slurm, f"{again}_1"
    )
    assert rows(run).equals(expected)


@pytest.mark.timeout(900)
def test_a_ray_cluster_in_a_job_survives_the_loss_of_a_node(
    slurm: SlurmCluster, tmp_path: Path
) -> None:
    """The third node is lost half-way; the other two finish, and no process of the job is left."""
    run = tmp_path / "run"
    # On a busy machine the other nodes join half a minute after the first one.
    long = [*LONG, "sweep.replications=3"]
    job = slurm.submit(
        "--cpus-per-task=2",
        str(SCRIPTS / "ray_cluster.sh"),
        *long,
        f"out={run}",
        variables={"HEAD_ADDRESS": slurm.hosts.address(1)},
    )

    def third_node_solves() -> bool:
        assert slurm.state(job)[0] not in ENDED, log_of(slurm, job)
        return count_rows(run) >= 10 and any(map(solves, slurm.processes("n3")))

    slurm.wait_until(third_node_solves)
    slurm.kill_node("n3")
    assert slurm.wait_for_end(job) == ("COMPLETED", 0), log_of(slurm, job)
    assert "engine: Ray cluster at 10.77.0.1:" in log_of(slurm, job)
    assert "Node failure on n3" in log_of(slurm, job)
    slurm.wait_until(lambda: not any(map(slurm.processes, NODES)), limit_s=60)
    assert rows(run).equals(rows_of_serial_run(long, tmp_path / "serial"))
