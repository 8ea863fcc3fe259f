"""Whether Gurobi licences are counted right, and whether searches wait for them.

usage: python -m benchmarks.licences [key=value ...]

Starts a Ray cluster whose node announces some licences. One driver runs a sweep of searches alone,
and then again while another driver runs a sweep of many instances that each hold a licence for a
moment. All solves are simulated: they wait, so that few cores suffice for many workers. Prints how
many licences were held at most, and how long the searches took alone and beside the others. Exit
code 1 if more licences were held than there are, or if a row is missing.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from benchmarks.arguments import key, run_benchmark
from benchmarks.overhead import NETWORKS
from benchmarks.simulated_stages import LICENCE_HELD_S, LOG, SEARCH_S, SEARCHED, read_events
from pipeline.engine.licences import RESOURCE
from pipeline.results.table import read_results

STRUCTURES = ",".join(f"C{number}" for number in range(1, 25))
SEARCHES = 48
SEARCH_WORDS = [
    "sweep.allocation=[A1,A2]",
    f"sweep.structure=[{STRUCTURES}]",
    f"sweep.alpha=[{SEARCHED:g}]",
    "engine.chunk_s=0.001",
]
"""Words of a sweep of `SEARCHES` instances, of which each is a chunk."""
CHANGES = {"take": 1, "give back": -1}
"""How an event changes the number of licences that are held."""


@dataclass(frozen=True)
class Arguments:
    """Keys of the command line."""

    licences: int = key(3, "licences that the node announces")
    models: int = key(10_000, "instances that hold one, rounded up to whole replications of 175")
    workers: int = key(8, "solves at a time")


def main(arguments: Arguments) -> int:
    """Run the sweeps; print the figures."""
    replications = -(-arguments.models // NETWORKS)
    n_models = replications * NETWORKS
    with tempfile.TemporaryDirectory() as name, _cluster(arguments, Path(name, "log")) as address:
        folder = Path(name)
        alone = _start(address, folder / "alone", SEARCH_WORDS)
        alone_code = alone.wait()
        alone_s = _search_time_s(folder / "log")
        begin = time.monotonic()
        # Few chunks: their first stages take no time, and shall not compete with the searches.
        words = [f"sweep.replications={replications}", "sweep.alpha=[2]", "engine.chunk_s=600"]
        models = _start(address, folder / "models", words)
        _wait_for_a_licence(folder / "log", models)
        searches = _start(address, folder / "beside", SEARCH_WORDS)
        codes = [alone_code, searches.wait(), models.poll()]
        beside_s = _search_time_s(folder / "log", begin)
        models.wait()
        took_s = time.monotonic() - begin
        events = [event for _, event in read_events(folder / "log")]
        counts = [
            read_results(folder / run).collect().height for run in ("alone", "beside", "models")
        ]
    most = max(accumulate(CHANGES.get(event, 0) for event in events))
    held_s = LICENCE_HELD_S * n_models / arguments.licences
    print(
        f"{n_models:,} instances held one of {arguments.licences} licences for "
        f"{LICENCE_HELD_S:g} s each: at most {most} at a time, in {took_s:.0f} s "
        f"({held_s:.0f} s if no licence were ever free)\n"
        f"{SEARCHES} searches of {SEARCH_S:g} s on {arguments.workers} workers: {alone_s:.1f} s "
        f"alone, {beside_s:.1f} s beside them"
    )
    was_beside = codes == [0, 0, None]
    if not was_beside:
        print(f"exit codes {codes}: expected 0, 0 and a driver that still runs", file=sys.stderr)
    is_right = most <= arguments.licences and counts == [SEARCHES, SEARCHES, n_models]
    return 0 if is_right and was_beside and models.returncode == 0 else 1


@contextmanager
def _cluster(arguments: Arguments, log: Path) -> Iterator[str]:
    """Start a cluster of one node, whose workers inherit the path of the log; yield its address."""
    from ray.cluster_utils import Cluster

    os.environ[LOG] = str(log)
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    node = {
        "num_cpus": arguments.workers,
        "resources": {RESOURCE: arguments.licences},
        "include_dashboard": False,
        "object_store_memory": 10**8,
    }
    cluster: Any = Cluster(initialize_head=True, head_node_args=node)
    try:
        yield cluster.address
    finally:
        cluster.shutdown()


def _start(address: str, out: Path, words: list[str]) -> subprocess.Popen[bytes]:
    """Start a driver on the cluster."""
    driver = [sys.executable, "-m", "benchmarks.simulated_stages", f"out={out}"]
    with out.with_suffix(".txt").open("w") as output:
        common = [*driver, "solver=mip", f"engine.address={address}"]
        return subprocess.Popen([*common, *words], stdout=output, stderr=output)


def _wait_for_a_licence(log: Path, driver: subprocess.Popen[bytes]) -> None:
    """Wait until the driver has begun its second stages, or has ended."""
    while driver.poll() is None and "take" not in log.read_text():
        time.sleep(0.1)


def _search_time_s(log: Path, begin: float = 0.0) -> float:
    """Return the time from the first search that began after a moment to the end of the last."""
    moments = [at for at, event in read_events(log) if "search" in event and at >= begin]
    return moments[-1] - moments[0] if moments else float("nan")


if __name__ == "__main__":
    run_benchmark(main, Arguments, __doc__)
