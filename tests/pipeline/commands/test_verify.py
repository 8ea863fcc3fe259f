"""A stored solution passes if it is one and costs what its row says; nothing else passes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.commands.run import main as sweep
from pipeline.commands.verify import main
from pipeline.config.errors import UserError
from pipeline.results import verification
from pipeline.results.committer import Committer
from pipeline.results.schema import COORDINATE, RESULTS
from pipeline.results.table import create_table, read_results

Row = dict[str, Any]
Tamper = Callable[[Row], Row]
Said = pytest.CaptureFixture[str]

WORDS = ["sweep=smoke", "solver=highs", "engine=serial"]
FEW = [*WORDS, "sweep.allocation=[A4,A7]", "sweep.structure=[C1]", "solver.method=collapsed"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a run of four rows: A4 and A7, at alpha 2 and 20."""
    folder = tmp_path_factory.mktemp("run")
    assert sweep([*FEW, f"out={folder}"]) == 0
    return folder


def rows_of(run: Path) -> list[Row]:
    """Read all rows of a run, by coordinate."""
    return read_results(run).sort(COORDINATE).collect(engine="in-memory").to_dicts()


def copy(run: Path, rows: list[Row], to: Path) -> None:
    """Make a run of the same configuration with other rows."""
    to.mkdir(exist_ok=True)
    (to / "run.json").write_text((run / "run.json").read_text())
    create_table(to)
    with Committer(to, 10**6, 3600.0, {"made by": "a test"}) as committer:
        committer.add(pa.Table.from_pylist(rows, schema=RESULTS))


