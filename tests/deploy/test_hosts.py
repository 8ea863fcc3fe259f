"""A sweep on a Ray cluster of several hosts, some of which die or are cut off."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import polars as pl
import pytest

from tests.deploy.network_hosts import PORT, Hosts, missing, network_hosts, wait_until
from tests.deploy.rows import rows, rows_of_serial_run
from tests.deploy.slow_sweep import BEGUN

SWEEP = ["sweep=paper", "sweep.allocation=[A4,A6]", "solver=native", "engine.chunk_s=0.001"]
"""200 instances, with a network of four instances in each chunk."""

INSTANCES_IN_CHUNK = 4

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        "NAMESPACES_REQUIRED" not in os.environ and missing() is not None, reason=str(missing())
    ),
]


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    """Four hosts, on which nothing runs."""
    with (
        tempfile.TemporaryDirectory(prefix="hosts-") as folder,
        network_hosts(4, Path(folder)) as connected,
    ):
        yield connected


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The rows of the sweep from a serial run."""
    return rows_of_serial_run(SWEEP, tmp_path_factory.mktemp("serial"))


def start_sweep(hosts: Hosts, run: Path) -> subprocess.Popen[bytes]:
    """Start the driver on the head's host."""
    words = ["engine=ray", f"engine.address={hosts.address(1)}:{PORT}", "store.commit_s=2"]
    module = [sys.executable, "-m", "tests.deploy.slow_sweep"]
    return hosts.start(1, *module, *SWEEP, *words, f"out={run}")


def begun(run: Path) -> int:
    """Return how many instances have begun, those that began twice counted twice."""
    log = run / BEGUN
    return len(log.read_text()) if log.exists() else 0


def test_hosts_that_die_every_20_seconds_cost_what_they_had_in_flight(
    hosts: Hosts, tmp_path: Path, expected: pl.DataFrame
) -> None:
    """Three hosts of one core die in turn, each with all its processes, and come back."""
    hosts.start_head()
    for host in (2, 3, 4):
        hosts.start_worker(host)
        hosts.wait_for_ray(host)
    driver = start_sweep(hosts, tmp_path)
    wait_until(lambda: begun(tmp_path) > 0, 120, hosts.log(1).read_text)
    kills = 0
    for host in cycle((2, 3, 4)):
        try:
            driver.wait(20)
            break
        except subprocess.TimeoutExpired:
            hosts.kill(host)
            kills += 1
            hosts.start_worker(host)
    assert driver.returncode == 0, hosts.log(1).read_text()
    assert kills >= 3
    assert rows(tmp_path).equals(expected)
    assert begun(tmp_path) <= expected.height + kills * INSTANCES_IN_CHUNK


def test_a_host_that_is_cut_off_for_two_minutes_is_replaced(
    hosts: Hosts, tmp_path: Path, expected: pl.DataFrame
) -> None:
    """One of two: its node ends when the link is back, as Ray means it to; a new one helps."""
    hosts.start_head()
    hosts.start_worker(2)
    lost = hosts.start_worker(3)
    hosts.wait_for_ray(2)
    hosts.wait_for_ray(3)
    driver = start_sweep(hosts, tmp_path)
    wait_until(lambda: begun(tmp_path) > 0, 120, hosts.log(1).read_text)
    hosts.cut_off(3)
    time.sleep(120)
    hosts.reconnect(3)
    lost.wait(120)
    hosts.start_worker(3)
    assert driver.wait(300) == 0, hosts.log(1).read_text()
    assert rows(tmp_path).equals(expected)
    assert begun(tmp_path) <= expected.height + INSTANCES_IN_CHUNK


def raylets(hosts: Hosts) -> int:
    """Return the number of nodes of Ray on the first host, the head among them."""
    return sum(
        Path(f"/proc/{process}/comm").read_text() == "raylet\n"
        for process in hosts.processes(1)
        if Path(f"/proc/{process}").exists()
    )


def test_an_autoscaler_starts_nodes_for_the_sweep_and_ends_them(
    hosts: Hosts, tmp_path: Path, expected: pl.DataFrame
) -> None:
    """From no node with cores to three and back to none; the sweep finishes."""
    hosts.start_head(autoscaler=Path(__file__).parent / "fake_autoscaler.yaml")
    assert raylets(hosts) == 1
    driver = start_sweep(hosts, tmp_path)
    wait_until(lambda: raylets(hosts) == 4, 120, hosts.log(1).read_text)
    assert driver.wait(300) == 0, hosts.log(1).read_text()
    assert "0 CPUs on 1 node, waiting for nodes with cores" in hosts.log(1).read_text()
    wait_until(lambda: raylets(hosts) == 1, 120, hosts.log(1).read_text)
    assert rows(tmp_path).equals(expected)
    assert begun(tmp_path) == expected.height
