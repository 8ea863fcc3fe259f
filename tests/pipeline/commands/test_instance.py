"""A file of an instance holds the complete problem: it can be solved from the file alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import highspy
import polars as pl
import pytest

from pipeline.commands.instance import main
from pipeline.commands.run import main as run_sweep
from pipeline.config.errors import UserError
from pipeline.network.instance_io import problem_from
from pipeline.results.table import read_results
from solvers.options import Options
from solvers.solve import solve

COORDINATE = ["allocation=A6", "structure=C11", "alpha=20"]

Table = Callable[[Path], pl.DataFrame]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in a folder without outputs/paper."""
    monkeypatch.chdir(tmp_path)


def read(path: Path) -> dict[str, Any]:
    """Read an exported JSON file."""
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def test_the_file_holds_the_documented_keys(tmp_path: Path) -> None:
    """The JSON file has the documented keys, and its arrays have consistent shapes."""
    main([*COORDINATE, f"out={tmp_path / 'a.json'}"])
    document = read(tmp_path / "a.json")
    assert list(document) == [
        *("coordinate", "sources", "sites", "customers"),
        *("t", "c", "d", "s", "f", "p", "alpha", "solution"),
    ]
    assert document["coordinate"] == {
        "allocation": "A6",
        "structure": "C11",
        "replication": 0,
        "scale": 1,
        "alpha": 20.0,
    }
    shapes = [len(document[key]) for key in ("sources", "sites", "customers", "t", "c")]
    assert shapes == [60, 20, 10, 60, 10]
    assert document["solution"] is None


def test_the_stored_solution_is_exported_and_solving_the_file_gives_its_cost(
    tiny: list[str], tmp_path: Path
) -> None:
    """z1 is equal in the table, in the file, and when the file is solved."""
    run_sweep([*tiny, "sweep.allocation=[A6]", f"out={tmp_path / 'run'}"])
    main([*COORDINATE, f"run={tmp_path / 'run'}", f"out={tmp_path / 'a.json'}"])
    document = read(tmp_path / "a.json")
    row = (
        read_results(tmp_path / "run")
        .filter(pl.col("structure") == "C11", pl.col("alpha") == 20)
        .collect(engine="in-memory")
        .row(0, named=True)
    )
    keys = ("status", "z1", "bound", "gap", "open_sites", "assignment")
    assert document["solution"] == {key: row[key] for key in keys}
    assert solve(problem_from(document), Options(solver="highs")).objective == row["z1"]


def test_an_instance_without_a_row_has_no_solution(tiny: list[str], tmp_path: Path) -> None:
    """The network is drawn with the parameters of the run, and the solution is null."""
    words = [*tiny, "sweep.allocation=[A6]", "sweep.structure=[C1]", "seed=7"]
    run_sweep([*words, f"out={tmp_path / 'run'}"])
    main([*COORDINATE, f"run={tmp_path / 'run'}", f"out={tmp_path / 'seed7.json'}"])
    main([*COORDINATE, f"out={tmp_path / 'default.json'}"])
    assert read(tmp_path / "seed7.json")["solution"] is None
    assert read(tmp_path / "seed7.json")["sites"] != read(tmp_path / "default.json")["sites"]


@pytest.mark.slow
def test_the_mps_file_has_the_same_optimum(tmp_path: Path) -> None:
    """The optimum of model (1)-(11) in the MPS file equals that of the problem in JSON."""
    main([*COORDINATE, f"out={tmp_path / 'a.json'}"])
    main([*COORDINATE, "format=mps", f"out={tmp_path / 'a.mps'}"])
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(str(tmp_path / "a.mps"))
    highs.run()
    expected = solve(
        problem_from(read(tmp_path / "a.json")), Options(solver="highs", gap=0)
    ).objective
    assert highs.getInfo().objective_function_value == pytest.approx(expected, rel=1e-4)
    assert highs.getLp().col_names_[0] == "x_1_1"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("allocation=A9", "allocation: unknown 'A9'"),
        ("structure=C0", "structure: unknown 'C0'"),
        ("alpha=0", "alpha: expected greater than 0"),
        ("alpha=x", "alpha: expected a valid number"),
        ("replication=-1", "replication: expected greater than or equal to 0"),
        ("scale=0", "scale: expected greater than or equal to 1"),
        ("format=xls", "format: expected 'json' or 'mps'"),
        ("run=nowhere", "no run in nowhere"),
        ("out=nowhere/a.json", "out: cannot write nowhere/a.json"),
        ("colour=red", "unknown key 'colour'"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(tmp_path: Path, word: str, message: str) -> None:
    """The message names the wrong word, and no file is written."""
    with pytest.raises(UserError) as caught:
        main([*COORDINATE, f"out={tmp_path / 'a.json'}", word])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
