"""A cluster that a run starts on this machine cannot be reached from another one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

LISTEN = "0A"
"""State of a socket that listens, in /proc/net/tcp."""

LOOPBACK = {
    "0100007F",  # 127.0.0.1
    "00000000000000000000000001000000",  # ::1
    "0000000000000000FFFF00000100007F",  # ::ffff:127.0.0.1
}
"""Loopback addresses as /proc/net/tcp and tcp6 write them: four-byte words, lowest byte first."""

WORDS = [
    *("sweep=paper", "sweep.allocation=[A3]", "solver=highs", "solver.model=direct"),
    *("engine=ray", "engine.workers=1"),
]
"""A sweep whose first solve takes minutes."""


SECOND_INTERFACE = [
    *("unshare", "--user", "--map-root-user", "--net", "sh", "-c"),
    "ip link set lo up && ip link add second type veth peer name other && "
    "ip addr add 10.9.9.1/24 dev second && ip link set second up && "
    'ip link set other up && ip route add default via 10.9.9.2 && exec "$@"',
    "sh",
]
"""Runs a command in a network namespace with a second interface, as a machine in a network has."""


def can_make_a_namespace() -> bool:
    """Return whether a user may make such a namespace here."""
    try:
        return subprocess.run([*SECOND_INTERFACE, "true"], check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("prefix", [[], SECOND_INTERFACE], ids=["here", "second interface"])
def test_a_local_cluster_listens_on_the_loopback_address_only(
    tmp_path: Path, prefix: list[str]
) -> None:
    """All sockets of driver, GCS server, raylet and workers are bound to a loopback address."""
    if prefix and not can_make_a_namespace():
        pytest.skip("a user may not make network namespaces here, or unshare or ip is missing")
    driver = subprocess.Popen(
        [*prefix, sys.executable, "-m", "pipeline", *WORDS, f"out={tmp_path / 'run'}"],
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 120
        while not any(b"ray::_solve" in command for command in commands_of(driver.pid)):
            assert driver.poll() is None
            assert time.monotonic() < deadline, "no task was started"
            time.sleep(0.1)
        addresses = listening_addresses(driver.pid)
    finally:
        driver.send_signal(signal.SIGTERM)
        driver.wait(timeout=60)
    assert len(addresses) > 3
    assert set(addresses) <= LOOPBACK


def pids_of(session: int) -> list[int]:
    """List the processes of a session."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(entry.name)) == session:
                found.append(int(entry.name))
    return found


def commands_of(session: int) -> list[bytes]:
    """List the command lines of the processes of a session."""
    commands = []
    for pid in pids_of(session):
        with contextlib.suppress(OSError):
            commands.append(Path(f"/proc/{pid}/cmdline").read_bytes())
    return commands


def listening_addresses(session: int) -> list[str]:
    """List the local addresses of the TCP sockets on which a session's processes listen."""
    inodes = set()
    for pid in pids_of(session):
        with contextlib.suppress(OSError):
            for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    inodes.add(os.readlink(descriptor))
    addresses = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{session}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTEN and f"socket:[{fields[9]}]" in inodes:
                addresses.append(fields[1].partition(":")[0])
    return addresses
