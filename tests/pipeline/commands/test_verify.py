"""A row passes if and only if its solution is feasible and its numbers are correct."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.commands.run import main as run_sweep
from pipeline.commands.verify import main, solve_again
from pipeline.config.errors import UserError
from pipeline.results import verification
from pipeline.results.committer import Committer
from pipeline.results.schema import COORDINATE, RESULTS
from pipeline.results.table import create_table, read_results, results_folder
from pipeline.sweep.coordinate import NetworkCoordinate
from tests.pipeline.engine.poisoned import CRASHES
from tests.pipeline.engine.test_isolation import context

Row = dict[str, Any]
Tamper = Callable[[Row], Row]
Capture = pytest.CaptureFixture[str]

WORDS = ["sweep=smoke", "solver=native", "engine=serial"]
FEW = [*WORDS, "sweep.allocation=[A4,A7]", "sweep.structure=[C1]", "solver=highs"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a run of four rows: A4 and A7, at alpha 2 and 20."""
    folder = tmp_path_factory.mktemp("run")
    assert run_sweep([*FEW, f"out={folder}"]) == 0
    return folder


def rows_of(run: Path) -> list[Row]:
    """Read all rows of a run, by coordinate."""
    return read_results(run).sort(COORDINATE).collect(engine="in-memory").to_dicts()


def copy_with_rows(run: Path, rows: list[Row], to: Path) -> None:
    """Make a run of the same configuration with the given rows."""
    to.mkdir(exist_ok=True)
    (to / "run.json").write_text((run / "run.json").read_text())
    create_table(to)
    with Committer(to, 10**6, 3600.0, {"made by": "a test"}) as committer:
        committer.add(pa.Table.from_pylist(rows, schema=RESULTS))