def test_a_run_as_it_was_computed_passes(run: Path, capsys: Said) -> None:
    """Every row holds a solution that passes; the command leaves with 0."""
    capsys.readouterr()
    assert main([f"run={run}"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split() for line in said] == [
        ["rows", "4"],
        ["solutions", "4"],
        ["no", "solution", "0"],
        ["passing", "4"],
        ["failing", "0"],
    ]


def scaled(column: str, factor: float) -> Tamper:
    """Multiply a number of a row."""
    return lambda row: {column: row[column] * factor}


def crowded(row: Row) -> Row:
    """Give all twenty customers to one site: more than any can make."""
    return {"assignment": [row["open_sites"][0]] * len(row["assignment"])}


def closed(row: Row) -> Row:
    """Close the last open site, but let it serve."""
    return {"open_sites": row["open_sites"][:-1]}


def moved(row: Row) -> Row:
    """Let another open site serve the first customer that it does not serve yet."""
    site = row["open_sites"][0]
    assignment = list(row["assignment"])
    assignment[next(k for k, j in enumerate(assignment) if j != site)] = site
    return {"assignment": assignment}


TAMPERED: dict[str, tuple[Tamper, str]] = {
    "a wrong z1": (scaled("z1", 1 + 1e-7), "z1 "),
    "a wrong objective": (scaled("objective", 0.999), "objective "),
    "a wrong z2": (scaled("z2", 1.001), "z2 "),
    "a wrong z3": (scaled("z3_first", 0.99), "z3_first "),
    "one open site too many": (lambda row: {"z4": row["z4"] + 1}, "z4 "),
    "an overloaded site": (crowded, "(4): a site makes more than its capacity"),
    "a closed site that serves": (closed, "(8): a closed site serves a customer"),
    "another assignment": (moved, "z1 "),
    "a customer too few": (lambda row: {"assignment": row["assignment"][1:]}, "customers of 20"),
    "a customer without a site": (
        lambda row: {"assignment": [None, *row["assignment"][1:]]},
        "(2): a customer is assigned to no site",
    ),
    "a customer of a site that is none": (
        lambda row: {"assignment": [99, *row["assignment"][1:]]},
        "(2): a customer is assigned to no site",
    ),
    "an open site that is none": (
        lambda row: {"open_sites": [*row["open_sites"], 99]},
        "open_sites: not ascending numbers below",
    ),
    "a site open twice": (
        lambda row: {"open_sites": [row["open_sites"][0], *row["open_sites"]]},
        "open_sites: not ascending numbers",
    ),
    "a bound above the objective": (
        lambda row: {"bound": row["objective"] * 1.001, "gap": 0.0},
        "above the cost",
    ),
    "a bound that is no number": (lambda row: {"bound": float("nan")}, "bound nan"),
    "no bound": (lambda row: {"bound": None}, "bound None"),
    "a wrong gap": (lambda row: {"gap": 5e-5}, "gap 5e-05, computed again"),
    "optimal far from its bound": (
        lambda row: {"bound": row["objective"] / 2, "gap": 0.5},
        "called optimal with a gap of 0.5",
    ),
    "no solution": (lambda row: {"assignment": None}, "status optimal without assignment"),
    "a solution that is said not to be": (
        lambda row: {"status": "infeasible"},
        "status infeasible with z1",
    ),
    "a status that is none": (lambda row: {"status": "perfect"}, "'perfect' is none"),
    "another alpha": (lambda row: {"alpha": 3.0}, "z1 "),
    "an alpha that is none": (lambda row: {"alpha": -1.0}, "no such instance: alpha"),
    "another network": (lambda row: {"replication": 1}, ":"),
    "an unknown allocation": (lambda row: {"allocation": "A9"}, "no such instance: 'A9'"),
    "an unknown structure": (lambda row: {"structure": "C99"}, "no such instance: 'C99'"),
    "a replication that is none": (lambda row: {"replication": -1}, "no such instance"),
    "another draw": (lambda row: {"draw_attempt": 99}, "draw_attempt 99, drawn again"),
}


@pytest.mark.parametrize("mistake", TAMPERED)
def test_what_is_tampered_with_is_found(
    run: Path, tmp_path: Path, capsys: Said, mistake: str
) -> None:
    """One row of four is changed: it fails, by its reason, and the others pass."""
    tamper, reason = TAMPERED[mistake]
    rows = rows_of(run)
    rows[2] |= tamper(rows[2])
    copy(run, rows, tmp_path)
    assert main([f"run={tmp_path}"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[3:5] == ["passing      3", "failing      1"]
    row = rows[2]
    where = f"{row['allocation']} {row['structure']} replication {row['replication']} scale 1"
    assert said[5].startswith(f"{where} alpha {row['alpha']:g}: ")
    assert reason in said[5]


def test_an_instance_with_two_rows_fails(run: Path, tmp_path: Path, capsys: Said) -> None:
    """Two good rows of one instance are one too many."""
    rows = rows_of(run)
    copy(run, [*rows, rows[2]], tmp_path)
    assert main([f"run={tmp_path}"]) == 1
    assert "A7 C1 replication 0 scale 1 alpha 2: 2 rows of one instance" in capsys.readouterr().out


def test_rows_without_a_solution_pass_by_their_status(
    run: Path, tmp_path: Path, capsys: Said
) -> None:
    """What has no solution is counted by status, and is no failure."""
    columns = ("z1", "z2", "z3_first", "z3_second", "z4", "objective", "gap")
    nothing = dict.fromkeys([*columns, "open_sites", "assignment"])
    rows = rows_of(run)
    for row, status in zip(rows, ("error", "no_solution", "infeasible"), strict=False):
        row |= nothing | {"status": status}
    copy(run, rows, tmp_path)
    assert main([f"run={tmp_path}"]) == 0
    said = capsys.readouterr().out
    assert "solutions    1\n" in said
    assert "no solution  3: 1 error, 1 infeasible, 1 no solution\n" in said


def test_of_many_that_fail_the_first_twenty_are_named(
    run: Path, tmp_path: Path, capsys: Said
) -> None:
    """The first by coordinate, in whatever order the table has them; the rest is a number."""
    row = rows_of(run)[0] | {"z1": 1.0}
    rows = [row | {"replication": -number} for number in range(1, 51)]
    copy(run, rows, tmp_path)
    assert main([f"run={tmp_path}"]) == 1
    said = capsys.readouterr().out.splitlines()
    named = [int(line.split()[3]) for line in said if " replication " in line]
    assert named == list(range(-50, -30))
    assert said[-1] == "and 30 more"


@pytest.mark.parametrize("supply", ["99999999", "900"])
def test_rows_of_the_direct_model_pass_whether_or_not_sources_bind(
    tmp_path: Path, capsys: Said, supply: str
) -> None:
    """Flows are not stored: they pass by the cheapest flows, and the report says how many."""
    words = [*FEW, "sweep.allocation=[A6]", "solver.method=direct", f"network.supply={supply}"]
    assert sweep([*words, "sweep.alpha=[2,2.3]", f"out={tmp_path / 'run'}"]) == 0
    assert main([f"run={tmp_path / 'run'}"]) == 0
    said = capsys.readouterr().out
    assert "passing      2\n" in said
    assert "2 solutions are of the direct model" in said
    rows = rows_of(tmp_path / "run")
    rows[0]["z1"] = rows[0]["objective"] = rows[0]["z1"] * 0.999
    copy(tmp_path / "run", rows, tmp_path / "cheaper")
    assert main([f"run={tmp_path / 'cheaper'}"]) == 1
    assert "A6 C1 replication 0 scale 1 alpha 2: " in capsys.readouterr().out


@pytest.mark.parametrize("batch", [1, 3, 4])
def test_every_row_is_seen_once_whatever_the_batch(
    run: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """Four rows are four, one at a time, in uneven batches, and in one that is just full."""
    monkeypatch.setattr(verification, "_BATCH_ROWS", batch)
    assert main([f"run={run}"]) == 0
    assert "passing      4\n" in capsys.readouterr().out


@pytest.mark.slow
def test_a_smoke_run_passes(tmp_path: Path) -> None:
    """All 24 solutions of the default method are what their rows say."""
    assert sweep([*WORDS, f"out={tmp_path}"]) == 0
    assert main([f"run={tmp_path}"]) == 0


def test_without_a_run_there_is_nothing_to_verify(run: Path, tmp_path: Path) -> None:
    """A folder without a table, or without its run.json, is a user's mistake."""
    with pytest.raises(UserError, match="no results table"):
        main([f"run={tmp_path}"])
    copy(run, rows_of(run), tmp_path)
    (tmp_path / "run.json").unlink()
    with pytest.raises(UserError, match=r"run\.json"):
        main([f"run={tmp_path}"])
