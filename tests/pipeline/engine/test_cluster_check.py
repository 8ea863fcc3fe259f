"""Which cluster a run joins, and which nodes it refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ray.cluster_utils import Cluster

from pipeline.config.errors import UserError
from pipeline.engine.cluster_address import find_cluster
from pipeline.engine.cluster_check import PACKAGES, compare, make_probe
from tests.pipeline.conftest import Command

ROOT = Path(__file__).parents[3]


def test_a_configured_address_comes_before_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """RAY_ADDRESS holds only without engine.address."""
    monkeypatch.setenv("RAY_ADDRESS", "other:6379")
    assert find_cluster("head:6379") == "head:6379"
    assert find_cluster(None) == "other:6379"


@pytest.mark.parametrize("value", ["", "local", "auto"])
def test_without_a_named_cluster_one_is_started_here(
    value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An automatic choice is not followed, and one line says so."""
    monkeypatch.setenv("RAY_ADDRESS", value)
    assert find_cluster(None) is None
    assert ("RAY_ADDRESS=auto is not followed" in capsys.readouterr().err) == (value == "auto")


def test_a_ray_client_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what is expected."""
    monkeypatch.setenv("RAY_ADDRESS", "ray://head:10001")
    with pytest.raises(
        UserError, match="RAY_ADDRESS: unknown ray://head:10001, expected HOST:PORT"
    ):
        find_cluster(None)


def test_a_process_has_what_it_has_itself() -> None:
    """The same installation is accepted."""
    found = make_probe()(PACKAGES)
    assert set(found) == {"Python", "Ray", *PACKAGES}
    assert None not in found.values()
    assert compare(found, make_probe()(PACKAGES)) is None


@pytest.mark.parametrize(
    ("name", "version", "message"),
    [
        ("solvers", None, "does not have the package solvers: install sitesweep there"),
        ("pipeline", "0" * 64, "another version of the package pipeline than this process"),
        ("Python", "3.1.4", "has Python 3.1.4, this process "),
        ("Ray", "2.0.0", "has Ray 2.0.0, this process "),
    ],
)
def test_a_node_with_something_else_is_refused(
    name: str, version: str | None, message: str
) -> None:
    """The message names what differs and the remedy."""
    expected = make_probe()(PACKAGES)
    assert message in str(compare(expected, expected | {name: version}))


def test_the_probe_finds_a_missing_package() -> None:
    """A package that is not installed is reported, and no error."""
    assert make_probe()(("no_such_package",))["no_such_package"] is None


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A running cluster: a head node without cores for tasks, and a node of one core."""
    started = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "include_dashboard": False, "object_store_memory": 10**8},
    )
    started.add_node(num_cpus=1, object_store_memory=10**8)
    started.wait_for_nodes()
    yield started
    started.shutdown()


def changed_copy(folder: Path) -> Path:
    """Copy the project with one line more in a source file; return the copy."""
    copy = folder / "copy"
    for package in (*PACKAGES, "analysis", "sitesweep", "conf"):
        shutil.copytree(ROOT / package, copy / package)
    changed = copy / "solvers" / "result.py"
    changed.write_text(changed.read_text() + "\n# another version\n")
    return copy


@pytest.mark.slow
def test_the_variable_of_ray_names_the_cluster(
    tiny: list[str], tmp_path: Path, command: Command, cluster: Cluster
) -> None:
    """The run joins the cluster and says which, with its size."""
    environment = os.environ | {"RAY_ADDRESS": cluster.address}
    finished = command("pipeline", *tiny, "engine=ray", f"out={tmp_path / 'x'}", env=environment)
    assert finished.returncode == 0, finished.stderr
    assert f"engine: Ray cluster at {cluster.address}, 1 CPU on 2 nodes" in finished.stderr


LOOKING_DRIVER = """
import sys, time
from pipeline.engine.ray_session import join_cluster

with join_cluster(sys.argv[1]) as check_new_nodes:
    print("joined", flush=True)
    for _ in range(300):
        check_new_nodes()
        time.sleep(0.2)
"""
"""A driver that looks at the nodes for a minute."""


@pytest.mark.slow
def test_a_node_that_joins_later_is_asked_too(tmp_path: Path, cluster: Cluster) -> None:
    """The new node has other sources; the driver ends with the message of a first node."""
    driver = subprocess.Popen(
        [sys.executable, "-c", LOOKING_DRIVER, cluster.address],
        cwd=tmp_path,  # the workers get the search path of the driver: no sources are in it
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert driver.stdout is not None
    assert driver.stdout.readline() == "joined\n", driver.communicate()[1]
    copy = changed_copy(tmp_path)
    late = cluster.add_node(
        num_cpus=1, object_store_memory=10**8, env_vars={"PYTHONPATH": str(copy)}
    )
    _, errors = driver.communicate(timeout=120)
    cluster.remove_node(late)
    assert driver.returncode == 1, errors
    assert "has another version of the package solvers than this process" in errors


@pytest.mark.slow
def test_a_cluster_refuses_a_driver_without_its_token(
    tiny: list[str], tmp_path: Path, command: Command, cluster: Cluster
) -> None:
    """Another token: the start fails with one sentence, which names the variable."""
    environment = os.environ | {"RAY_ADDRESS": cluster.address, "RAY_AUTH_TOKEN": "0" * 64}
    finished = command("pipeline", *tiny, "engine=ray", f"out={tmp_path / 'x'}", env=environment)
    assert finished.returncode == 2, finished.stderr
    last = finished.stderr.splitlines()[-1]
    assert last.startswith("error: RAY_ADDRESS: no Ray cluster joined at ")
    assert "its token in RAY_AUTH_TOKEN" in last


@pytest.mark.slow
def test_a_driver_with_other_sources_is_refused(
    tiny: list[str], tmp_path: Path, command: Command, cluster: Cluster
) -> None:
    """The driver runs from a copy of the project with one line more than the nodes have."""
    environment = os.environ | {
        "RAY_ADDRESS": cluster.address,
        "PYTHONPATH": str(changed_copy(tmp_path)),
    }
    finished = command(
        "pipeline", *tiny, "engine=ray", f"out={tmp_path / 'x'}", env=environment, cwd=tmp_path
    )
    assert finished.returncode == 2, finished.stderr
    assert finished.stderr.splitlines()[-1].endswith(
        "has another version of the package solvers than this process: install the same version "
        "of sitesweep there"
    )
