"""A Slurm cluster of three hosts on this machine: the real daemons, started without systemd."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from tests.deploy import network_hosts
from tests.deploy.network_hosts import Hosts

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "scancel")

NODES = {"n1": 1, "n2": 2, "n3": 3}
"""Name of each node -> number of its host. The controller runs on the first one, too."""

DAEMONS = ("munged", "slurmctld", "slurmscriptd", "slurmd")

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}({controller})
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SlurmdTimeout=10
KillWait=20
MpiDefault=none
NodeName=DEFAULT CPUs=2 RealMemory=8000 State=UNKNOWN
{nodes}
PartitionName=all Nodes=n[1-3] Default=YES MaxTime=INFINITE State=UP
"""

ENDED = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY")


def missing() -> str | None:
    """Return why Slurm cannot be started here, or None."""
    absent = [name for name in PROGRAMS if shutil.which(name, path=_path()) is None]
    if absent:
        return f"needs the programs of Slurm (Debian: slurm-wlm, munge): no {', '.join(absent)}"
    return network_hosts.missing()


def _path() -> str:
    """Return the search path, with this environment's programs first and those of root last."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"])


class SlurmCluster:
    """A running cluster.

    Parameters
    ----------
    folder : pathlib.Path
        For configuration, state and logs; its path must be short, because sockets are in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hosts = Hosts(len(NODES), folder)
        self.environment = os.environ | {
            "SLURM_CONF": str(folder / "slurm.conf"),
            "PATH": _path(),
        }

    def start(self) -> None:
        """Start the daemons, and wait until all nodes are idle."""
        self.hosts.connect()
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        name = socket.gethostname()
        nodes = [
            f"NodeName={node} NodeHostname={name} NodeAddr={self.hosts.address(host)}"
            for node, host in NODES.items()
        ]
        text = CONFIGURATION.format(
            folder=self.folder,
            host=name,
            controller=self.hosts.address(1),
            nodes="\n".join(nodes),
        )
        (self.folder / "slurm.conf").write_text(text)
        files = {
            "key-file": key,
            "socket": self.folder / "munge.socket",
            "pid-file": self.folder / "munged.pid",
            "log-file": self.folder / "munged.log",
            "seed-file": self.folder / "munged.seed",
        }
        options = [f"--{name}={path}" for name, path in files.items()]
        self._start(1, "munged", "--force", "--foreground", *options)
        self.wait_until(files["socket"].exists)
        self._start(1, "slurmctld", "-D")
        for node in NODES:
            self.start_node(node)
        self.wait_until(lambda: self.call("sinfo", "-h", "-o", "%T %D") == "idle 3\n")

    def start_node(self, node: str) -> None:
        """Start the daemon of a node."""
        self._start(NODES[node], "slurmd", "-D", "-N", node)

    def kill_node(self, node: str) -> None:
        """Kill the daemon of a node and all that runs on the node, as a power cut would."""
        self.hosts.kill(NODES[node])

    def stop(self) -> None:
        """End the jobs, then all that runs on the hosts."""
        self.call("scancel", "--user=root")
        for _ in range(100):
            if not any(map(self.processes, NODES)):
                break
            time.sleep(0.2)
        self.hosts.remove()

    def call(self, *words: str) -> str:
        """Run a command of Slurm on the first host, and return what it prints."""
        finished = self._run(*words, timeout=60)
        return finished.stdout + finished.stderr

    def submit(self, *words: str, variables: Mapping[str, str] | None = None) -> str:
        """Submit a job by ``sbatch``; return its number."""
        finished = self._run("sbatch", "--parsable", *words, variables=variables or {})
        assert finished.returncode == 0, finished.stderr
        return finished.stdout.strip()

    def state(self, job: str) -> tuple[str, int]:
        """Return the state of a job, or of a task of an array, and its exit code."""
        text = self.call("scontrol", "-o", "show", "job", job)
        state = re.search(r"JobState=(\w+)", text)
        code = re.search(r" ExitCode=(\d+):", text)
        assert state is not None, text
        assert code is not None, text
        return state[1], int(code[1])

    def node_of(self, task: str) -> str:
        """Return the first node of a job, or of a task of an array."""
        text = self.call("scontrol", "-o", "show", "job", task)
        node = re.search(r"BatchHost=(\w+)", text)
        assert node is not None, text
        return node[1]

    def wait_for_end(self, job: str) -> tuple[str, int]:
        """Wait until a job has ended; return its state and exit code."""
        self.wait_until(lambda: self.state(job)[0] in ENDED)
        return self.state(job)

    def wait_until(self, condition: Callable[[], bool], limit_s: float = 600.0) -> None:
        """Wait until a condition holds."""
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline, self.call("squeue") + self.call("sinfo", "-N", "-l")
            time.sleep(0.2)

    def processes(self, node: str) -> list[int]:
        """Return the processes of jobs on a node."""
        return [
            process
            for process in self.hosts.processes(NODES[node])
            if _name(process) not in DAEMONS
        ]

    def _run(
        self, *words: str, variables: Mapping[str, str] = MappingProxyType({}), timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.hosts.enter(1), *words],
            env=self.environment | dict(variables),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def _start(self, host: int, *words: str) -> None:
        self.hosts.start(host, *words, environment=self.environment)


def _name(process: int) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text().strip()
    except OSError:
        return ""


@contextmanager
def slurm_cluster(folder: Path) -> Iterator[SlurmCluster]:
    """Start a cluster; at the end, end its daemons."""
    cluster = SlurmCluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
