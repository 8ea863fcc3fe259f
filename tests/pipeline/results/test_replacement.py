"""A row is replaced by one that is no worse, in one commit, also while others write."""

from __future__ import annotations

import dataclasses
import multiprocessing
import time
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from pipeline.results import maintenance, replacement
from pipeline.results.committer import coordinates
from pipeline.results.replacement import RowReplacer, replace_rows
from pipeline.results.schema import RESULTS
from pipeline.results.table import create_table, data_files, open_table, read_results
from tests.pipeline.results.one_row_commits import append_until, committer, fill, replications, row


@dataclasses.dataclass(frozen=True)
class Judged:
    """What decides whether a row replaces another one."""

    status: str
    objective: float | None = None
    bound: float | None = None


def made(judged: Judged, replication: int = 0) -> pa.Table:
    """Make the row of an instance."""
    values = row(replication).to_pylist()[0] | dataclasses.asdict(judged)
    return pa.Table.from_pylist([values], schema=RESULTS)


def stored(run: Path) -> list[dict[str, Any]]:
    """Read the rows of a table by replication."""
    return read_results(run).sort("replication").collect(engine="in-memory").rows(named=True)


ERROR, NO_SOLUTION = Judged("error"), Judged("no_solution", bound=80.0)
UNPROVEN = Judged("time_limit", 100.0, 90.0)
OPTIMAL, INFEASIBLE = Judged("optimal", 99.0, 99.0), Judged("infeasible")


@pytest.mark.parametrize(
    ("old", "new", "replaces"),
    [
        (ERROR, OPTIMAL, True),
        (ERROR, UNPROVEN, True),
        (ERROR, INFEASIBLE, True),
        (ERROR, ERROR, True),
        (NO_SOLUTION, INFEASIBLE, True),
        (NO_SOLUTION, OPTIMAL, True),
        (NO_SOLUTION, ERROR, False),
        (NO_SOLUTION, Judged("time_limit", 100.0, 70.0), False),
        (UNPROVEN, OPTIMAL, True),
        (UNPROVEN, UNPROVEN, True),
        (UNPROVEN, Judged("time_limit", 100.0, 91.0), True),
        (UNPROVEN, Judged("time_limit", 101.0, 99.0), False),
        (UNPROVEN, Judged("optimal", 89.0, 89.0), False),
        (UNPROVEN, NO_SOLUTION, False),
        (UNPROVEN, ERROR, False),
        (UNPROVEN, INFEASIBLE, False),
        (OPTIMAL, Judged("optimal", 98.0, 99.0), False),
        (INFEASIBLE, OPTIMAL, False),
    ],
)
def test_only_a_row_that_is_no_worse_replaces(
    tmp_path: Path, old: Judged, new: Judged, replaces: bool
) -> None:
    """No worse objective, no worse bound, no error instead of a result; proven rows stay."""
    create_table(tmp_path)
    with committer(tmp_path) as writer:
        writer.add(made(old))
    assert replace_rows(tmp_path, made(new)) == int(replaces)
    (found,) = stored(tmp_path)
    expected = new if replaces else old
    assert Judged(found["status"], found["objective"], found["bound"]) == expected


@pytest.mark.parametrize("compacted", [False, True])
def test_all_other_rows_stay_as_they_are(tmp_path: Path, compacted: bool) -> None:
    """The replacement is one commit; rows in the same file and in others are unchanged."""
    fill(tmp_path, 6)
    if compacted:
        maintenance.compact(tmp_path)
    before, version = stored(tmp_path), open_table(tmp_path).version()
    new = pa.concat_tables([made(OPTIMAL, 1), made(UNPROVEN, 4), made(OPTIMAL, 99)])
    assert replace_rows(tmp_path, new) == 2
    after = stored(tmp_path)
    assert [found["status"] for found in after] == [
        *("error", "optimal", "error", "error", "time_limit", "error")
    ]
    unchanged = [0, 2, 3, 5]
    assert [after[n] for n in unchanged] == [before[n] for n in unchanged]
    assert open_table(tmp_path).version() == version + 1


def test_replacing_twice_changes_nothing_more(tmp_path: Path) -> None:
    """An interrupt may come between a commit and its end: the same rows are then taken again."""
    fill(tmp_path, 3)
    for _ in range(2):
        replace_rows(tmp_path, made(UNPROVEN, 1))
    assert [found["status"] for found in stored(tmp_path)] == ["error", "time_limit", "error"]


def test_a_row_may_be_replaced_by_itself(tmp_path: Path) -> None:
    """The new data file then has the name of the old one, and stays in the table."""
    create_table(tmp_path)
    with committer(tmp_path) as writer:
        writer.add(same := made(UNPROVEN))
    before = stored(tmp_path)
    assert replace_rows(tmp_path, same) == 1
    assert stored(tmp_path) == before


def test_a_replacement_starts_again_if_another_process_rewrites_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A compaction between the reading of the old rows and the commit loses and doubles nothing."""
    fill(tmp_path, 5)
    original, compactions = replacement.replace_files, []

    def compact_first(*arguments: Any, **more: Any) -> bool:
        if not compactions:
            compactions.append(maintenance.compact(tmp_path))
        return original(*arguments, **more)

    monkeypatch.setattr(replacement, "replace_files", compact_first)
    assert replace_rows(tmp_path, made(OPTIMAL, 3)) == 1
    assert compactions == [(5, 1)]
    assert replications(tmp_path) == list(range(5))
    assert stored(tmp_path)[3]["status"] == "optimal"


def test_rows_appended_during_replacements_are_all_there(tmp_path: Path) -> None:
    """Another process appends while this one replaces repeatedly: none of its rows is lost."""
    fill(tmp_path, 5)
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    other = spawn.Process(target=append_until, args=(tmp_path, stop), daemon=True)
    other.start()
    for replication in range(5):
        assert replace_rows(tmp_path, made(OPTIMAL, replication)) == 1
    while 5 not in replications(tmp_path):
        assert other.is_alive()
        time.sleep(0.1)
    stop.set()
    other.join()
    found = replications(tmp_path)
    assert found == list(range(len(found)))
    assert [found["status"] for found in stored(tmp_path)][:6] == ["optimal"] * 5 + ["error"]


def test_the_replacer_passes_on_the_rows_of_other_instances(tmp_path: Path) -> None:
    """It keeps the retried rows until its end, and returns the others at once."""
    fill(tmp_path, 3)
    retried = coordinates(pa.concat_tables([row(0), row(2)]))
    with RowReplacer(tmp_path, retried, 3600.0, {"made by": "a test"}) as replacer:
        rows = pa.concat_tables([made(OPTIMAL, n) for n in (0, 2, 7)])
        others = replacer.take(rows)
        assert others["replication"].to_pylist() == [7]
        assert {found["status"] for found in stored(tmp_path)} == {"error"}
    assert [found["status"] for found in stored(tmp_path)] == ["optimal", "error", "optimal"]
    assert len(data_files(open_table(tmp_path))) == 2


def test_without_retried_instances_all_rows_pass(tmp_path: Path) -> None:
    """A command without retry reads and changes nothing."""
    nothing = coordinates(row(0)).filter(pl.lit(False))
    with RowReplacer(tmp_path / "no table", nothing, 0.0, {}) as replacer:
        assert replacer.take(row(0)).num_rows == 1
