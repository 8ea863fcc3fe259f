"""Ray's autoscaler accepts cluster.yaml, and the cluster has the roles and the token it needs."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config

PATH = Path(__file__).parents[1] / "cluster.yaml"


@pytest.fixture
def cluster() -> dict[str, Any]:
    """The content of cluster.yaml."""
    loaded: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return loaded


def test_the_autoscaler_accepts_the_file(cluster: dict[str, Any]) -> None:
    """The file passes Ray's own schema and checks."""
    validate_config(prepare_config(cluster))


def test_the_check_finds_mistakes(cluster: dict[str, Any]) -> None:
    """An unknown key and a node type without resources are refused."""
    for corrupt in (
        lambda config: config.update(no_such_key=1),
        lambda config: config["available_node_types"]["worker"].pop("resources"),
    ):
        corrupted = copy.deepcopy(cluster)
        corrupt(corrupted)
        with pytest.raises(Exception, match="no_such_key|resources"):
            validate_config(prepare_config(corrupted))


PROVIDER = {"type", "region", "availability_zone", "cache_stopped_nodes", "security_group"}
"""Keys of `provider` on AWS that we may use. Ray's schema lets any other key through."""

NODE = {
    "InstanceType",
    "ImageId",
    "BlockDeviceMappings",
    "InstanceMarketOptions",
    "IamInstanceProfile",
    "SubnetIds",
    "SecurityGroupIds",
    "KeyName",
}
"""Parameters of EC2's RunInstances that we may use; Ray passes `node_config` on unseen."""


def test_keys_that_the_schema_does_not_know_are_spelt_right(cluster: dict[str, Any]) -> None:
    """A typing error in provider or node_config would cost a start of the cluster, or money."""
    assert set(cluster["provider"]) <= PROVIDER
    for node_type in cluster["available_node_types"].values():
        assert set(node_type["node_config"]) <= NODE
        for device in node_type["node_config"]["BlockDeviceMappings"]:
            assert set(device) == {"DeviceName", "Ebs"}
            assert set(device["Ebs"]) == {"VolumeSize", "VolumeType"}


def test_results_go_where_nodes_cannot_take_them_along() -> None:
    """The command in the file writes to an object store, and runs in tmux, which is installed."""
    text = PATH.read_text(encoding="utf-8")
    assert "out=s3://" in text
    assert "ray exec cluster.yaml --tmux" in text
    assert "python3-venv tmux" in text


def test_the_head_takes_no_tasks_and_workers_scale_from_zero(cluster: dict[str, Any]) -> None:
    """The head runs only the driver; the number of workers follows the queued tasks."""
    types = cluster["available_node_types"]
    assert types[cluster["head_node_type"]]["resources"] == {"CPU": 0}
    assert types["worker"]["min_workers"] == 0
    assert 0 < types["worker"]["max_workers"] <= cluster["max_workers"]


def test_every_node_asks_for_the_token(cluster: dict[str, Any]) -> None:
    """The start commands of head and workers switch token authentication on."""
    for key in ("head_start_ray_commands", "worker_start_ray_commands"):
        starts = [line for line in cluster[key] if "ray start" in line]
        assert len(starts) == 1
        assert "RAY_AUTH_MODE=token" in starts[0]
