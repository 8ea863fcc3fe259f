"""Only so many Gurobi environments are open as there are licences, and no search waits for one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

import polars as pl
import pytest
from ray.cluster_utils import Cluster

from pipeline.commands.run import main
from pipeline.config.compose import compose
from pipeline.config.sections import validate
from pipeline.engine.driver import run
from pipeline.engine.licences import NO_LICENCE_FREE, RESOURCE, Rest, Stages
from pipeline.results.table import read_results
from solvers import stages
from solvers.options import Options
from solvers.problem import Problem
from solvers.result import Result
from solvers.stages import Unfinished
from solvers.start import Start

Table = Callable[[Path], pl.DataFrame]
Command = Callable[..., object]

MIP = ["sweep=smoke", "sweep.allocation=[A4,A6]", "solver=mip"]
"""12 instances, each of which needs a MIP solver."""

LOG = "SITESWEEP_TEST_LOG"
"""Variable with the file to which `begin` and `finish` write; workers inherit it."""

HELD_S = 0.3
"""Seconds for which `finish` holds its licence."""


def note(event: str) -> None:
    """Append a line to the log; short appends are atomic."""
    with Path(os.environ[LOG]).open("a") as log:
        log.write(f"{time.monotonic()} {event}\n")


def begin(problem: Problem, options: Options, start: Start | None) -> Result | Unfinished:
    """Begin, and note when."""
    note("begin")
    return stages.begin(problem, options, start)


def finish(problem: Problem, options: Options, start: Start | None, rest: Rest) -> Result:
    """Finish by HiGHS; note when the licence is taken and given back."""
    note("take")
    time.sleep(HELD_S)
    result = stages.finish(problem, options, rest.unfinished, start, without_gurobi="test")
    note("give back")
    return result


def events(log: Path) -> list[str]:
    """Return the events of a log in the order of time."""
    lines = [line.split(" ", 1) for line in log.read_text().splitlines()]
    return [event for _, event in sorted(lines, key=lambda line: float(line[0]))]


@pytest.mark.slow
def test_two_licences_are_never_held_by_three_and_searches_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With four workers; all first stages are over long before the second ones are."""
    log = tmp_path / "log"
    monkeypatch.setenv(LOG, str(log))
    words = ["engine=ray", "engine.workers=4", "engine.licences=2", "engine.chunk_s=0.001"]
    config = validate(compose("config", [*MIP, *words, f"out={tmp_path / 'run'}"]))
    assert run(config, stages=Stages(begin, finish)) == 0
    ordered = events(log)
    changes = [{"begin": 0, "take": 1, "give back": -1}[event] for event in ordered]
    assert max(accumulate(changes)) == 2
    assert ordered.count("begin") == ordered.count("give back") == 12
    last_begin = max(place for place, event in enumerate(ordered) if event == "begin")
    assert ordered[:last_begin].count("give back") <= 6


@pytest.mark.slow
def test_a_sweep_that_waits_for_its_licence_has_the_rows_of_one_that_does_not(
    tmp_path: Path, deterministic: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    """One licence for two workers."""
    assert main([*MIP, "engine=serial", f"out={tmp_path / 'serial'}"]) == 0
    words = ["engine=ray", "engine.workers=2", "engine.licences=1", f"out={tmp_path / 'one'}"]
    assert main([*MIP, *words]) == 0
    assert "at most 1 Gurobi environment" in capsys.readouterr().err
    assert deterministic(tmp_path / "one").equals(deterministic(tmp_path / "serial"))


@pytest.mark.slow
def test_where_the_configuration_says_so_highs_takes_what_finds_no_licence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each row says which solver it had, and why."""
    monkeypatch.setenv(LOG, str(tmp_path / "log"))
    words = ["engine=ray", "engine.workers=4", "engine.licences=1", "engine.without_licence=highs"]
    config = validate(compose("config", [*MIP, *words, f"out={tmp_path / 'run'}"]))
    assert run(config, stages=Stages(begin, finish_by_first_choice)) == 0
    rows = read_results(tmp_path / "run").collect()
    fell_back = rows.filter(pl.col("solver") == "highs")
    assert fell_back["fallback_reason"].to_list() == [NO_LICENCE_FREE] * fell_back.height
    assert 0 < fell_back.height < rows.height == 12
    assert rows["status"].eq("optimal").all()


def finish_by_first_choice(
    problem: Problem, options: Options, start: Start | None, rest: Rest
) -> Result:
    """Finish slowly."""
    time.sleep(HELD_S)
    refusal = rest.without_gurobi
    return stages.finish(problem, options, rest.unfinished, start, without_gurobi=refusal)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A running cluster with one node of two cores that announces one licence."""
    started = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 2,
            "resources": {RESOURCE: 1},
            "include_dashboard": False,
            "object_store_memory": 10**8,
        },
    )
    yield started
    started.shutdown()


@pytest.mark.slow
def test_on_a_cluster_the_nodes_announce_their_licences(
    tmp_path: Path, cluster: Cluster, command: Command
) -> None:
    """They are counted without a word of configuration; a configured number is refused."""
    words = [*MIP, "engine=ray", f"engine.address={cluster.address}", f"out={tmp_path}"]
    refused = command("pipeline", *words, "engine.licences=2")
    assert refused.returncode == 2, refused.stderr
    assert refused.stderr.splitlines()[-1] == (
        "error: engine.licences: expected none on a cluster that runs already; its nodes announce "
        "their licences: ray start ... --resources='{\"gurobi_environment\": 2}'"
    )
    finished = command("pipeline", *words)
    assert finished.returncode == 0, finished.stderr
    assert "2 workers of 1 thread, at most 1 Gurobi environment" in finished.stderr
