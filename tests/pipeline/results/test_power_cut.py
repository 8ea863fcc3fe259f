"""A power cut at any moment undoes no commit that was reported."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.errors import Failure, UserError
from pipeline.results.table import create_table
from tests.pipeline.results.one_row_commits import committer, replications, row
from tests.pipeline.results.power_cut import Disk, can_record, read_tree, record, restore

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not can_record(), reason="strace is not installed or not allowed"),
]

ROWS = {0, 1, 2, 3, 4}
"""Replications of the rows that the recorded program commits."""

NEXT = 99
"""Replication of the row that is committed after the power cut."""


def outcomes(seed: int) -> Iterator[tuple[Callable[[], bool], Callable[[], float]]]:
    """Yield what a file system does with names and contents that were not flushed.

    It keeps all, none, or half of each content, or decides at random, differently at each moment.
    """
    for stays, share in itertools.product((False, True), (0.0, 0.5, 1.0)):
        yield (lambda stays=stays: stays), (lambda share=share: share)  # type: ignore[misc]
    generator = random.Random(seed)
    for _ in range(2):
        yield (lambda: generator.random() < 0.5), (lambda: generator.choice((0.0, 0.5, 1.0)))


def check(run: Path, reported: set[int]) -> None:
    """Check the rows, and that the run continues; an error must say how to repair the log."""
    found, error = result_of(lambda: replications(run))
    if error is None:
        assert reported <= set(found) <= ROWS
        assert len(found) == len(set(found))
    elif isinstance(error, Failure):
        assert any(repair in str(error) for repair in (": delete ", "or delete it"))
    else:
        assert not reported, "the table exists"
    _, error = result_of(lambda: (create_table(run), committer(run).add(row(NEXT))))
    if error is None:
        assert reported | {NEXT} <= set(replications(run)) <= ROWS | {NEXT}
    elif isinstance(error, Failure):
        assert "is damaged: restore it from a backup, or delete it" in str(error)
    else:
        assert "cannot be read" in str(error), "half of the first entry is there"
        assert not reported


def result_of(function: Callable[[], Any]) -> tuple[Any, UserError | Failure | None]:
    """Call a function; return its result, or the error of one line that it raised."""
    try:
        return function(), None
    except (UserError, Failure) as error:
        return None, error


@pytest.mark.parametrize(
    ("words", "rows"),
    [([], {0, 1, 2}), (["maintenance"], {0, 1, 2, 3}), (["kills"], {0, 1, 2, 4})],
    ids=["commits", "maintenance", "after kills"],
)
def test_what_was_reported_as_committed_survives_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], rows: set[int]
) -> None:
    """After each system call, whatever the disk lost, the rows are there and the run goes on."""
    run, reports = tmp_path / "new" / "run", tmp_path / "reports"
    module = "tests.pipeline.results.commits_and_reports"
    calls = record(module, str(run), str(reports), *words, trace=tmp_path / "trace")
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # the copies need not last
    disk = Disk(tmp_path)
    reported: set[int] = set()
    has_run_file = False
    seen = set()
    for number, call in enumerate(calls):
        disk.apply(call)
        if call.name == "write" and call.path(0) == str(reports):
            has_run_file = True
            report = call.texts[1].decode()
            if report != "run.json":
                reported.add(int(report[1:]))
        for outcome in outcomes(number):
            tree = {path: c for path, c in disk.after_a_cut(*outcome).items() if "new/" in path}
            state = (*tree.items(), *sorted(reported))
            if state in seen:
                continue
            seen.add(state)
            assert tree.get("new/run/run.json") == b"{}" or not has_run_file
            copy = tmp_path / f"after-{len(seen)}"
            restore({"new": None, "new/run": None, **tree}, copy)
            check(copy / "new" / "run", reported)
    everything = disk.after_a_cut(lambda: True, lambda: 1.0)
    written = {path: content for path, content in everything.items() if "new/" in path}
    assert written == read_tree(tmp_path, "new/**/*"), "a system call is missing in the record"
    assert reported == rows
    assert written.items() <= disk.after_a_cut(lambda: False, lambda: 0.0).items(), "not flushed"
