"""The cores that a run uses are those that it may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.engine import cores
from pipeline.engine.cores import usable_cores

V2 = {"/proc/self/cgroup": "0::/job/step\n"}
V1 = {"/proc/self/cgroup": "4:memory:/x\n3:cpu,cpuacct:/docker/a\n"}
CPU = "/sys/fs/cgroup/cpu/docker/a/cpu.cfs_"


@pytest.mark.parametrize(
    ("files", "slurm", "expected"),
    [
        ({}, {}, 8),
        (V2 | {"/sys/fs/cgroup/job/step/cpu.max": "max 100000"}, {}, 8),
        (V2 | {"/sys/fs/cgroup/job/step/cpu.max": "200000 100000"}, {}, 2),
        (V2 | {"/sys/fs/cgroup/job/step/cpu.max": "150000 100000"}, {}, 2),
        (V2 | {"/sys/fs/cgroup/job/step/cpu.max": "50000 100000"}, {}, 1),
        # The group above has the smaller quota.
        (
            V2
            | {
                "/sys/fs/cgroup/job/step/cpu.max": "600000 100000",
                "/sys/fs/cgroup/job/cpu.max": "300000 100000",
            },
            {},
            3,
        ),
        (V1 | {f"{CPU}quota_us": "-1\n", f"{CPU}period_us": "100000\n"}, {}, 8),
        (V1 | {f"{CPU}quota_us": "400000\n", f"{CPU}period_us": "100000\n"}, {}, 4),
        ({}, {"SLURM_CPUS_ON_NODE": "6"}, 6),
        ({}, {"SLURM_CPUS_ON_NODE": "6", "SLURM_CPUS_PER_TASK": "3"}, 3),
        ({}, {"SLURM_CPUS_ON_NODE": "64"}, 8),
    ],
)
def test_the_least_of_all_limits_counts(
    monkeypatch: pytest.MonkeyPatch, files: dict[str, str], slurm: dict[str, str], expected: int
) -> None:
    """Eight cores by affinity, less if a control group or Slurm allows less."""
    monkeypatch.setattr(cores.os, "sched_getaffinity", lambda pid: set(range(8)))
    monkeypatch.setattr(cores, "_read", lambda path: files.get(str(path), ""))
    for name in ("SLURM_CPUS_ON_NODE", "SLURM_CPUS_PER_TASK"):
        monkeypatch.delenv(name, raising=False)
    for name, value in slurm.items():
        monkeypatch.setenv(name, value)
    assert usable_cores() == expected


def test_the_files_of_this_machine_can_be_read() -> None:
    """Whatever its control groups are, at least one core is found."""
    assert usable_cores() >= 1
    assert Path("/proc/self/cgroup").exists()
