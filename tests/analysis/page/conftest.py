"""A report with names that are an attack in some language."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from analysis.question import Question
from analysis.report import write_report
from pipeline.results.completeness import Completeness
from tests.analysis.made_rows import make_row, to_frame, unite_rows, without_solution

NAMES = ("<script>alert(1)</script>", r"\input{x}", "=1+1", "$x$ & 'y' \"z\" %_#")


@pytest.fixture(scope="session")
def names() -> tuple[str, ...]:
    """Give the names."""
    return NAMES


@pytest.fixture(scope="session")
def hostile_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report whose allocations, folder, notes and errors have such names."""
    clusters = ("C1", "C2", "C12")
    rows = [make_row("A1", c, alpha) for c in clusters for alpha in (2.0, 5.0, 20.0)]
    for name in NAMES:
        named = {"allocation": name}
        rows += [make_row("A2", "C3", alpha) | named for alpha in (2.0, 20.0)]
        rows.append(make_row("A4", "C4", 2.0) | named | {"status": "time_limit"})
        rows.append(without_solution(make_row("A3", "C3", 2.0), "error") | named | {"error": name})
    frame = to_frame(rows)
    united = unite_rows(
        frame,
        runs=(f"outputs/{''.join(NAMES)}",),
        completeness=Completeness(100, 100 - len(rows), {"optimal": 17}),
        notes=NAMES,
    )
    folder = tmp_path_factory.mktemp("report")
    write_report(united, Question(), folder, Console(quiet=True))
    return folder
