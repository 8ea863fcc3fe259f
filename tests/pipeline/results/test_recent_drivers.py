"""The drivers that committed lately are found in the table's log, with their shards."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from pipeline.commands.run import main as run_sweep
from pipeline.commands.status import main as status
from pipeline.results.recent_drivers import describe_shards, recent_shards

MINUTE = datetime.timedelta(minutes=1)


def test_each_driver_that_committed_lately_counts_once(
    tiny: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two shards of one table are two drivers; a moment after their commits there is none."""
    for part in ("2/3", "1/3"):
        run_sweep(
            [*tiny, "solver=highs", f"shard={part}", "store.commit_rows=1", f"out={tmp_path}"]
        )
    now = datetime.datetime.now(datetime.UTC)
    assert recent_shards(tmp_path, now - 10 * MINUTE) == ["1/3", "2/3"]
    assert recent_shards(tmp_path, now + MINUTE) == []
    capsys.readouterr()
    assert status([f"run={tmp_path}"]) == 1
    expected = "active       2 drivers committed in the last 10 minutes: shards 1-2 of 3\n"
    assert expected in capsys.readouterr().out


@pytest.mark.parametrize(
    ("shards", "text"),
    [
        (["1/1"], "the whole sweep"),
        (["3/16"], "shard 3 of 16"),
        (["1/16", "2/16", "3/16", "7/16"], "shards 1-3, 7 of 16"),
        (["1/1", "2/3", "1/4"], "the whole sweep; shard 2 of 3; shard 1 of 4"),
    ],
)
def test_shards_are_described_in_words(shards: list[str], text: str) -> None:
    """Consecutive numbers are shortened; sweeps split differently are named one by one."""
    assert describe_shards(shards) == text
