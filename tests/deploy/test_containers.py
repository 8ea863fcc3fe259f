"""Manifest and images: the fields that KubeRay publishes, and what must agree with the project."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]

JOB_SPEC = {
    "entrypoint",
    "submissionMode",
    "shutdownAfterJobFinishes",
    "ttlSecondsAfterFinished",
    "backoffLimit",
    "activeDeadlineSeconds",
    "rayClusterSpec",
}
CLUSTER_SPEC = {
    "rayVersion",
    "authOptions",
    "enableInTreeAutoscaling",
    "autoscalerOptions",
    "headGroupSpec",
    "workerGroupSpecs",
}
HEAD_GROUP = {"rayStartParams", "template", "serviceType"}
WORKER_GROUP = {
    "groupName",
    "replicas",
    "minReplicas",
    "maxReplicas",
    "rayStartParams",
    "template",
    "idleTimeoutSeconds",
}
"""Fields of KubeRay's API that we may use; the API server drops or refuses any other."""


@pytest.fixture
def job() -> dict[str, Any]:
    """The RayJob."""
    text = (ROOT / "deploy" / "kuberay" / "rayjob.yaml").read_text()
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def test_the_job_has_only_fields_that_kuberay_knows(job: dict[str, Any]) -> None:
    """A field with a typing error would be ignored."""
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    cluster = job["spec"]["rayClusterSpec"]
    assert set(job["spec"]) <= JOB_SPEC
    assert set(cluster) <= CLUSTER_SPEC
    assert set(cluster["headGroupSpec"]) <= HEAD_GROUP
    for group in cluster["workerGroupSpecs"]:
        assert set(group) <= WORKER_GROUP
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]


def test_the_job_asks_for_a_token_and_writes_to_an_object_store(job: dict[str, Any]) -> None:
    """A retry is a new cluster, whose disks are empty; the head solves nothing."""
    cluster = job["spec"]["rayClusterSpec"]
    assert cluster["authOptions"] == {"mode": "token"}
    assert " out=s3://" in job["spec"]["entrypoint"]
    assert cluster["headGroupSpec"]["rayStartParams"] == {"num-cpus": "0"}


def test_the_ray_of_the_job_is_that_of_the_lock(job: dict[str, Any]) -> None:
    """KubeRay decides by `rayVersion` what it may use."""
    locked = re.search(r"^ray(?:\[.*\])?==(\S+)", (ROOT / "requirements.lock").read_text(), re.M)
    assert locked is not None
    assert job["spec"]["rayClusterSpec"]["rayVersion"] == locked[1]


@pytest.mark.parametrize("recipe", ["Dockerfile", "apptainer.def"])
def test_images_install_what_the_lock_says_and_are_compiled(recipe: str) -> None:
    """Packages by their hashes, then the project without others, then the machine code."""
    text = (ROOT / "deploy" / recipe).read_text()
    steps = [
        "--require-hashes --requirement requirements.lock",
        "--no-deps --no-build-isolation .",
        "warm_up()",
    ]
    places = [text.index(step) for step in steps]
    assert places == sorted(places)
