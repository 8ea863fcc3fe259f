"""A Slurm cluster of three nodes on this machine: the real daemons, started without systemd."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "scancel")

NODES = ("n1", "n2", "n3")

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
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
NodeName=n[1-3] NodeHostname={host} NodeAddr=127.0.0.1 Port={first}-{last}
PartitionName=all Nodes=n[1-3] Default=YES MaxTime=INFINITE State=UP
"""

ENDED = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY")


def missing_programs() -> list[str]:
    """Return the programs of Slurm that are not here."""
    return [name for name in PROGRAMS if shutil.which(name, path=_path()) is None]


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
        self.environment = os.environ | {
            "SLURM_CONF": str(folder / "slurm.conf"),
            "PATH": _path(),
        }
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start the daemons, and wait until all nodes are idle."""
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        port = 20000 + os.getpid() % 20000
        values = {"folder": self.folder, "host": socket.gethostname(), "port": port}
        text = CONFIGURATION.format(**values, first=port + 1, last=port + len(NODES))
        (self.folder / "slurm.conf").write_text(text)
        files = {
            "key-file": key,
            "socket": self.folder / "munge.socket",
            "pid-file": self.folder / "munged.pid",
            "log-file": self.folder / "munged.log",
            "seed-file": self.folder / "munged.seed",
        }
        options = [f"--{name}={path}" for name, path in files.items()]
        self._spawn("munged", "--force", "--foreground", *options)
        self.wait_until(files["socket"].exists)
        self._spawn("slurmctld", "-D")
        for node in NODES:
            self.start_node(node)
        self.wait_until(lambda: self.call("sinfo", "-h", "-o", "%T %D") == "idle 3\n")

    def start_node(self, node: str) -> None:
        """Start the daemon of a node."""
        self._spawn("slurmd", "-D", "-N", node, name=node)

    def kill_node(self, node: str) -> None:
        """Kill the daemon of a node and all that runs on the node, as a power cut would."""
        processes = set(self.processes(f"SLURMD_NODENAME={node}"))
        parents = {_parent(process) for process in processes} - processes
        self._daemons.pop(node).kill()
        for process in processes | {parent for parent in parents if _name(parent) == "slurmstepd"}:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def stop(self) -> None:
        """End the jobs and what is left of them, then the daemons, the last one first."""
        self.call("scancel", "--user=root")
        left = self.processes("SLURM_CLUSTER_NAME=test")
        for _ in range(100):
            if not left:
                break
            time.sleep(0.2)
            left = self.processes("SLURM_CLUSTER_NAME=test")
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for daemon in reversed(self._daemons.values()):
            daemon.terminate()
        for daemon in self._daemons.values():
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()

    def call(self, *words: str) -> str:
        """Run a command of Slurm, and return what it prints."""
        finished = subprocess.run(
            words, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        return finished.stdout + finished.stderr

    def submit(self, *words: str, variables: Mapping[str, str] | None = None) -> str:
        """Submit a job by ``sbatch``; return its number."""
        finished = subprocess.run(
            ["sbatch", "--parsable", *words],
            env=self.environment | dict(variables or {}),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
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

    def processes(self, setting: str) -> list[int]:
        """Return the processes of this cluster whose environment contains a setting, and theirs.

        A worker of Ray writes its title over its environment, but its parent is the raylet.
        """
        found = []
        mine = f"SLURM_CONF={self.folder / 'slurm.conf'}"
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                variables = path.read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            if mine in variables and setting in variables:
                found.append(int(path.parent.name))
        everybody = {int(path.name) for path in Path("/proc").glob("[0-9]*")}
        parents = {process: _parent(process) for process in everybody}
        for process in found:  # the list grows while it is read
            found += [child for child in everybody - set(found) if parents[child] == process]
        return found

    def _spawn(self, *words: str, name: str | None = None) -> None:
        log = (self.folder / f"{name or words[0]}.out").open("wb")
        self._daemons[name or words[0]] = subprocess.Popen(
            words, env=self.environment, stdout=log, stderr=log
        )


def _parent(process: int) -> int:
    """Return the parent of a process, 0 if it has ended."""
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


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
