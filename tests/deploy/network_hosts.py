"""Hosts on this machine: network namespaces with addresses of their own, joined by a switch."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

PORT = 6379
"""Port of the head node of Ray."""

AUTOSCALER = {"RAY_FAKE_CLUSTER": "1", "AUTOSCALER_UPDATE_INTERVAL_S": "1"}
"""Environment of a head node whose autoscaler starts nodes on the same host, and looks often."""

RAY_FOLDER = Path("/tmp/ray")
"""Where Ray keeps its files."""

RAY = str(Path(sys.executable).parent / "ray")


def missing() -> str | None:
    """Return why no hosts can be made here, or None."""
    if os.geteuid() != 0 or shutil.which("ip") is None or shutil.which("nsenter") is None:
        return "needs ip and nsenter (Debian: iproute2, util-linux), and root to make namespaces"
    name = f"probe-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode != 0:
        return "network namespaces cannot be made here"
    _ip("netns", "del", name)
    return None


def _ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


class Hosts:
    """Hosts numbered from 1, with the addresses 10.77.0.1, 10.77.0.2 and so on.

    Parameters
    ----------
    number : int
        How many.
    folder : pathlib.Path
        For logs, and for Ray's files.
    """

    def __init__(self, number: int, folder: Path) -> None:
        self.folder = folder
        self._numbers = range(1, number + 1)
        self._switch = f"switch-{os.getpid()}"
        self._started: list[subprocess.Popen[bytes]] = []

    def address(self, host: int) -> str:
        """Return the address of a host."""
        return f"10.77.0.{host}"

    def namespace(self, host: int) -> str:
        """Return the name of the namespace of a host."""
        return f"host{host}-{os.getpid()}"

    def connect(self) -> None:
        """Make the namespaces, and a link from each to the switch."""
        RAY_FOLDER.mkdir(exist_ok=True)
        _ip("netns", "add", self._switch)
        _ip("-n", self._switch, "link", "add", "br0", "type", "bridge")
        _ip("-n", self._switch, "link", "set", "br0", "up")
        for host in self._numbers:
            name, port = self.namespace(host), f"port{host}"
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
            pair = ("type", "veth", "peer", "name", port, "netns", self._switch)
            _ip("-n", name, "link", "add", "eth0", *pair)
            _ip("-n", self._switch, "link", "set", port, "master", "br0", "up")
            _ip("-n", name, "address", "add", f"{self.address(host)}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")

    def remove(self) -> None:
        """Kill what runs on the hosts, and remove them."""
        for host in self._numbers:
            self.kill(host)
            _ip("netns", "del", self.namespace(host))
        _ip("netns", "del", self._switch)
        for process in self._started:
            process.wait()

    def enter(self, host: int) -> list[str]:
        """Return the words before a command that runs it on a host.

        ``ip netns exec`` would also hide the control groups, which slurmd needs. Each host has a
        folder of its own at `RAY_FOLDER`, as real hosts have.
        """
        own = self.folder / f"ray{host}"
        own.mkdir(exist_ok=True)
        mount = f'mount --bind "$0" {RAY_FOLDER} && exec "$@"'
        enter = ["nsenter", f"--net=/run/netns/{self.namespace(host)}"]
        return [*enter, "unshare", "--mount", "sh", "-c", mount, str(own)]

    def start(
        self, host: int, *words: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program on a host; what it prints goes to a file."""
        with self.log(host).open("ab") as log:
            process = subprocess.Popen(
                [*self.enter(host), *words], env=environment, stdout=log, stderr=log
            )
        self._started.append(process)
        return process

    def log(self, host: int) -> Path:
        """Return the file to which the programs of a host print."""
        return self.folder / f"host{host}.log"

    def cut_off(self, host: int) -> None:
        """Take the link of a host down."""
        _ip("-n", self.namespace(host), "link", "set", "eth0", "down")

    def reconnect(self, host: int) -> None:
        """Take the link of a host up again."""
        _ip("-n", self.namespace(host), "link", "set", "eth0", "up")

    def processes(self, host: int) -> list[int]:
        """Return the processes on a host."""
        return [int(word) for word in _ip("netns", "pids", self.namespace(host)).split()]

    def kill(self, host: int) -> None:
        """Kill all that runs on a host, as a power cut would."""
        while processes := self.processes(host):
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.1)

    def start_head(self, autoscaler: Path | None = None) -> None:
        """Start Ray's head node on host 1, without cores for tasks, and wait until it runs.

        Parameters
        ----------
        autoscaler : pathlib.Path, optional
            A configuration of the provider ``fake_multinode``.
        """
        options = [f"--port={PORT}"]
        if autoscaler is not None:
            options.append(f"--autoscaling-config={autoscaler}")
        self._start_ray(1, "--head", *options, "--num-cpus=0", "--include-dashboard=false")
        self.wait_for_ray(1)

    def start_worker(self, host: int, cores: int = 1) -> subprocess.Popen[bytes]:
        """Start a node of Ray on a host; return its process, which runs as long as the node."""
        address = f"--address={self.address(1)}:{PORT}"
        return self._start_ray(host, address, f"--num-cpus={cores}")

    def wait_for_ray(self, host: int) -> None:
        """Wait until the first node of Ray on a host runs."""
        log = self.log(host)
        wait_until(lambda: "Ray runtime started" in log.read_text(), 120, log.read_text)

    def _start_ray(self, host: int, *options: str) -> subprocess.Popen[bytes]:
        common = [f"--node-ip-address={self.address(host)}", "--object-store-memory=100000000"]
        words = [RAY, "start", *options, *common, "--disable-usage-stats", "--block"]
        return self.start(host, *words, environment=os.environ | AUTOSCALER)


def wait_until(condition: Callable[[], bool], limit_s: float, log: Callable[[], str]) -> None:
    """Wait until a condition holds; fail with what the log says after a time limit."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {limit_s:g} s; log:\n{log()}"
        time.sleep(0.2)


@contextmanager
def network_hosts(number: int, folder: Path) -> Iterator[Hosts]:
    """Make hosts; remove them at the end, with all that runs there."""
    hosts = Hosts(number, folder)
    hosts.connect()
    try:
        yield hosts
    finally:
        hosts.remove()