def test_a_run_as_it_was_computed_passes(run: Path, capsys: Capture) -> None:
    """Every row of a sweep passes, and the exit code is 0."""
    capsys.readouterr()
    assert main([f"run={run}"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split() for line in printed] == [
        ["data", "files", "1"],
        ["damaged", "0"],
        ["rows", "4"],
        ["solutions", "4"],
        ["no", "solution", "0"],
        ["passing", "4"],
        ["failing", "0"],
    ]


def scaled(column: str, factor: float) -> Tamper:
    """Multiply a number of a row."""
    return lambda row: {column: row[column] * factor}


def overloaded(row: Row) -> Row:
    """Assign all twenty customers to one site, more than its capacity."""
    return {"assignment": [row["open_sites"][0]] * len(row["assignment"])}


def closed(row: Row) -> Row:
    """Close the last open site, but keep its customers."""
    return {"open_sites": row["open_sites"][:-1]}


def reassigned(row: Row) -> Row:
    """Assign the first customer of another site to the first open site."""
    site = row["open_sites"][0]
    assignment = list(row["assignment"])
    assignment[next(k for k, j in enumerate(assignment) if j != site)] = site
    return {"assignment": assignment}


TAMPERED: dict[str, tuple[Tamper, str]] = {
    "a wrong z1": (scaled("z1", 1 + 1e-7), "z1 "),
    "a wrong run id": (lambda row: {"run_id": "0" * 16}, "run_id "),
    "a wrong seed": (lambda row: {"seed": 1}, "seed 1"),
    "a wrong number of sites": (scaled("n_sites", 2), "n_sites "),
    "a wrong demand": (lambda row: {"total_demand": row["total_demand"] + 1}, "total_demand "),
    "a wrong capacity": (scaled("total_capacity", 1.5), "total_capacity "),
    "a wrong objective": (scaled("objective", 0.999), "objective "),
    "a wrong z2": (scaled("z2", 1.001), "z2 "),
    "a wrong z3": (scaled("z3_first", 0.99), "z3_first "),
    "one open site too many": (lambda row: {"z4": row["z4"] + 1}, "z4 "),
    "an overloaded site": (overloaded, "(4): a site makes more than its capacity"),
    "a closed site that serves": (closed, "(8): a closed site serves a customer"),
    "another assignment": (reassigned, "z1 "),
    "one customer too few": (lambda row: {"assignment": row["assignment"][1:]}, "customers of 20"),
    "a customer without a site": (
        lambda row: {"assignment": [None, *row["assignment"][1:]]},
        "(2): a customer is assigned to no site",
    ),
    "a customer of a nonexistent site": (
        lambda row: {"assignment": [99, *row["assignment"][1:]]},
        "(2): a customer is assigned to no site",
    ),
    "a nonexistent open site": (
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
    "a bound that is not a number": (lambda row: {"bound": float("nan")}, "bound nan"),
    "no bound": (lambda row: {"bound": None}, "bound None"),
    "a wrong gap": (lambda row: {"gap": 5e-5}, "gap 5e-05, computed again"),
    "optimal far from its bound": (
        lambda row: {"bound": row["objective"] / 2, "gap": 0.5},
        "called optimal with a gap of 0.5",
    ),
    "no solution": (lambda row: {"assignment": None}, "status optimal without assignment"),
    "a solution with status infeasible": (
        lambda row: {"status": "infeasible"},
        "status infeasible with z1",
    ),
    "an unknown status": (lambda row: {"status": "perfect"}, "'perfect' is none"),
    "another alpha": (lambda row: {"alpha": 3.0}, "z1 "),
    "an alpha below 0": (lambda row: {"alpha": -1.0}, "no such instance: alpha"),
    "another network": (lambda row: {"replication": 1}, ":"),
    "an unknown allocation": (lambda row: {"allocation": "A9"}, "no such instance: 'A9'"),
    "an unknown structure": (lambda row: {"structure": "C99"}, "no such instance: 'C99'"),
    "a replication below 0": (lambda row: {"replication": -1}, "no such instance"),
    "another draw": (lambda row: {"draw_attempt": 99}, "draw_attempt 99, expected"),
}


@pytest.mark.slow
@pytest.mark.parametrize("mistake", TAMPERED)
def test_each_manipulation_of_a_row_is_found(
    run: Path, tmp_path: Path, capsys: Capture, mistake: str
) -> None:
    """One row of four is changed: it fails with its reason, and the others pass."""
    tamper, reason = TAMPERED[mistake]
    rows = rows_of(run)
    rows[2] |= tamper(rows[2])
    copy_with_rows(run, rows, tmp_path)
    assert main([f"run={tmp_path}"]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[5:7] == ["passing      3", "failing      1"]
    row = rows[2]
    where = f"{row['allocation']} {row['structure']} replication {row['replication']} scale 1"
    assert printed[7].startswith(f"{where} alpha {row['alpha']:g}: ")
    assert reason in printed[7]


def test_a_damaged_data_file_fails(run: Path, tmp_path: Path, capsys: Capture) -> None:
    """One changed byte is found, in one line; the rows of other files are checked."""
    copy_with_rows(run, rows_of(run)[:3], tmp_path)
    copy_with_rows(run, rows_of(run)[3:], tmp_path)
    file = next(iter(Path(results_folder(tmp_path)).glob("*.parquet")))
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    assert main([f"run={tmp_path}"]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[:2] == ["data files   2", "damaged      1"]
    assert printed[5] in ("passing      1", "passing      3")
    assert printed[7].startswith(f"data file {file.name}: its SHA-256 is ")
    assert len(printed) == 8


def test_an_instance_with_two_rows_fails(run: Path, tmp_path: Path, capsys: Capture) -> None:
    """Two rows of one instance fail, although each alone would pass."""
    rows = rows_of(run)
    copy_with_rows(run, [*rows, rows[2]], tmp_path)
    assert main([f"run={tmp_path}"]) == 1
    assert "A7 C1 replication 0 scale 1 alpha 2: 2 rows of one instance" in capsys.readouterr().out


def test_rows_without_a_solution_pass_by_their_status(
    run: Path, tmp_path: Path, capsys: Capture
) -> None:
    """Rows that claim nothing about their instance are counted by status, and do not fail."""
    columns = ("z1", "z2", "z3_first", "z3_second", "z4", "objective", "gap")
    no_solution = dict.fromkeys([*columns, "open_sites", "assignment"])
    rows = rows_of(run)
    for row, status in zip(rows, ("error", "no_solution", "no_solution"), strict=False):
        row |= no_solution | {"status": status}
    copy_with_rows(run, rows, tmp_path)
    assert main([f"run={tmp_path}"]) == 0
    printed = capsys.readouterr().out
    assert "solutions    1\n" in printed
    assert "no solution  3: 1 error, 2 no solution\n" in printed


def test_an_infeasible_row_of_a_feasible_instance_fails(
    run: Path, tmp_path: Path, capsys: Capture
) -> None:
    """A row that was changed to infeasible, without any other mistake, is found."""
    columns = ("z1", "z2", "z3_first", "z3_second", "z4", "objective", "gap", "bound")
    no_solution = dict.fromkeys([*columns, "open_sites", "assignment"])
    rows = rows_of(run)
    rows[1] |= no_solution | {"status": "infeasible"}
    copy_with_rows(run, rows, tmp_path)
    assert main([f"run={tmp_path}"]) == 1
    expected = "A4 C1 replication 0 scale 1 alpha 20: status infeasible, but there is a solution"
    assert expected in capsys.readouterr().out


def test_an_infeasible_row_is_proven_again(tmp_path: Path, capsys: Capture) -> None:
    """Sites that together make less than the demand leave no solution, and the row passes."""
    small = ["network.capacity=[1,5]", "network.min_capacity_ratio=0", f"out={tmp_path}"]
    run_sweep([*FEW, "sweep.allocation=[A6]", *small])
    assert {row["status"] for row in rows_of(tmp_path)} == {"infeasible"}
    assert main([f"run={tmp_path}"]) == 0
    assert "no solution  2: 2 infeasible\n" in capsys.readouterr().out


def test_a_proof_that_crashes_is_an_error_row(tmp_path: Path) -> None:
    """The solver runs in a child process, so verify goes on with the next row."""
    row = solve_again(context(tmp_path / "log"), NetworkCoordinate("A6", "C1"), CRASHES)
    assert (row["status"], row["error"]) == ("error", "its process was ended by SIGSEGV")


def test_only_the_first_twenty_failing_rows_are_named(
    run: Path, tmp_path: Path, capsys: Capture
) -> None:
    """The order is by coordinate, not that of the table; the other rows are counted."""
    row = rows_of(run)[0] | {"z1": 1.0}
    rows = [row | {"replication": -number} for number in range(1, 51)]
    copy_with_rows(run, rows, tmp_path)
    assert main([f"run={tmp_path}"]) == 1
    printed = capsys.readouterr().out.splitlines()
    named = [int(line.split()[3]) for line in printed if " replication " in line]
    assert named == list(range(-50, -30))
    assert printed[-1] == "and 30 more"


@pytest.mark.slow
@pytest.mark.parametrize(("supply", "factor"), [("99999999", 0.999), ("900", 1.001)])
def test_rows_of_the_direct_model_pass_with_and_without_binding_supply(
    tmp_path: Path, capsys: Capture, supply: str, factor: float
) -> None:
    """Flows are not stored: a row has the cheapest ones for its sites and assignment."""
    words = [*FEW, "sweep.allocation=[A6]", "solver.model=direct", f"network.supply={supply}"]
    assert run_sweep([*words, "sweep.alpha=[2,2.3]", f"out={tmp_path / 'run'}"]) == 0
    assert main([f"run={tmp_path / 'run'}"]) == 0
    assert "passing      2\n" in capsys.readouterr().out
    rows = rows_of(tmp_path / "run")
    rows[0]["z1"] = rows[0]["objective"] = rows[0]["z1"] * factor
    copy_with_rows(tmp_path / "run", rows, tmp_path / "other")
    assert main([f"run={tmp_path / 'other'}"]) == 1
    assert "A6 C1 replication 0 scale 1 alpha 2: " in capsys.readouterr().out


@pytest.mark.parametrize("batch", [1, 3, 4])
def test_every_row_is_checked_once_for_any_batch_size(
    run: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """Four rows are checked in batches of one, in uneven batches, and in one full batch."""
    monkeypatch.setattr(verification, "_BATCH_ROWS", batch)
    assert main([f"run={run}"]) == 0
    assert "passing      4\n" in capsys.readouterr().out


@pytest.mark.slow
def test_a_smoke_run_passes(tmp_path: Path) -> None:
    """All 24 rows of the default method pass."""
    assert run_sweep([*WORDS, f"out={tmp_path}"]) == 0
    assert main([f"run={tmp_path}"]) == 0


def test_verification_without_a_run_is_a_mistake(run: Path, tmp_path: Path) -> None:
    """A folder without a table, or without its run.json, is a user's mistake."""
    with pytest.raises(UserError, match="no results table"):
        main([f"run={tmp_path}"])
    copy_with_rows(run, rows_of(run), tmp_path)
    (tmp_path / "run.json").unlink()
    with pytest.raises(UserError, match=r"run\.json"):
        main([f"run={tmp_path}"])
