"""Several runs as one table: each instance once, with the best proven row, and said so."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipeline.commands.run import main as run_sweep
from pipeline.config.errors import UserError
from pipeline.results import united as module
from pipeline.results.schema import COORDINATE
from pipeline.results.table import read_results
from pipeline.results.united import unite

WORDS = ["sweep=smoke", "solver=native", "engine=serial", "engine.in_process=true"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Run small sweeps that differ in one thing each."""
    folder = tmp_path_factory.mktemp("runs")
    one = ["sweep.allocation=[A5]", "sweep.structure=[C1]"]
    words = {
        "loose": [*one, "solver.gap=0.5"],
        "tight": [*one, "solver.gap=1e-3", "sweep.alpha=[2]"],
        "more": ["sweep.allocation=[A4]", "sweep.structure=[C1]"],
        "other seed": [*one, "seed=1"],
    }
    for name, own in words.items():
        assert run_sweep([*WORDS, *own, f"out={folder / name}"]) == 0
    return {name: folder / name for name in words}


def test_a_single_run_is_its_table(runs: dict[str, Path]) -> None:
    """There is nothing to say about it."""
    found = unite([runs["loose"]])
    rows = read_results(runs["loose"]).sort(COORDINATE).collect(engine="in-memory")
    assert found.table.sort(COORDINATE).collect(engine="in-memory").equals(rows)
    assert found.notes == ()


@pytest.mark.parametrize("order", [["loose", "tight"], ["tight", "loose"]])
def test_the_smaller_gap_counts(runs: dict[str, Path], order: list[str]) -> None:
    """In any order of the runs; the notes say in what they differ and how many rows they share."""
    found = unite([runs[name] for name in order])
    rows = found.table.collect(engine="in-memory")
    tight = read_results(runs["tight"]).collect(engine="in-memory")
    loose = read_results(runs["loose"]).filter(pl.col("alpha") == 2).collect(engine="in-memory")
    assert loose["gap"].item() > tight["gap"].item()
    assert rows.filter(pl.col("alpha") == 2).equals(tight)
    assert rows.height == 2
    assert (found.completeness.instances, found.completeness.certified) == (2, 2)
    assert "they differ in solver.gap." in found.notes[0]
    assert found.notes[1].startswith("Several runs have a row of 1 instance:")
    assert len(found.notes) == 2


def test_rows_of_different_instances_stand_side_by_side(runs: dict[str, Path]) -> None:
    """All of them, and what was asked of either run."""
    found = unite([runs["loose"], runs["more"]])
    assert found.table.collect(engine="in-memory").height == 4
    assert found.completeness.instances == 4
    assert len(found.notes) == 1


def test_different_networks_are_not_united(runs: dict[str, Path]) -> None:
    """One line names what differs."""
    with pytest.raises(UserError, match=r"different networks \(seed: 0, 1\)") as caught:
        unite([runs["loose"], runs["other seed"]])
    assert "\n" not in str(caught.value)


def test_rows_that_contradict_each_other_are_counted(
    runs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bound above the cost of another run means that one of them is wrong."""

    def read(run: Path) -> pl.LazyFrame:
        rows = read_results(run)
        return rows.with_columns(pl.col("bound") * 2) if run == runs["tight"] else rows

    monkeypatch.setattr(module, "read_results", read)
    notes = unite([runs["loose"], runs["tight"]]).notes
    assert notes[2].startswith("The rows of 1 instance contradict each other")
