"""No chunk begins that cannot end before the job does, and the next job goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.commands.run import main
from pipeline.engine.end_time import SLURM_END_TIME, chunks_before, end_time
from pipeline.results.schema import COORDINATE
from pipeline.results.table import read_results
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Chunk, Job

Table = Callable[[Path], pl.DataFrame]


def chunk(predicted_s: float) -> Chunk:
    """Return a chunk of one job."""
    return (Job(NetworkCoordinate("A1", "C1"), (2.0,), predicted_s, ()),)


def test_the_configured_time_comes_before_that_of_slurm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without either, no end is known."""
    monkeypatch.delenv(SLURM_END_TIME, raising=False)
    assert end_time(None) is None
    monkeypatch.setenv(SLURM_END_TIME, "1000")
    assert end_time(None) == 1000.0
    assert end_time(datetime(1970, 1, 1, 0, 1, tzinfo=UTC)) == 60.0


def test_chunks_begin_while_there_is_time_for_the_limit_and_the_prediction() -> None:
    """100 s before the end, a chunk of 90 s begins; with a limit or a prediction of 110 s none."""
    end = time.time() + 100
    chunks = [chunk(1), chunk(90), chunk(110), chunk(1)]
    assert list(chunks_before(end, iter(chunks), 90.0)) == chunks[:2]
    assert list(chunks_before(end, iter(chunks), 110.0)) == []
    assert list(chunks_before(None, iter(chunks), 110.0)) == chunks


def test_a_run_that_stops_before_the_end_of_its_job_is_incomplete(
    tiny: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is solved, the exit code is 1, and the same command without the limit goes on."""
    words = [*tiny, "engine=serial", f"out={tmp_path}"]
    soon = (datetime.now(UTC) + timedelta(seconds=5)).isoformat(timespec="seconds")
    assert main([*words, f"engine.until='{soon}'"]) == 1
    assert "no further chunk begins" in capsys.readouterr().err
    assert read_results(tmp_path).collect().is_empty()
    assert main(words) == 0
    assert read_results(tmp_path).select(COORDINATE).collect().height > 0
