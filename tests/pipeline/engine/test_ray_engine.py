"""The Ray engine gives the rows of the serial engine, on one machine and on a cluster."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from ray.cluster_utils import Cluster

from pipeline.commands.run import main

Table = Callable[[Path], pl.DataFrame]
Command = Callable[..., object]


@pytest.mark.slow
def test_serial_engine_and_ray_with_one_and_two_workers_give_equal_tables(
    tiny: list[str], tmp_path: Path, deterministic: Table
) -> None:
    """No deterministic column depends on the engine or on the number of workers."""
    runs = {
        "serial": ["engine=serial"],
        "one": ["engine=ray", "engine.workers=1", "engine.chunk_s=0.1"],
        "two": ["engine=ray", "engine.workers=2", "engine.chunk_s=0.1"],
    }
    for name, words in runs.items():
        assert main([*tiny, *words, f"out={tmp_path / name}"]) == 0
    expected = deterministic(tmp_path / "serial")
    assert deterministic(tmp_path / "one").equals(expected)
    assert deterministic(tmp_path / "two").equals(expected)


@pytest.mark.slow
def test_a_local_cluster_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    """At its end a local cluster has stopped its processes and deleted its folder."""
    import tempfile

    from pipeline.engine import ray_session

    before = set(Path(tempfile.gettempdir()).glob("sitesweep-*"))
    with ray_session.local_cluster(cores=1):
        folder = (set(Path(tempfile.gettempdir()).glob("sitesweep-*")) - before).pop()
        assert processes_in(folder)
    assert not folder.exists()
    assert not processes_in(folder)


@pytest.mark.slow
def test_a_node_started_after_a_local_cluster_inherits_no_limit_to_loopback(
    tiny: list[str], tmp_path: Path
) -> None:
    """A sweep leaves no variable of Ray behind but the token, which the next cluster needs."""
    assert main([*tiny, "engine=ray", "engine.workers=1", f"out={tmp_path / 'first'}"]) == 0
    before = dict(os.environ)
    assert "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER" not in before
    assert main([*tiny, "engine=ray", "engine.workers=1", f"out={tmp_path / 'second'}"]) == 0
    assert dict(os.environ) == before


@pytest.mark.slow
def test_the_sigterm_handler_is_restored_after_a_cluster() -> None:
    """Ray removes the handler of the process; the session installs it again."""
    from pipeline.engine import ray_session

    received = []
    before = signal.signal(signal.SIGTERM, lambda *_: received.append("SIGTERM"))
    try:
        with ray_session.local_cluster(cores=1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert received == ["SIGTERM"]


def processes_in(folder: Path) -> list[str]:
    """List processes whose command line names a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A running cluster: a head node without cores for tasks, and two nodes of one core each."""
    started = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "include_dashboard": False, "object_store_memory": 10**8},
    )
    for _ in range(2):
        started.add_node(num_cpus=1, object_store_memory=10**8)
    started.wait_for_nodes()
    yield started
    started.shutdown()


@pytest.mark.slow
def test_a_run_joins_a_cluster_of_two_nodes_and_leaves_it_running(
    tiny: list[str], tmp_path: Path, deterministic: Table, command: Command, cluster: Cluster
) -> None:
    """On a cluster with token authentication the table equals that of a serial run."""
    words = [*tiny, "engine=ray", f"engine.address={cluster.address}", "engine.chunk_s=0.1"]
    finished = command("pipeline", *words, f"out={tmp_path / 'joined'}")
    assert finished.returncode == 0, finished.stderr
    assert main([*tiny, f"out={tmp_path / 'serial'}"]) == 0
    assert deterministic(tmp_path / "joined").equals(deterministic(tmp_path / "serial"))
    assert len([node for node in cluster.list_all_nodes() if node.is_head()]) == 1

    wrong = os.environ | {"RAY_AUTH_TOKEN": "x" * 64}
    refused = command("pipeline", *words, f"out={tmp_path / 'refused'}", env=wrong)
    assert refused.returncode == 2, refused.stderr
    assert "no Ray cluster joined" in refused.stderr.splitlines()[-1]


@pytest.mark.slow
def test_an_interrupted_run_leaves_no_running_task_on_a_cluster(
    tmp_path: Path, cluster: Cluster
) -> None:
    """The tasks of a driver end when the driver ends, not when their solves are finished."""
    words = ["sweep=paper", "sweep.allocation=A3", "solver=highs", "solver.model=direct"]
    engine = ["engine=ray", f"engine.address={cluster.address}", f"out={tmp_path / 'run'}"]
    before = busy_workers()
    driver = subprocess.Popen(
        [sys.executable, "-m", "pipeline", *words, *engine], stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while len(working := busy_workers() - before) < 2 and driver.poll() is None:
        assert time.monotonic() < deadline, "the driver submitted no tasks"
        time.sleep(0.1)
    driver.send_signal(signal.SIGTERM)
    _, stderr = driver.communicate(timeout=60)
    assert driver.returncode == 143, stderr
    deadline = time.monotonic() + 20
    while working & busy_workers():
        assert time.monotonic() < deadline, "the cluster still runs tasks of the interrupted driver"
        time.sleep(0.1)


def busy_workers() -> set[int]:
    """List the Ray workers of this machine that solve a chunk, by process id."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if entry.read_bytes().startswith(b"ray::_solve"):
                found.add(int(entry.parent.name))
    return found


@pytest.mark.slow
def test_an_address_without_a_cluster_is_a_user_error(
    tiny: list[str], tmp_path: Path, command: Command
) -> None:
    """A wrong address gives one error line and exit code 2."""
    finished = command(
        "pipeline", *tiny, "engine=ray", "engine.address=127.0.0.1:1", f"out={tmp_path / 'x'}"
    )
    assert finished.returncode == 2
    last = finished.stderr.splitlines()[-1]
    assert last.startswith("error: engine.address: no Ray cluster joined at 127.0.0.1:1")
