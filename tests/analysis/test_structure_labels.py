"""Labels of structures carry the mark of their certainty wherever they are printed."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl

from analysis.paper import ALLOCATIONS, CLUSTERS
from analysis.structure_labels import MARKS, MARKS_NOTE, marked
from pipeline.config.structures import certainties, structures

ROOT = Path(__file__).parents[2]


def test_every_label_has_a_certainty() -> None:
    """Each of the 25 labels is secure, likely or undecided."""
    assert list(certainties()) == list(structures()) == list(CLUSTERS)
    assert set(certainties().values()) <= set(MARKS)


def test_a_label_has_the_mark_of_its_certainty() -> None:
    """Secure labels and names that are no structure have none; the note explains the others."""
    assert [marked(label) for label in ALLOCATIONS] == list(ALLOCATIONS)
    for label, certainty in certainties().items():
        mark = marked(label).removeprefix(label)
        assert mark == MARKS[certainty]
        assert (mark == "") == (certainty == "secure")
        assert mark in MARKS_NOTE


def test_the_certainties_are_those_that_the_command_inferred() -> None:
    """structures.csv has what `sitesweep readings` wrote."""
    inferred = pl.read_csv(ROOT / "docs" / "readings" / "labels.csv")
    assert dict(inferred.select("label", "certainty").iter_rows()) == certainties()


def test_the_document_has_the_tables_that_the_command_wrote() -> None:
    """Each table of docs/readings/readings.md stands in docs/reproduction.md, line by line."""
    folder = ROOT / "docs" / "readings"
    document = (ROOT / "docs" / "reproduction.md").read_text(encoding="utf-8").splitlines()
    tables = [
        line
        for line in (folder / "readings.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    assert len(tables) > 50
    assert set(tables) <= set(document)


def test_the_files_of_the_command_are_valid_csv() -> None:
    """Every row of a file has as many cells as its header."""
    for path in (ROOT / "docs" / "readings").glob("*.csv"):
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}, path.name
