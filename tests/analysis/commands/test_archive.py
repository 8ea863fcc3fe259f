"""The verb ``archive``: what a journal wants, with right checksums, and the same bytes again."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

from analysis.commands.archive import main
from pipeline.commands.run import main as run_sweep
from pipeline.config.errors import UserError
from pipeline.results.schema import COORDINATE, RESULTS
from pipeline.results.table import read_results

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a run of two instances."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    words = ["sweep=smoke", "sweep.allocation=[A6]", "sweep.structure=[C3]", "solver=native"]
    assert run_sweep([*words, "engine=serial", "engine.in_process=true", f"out={folder}"]) == 0
    return folder


@pytest.fixture(scope="module")
def archive(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Archive the run."""
    path = tmp_path_factory.mktemp("archive") / "a.zip"
    assert main([str(run), f"out={path}"]) == 0
    assert [found.name for found in path.parent.iterdir()] == ["a.zip"]
    return path


@pytest.mark.slow
def test_an_archive_has_everything_with_its_checksum(run: Path, archive: Path) -> None:
    """Table, metadata, lock file, report; the checksums are those of all other files."""
    with zipfile.ZipFile(archive) as file:
        assert file.testzip() is None
        contents = {name: file.read(name) for name in file.namelist()}
    lines = contents.pop("SHA256SUMS").decode().splitlines()
    expected = [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in contents.items()]
    assert lines == expected
    assert {"README.txt", "report.html", "tables/table2.csv", "tables/table2.tex"} <= set(contents)
    assert {f"figures/figure4.{ending}" for ending in ("svg", "png", "pdf")} <= set(contents)
    rows = pl.read_parquet(io.BytesIO(contents["results.parquet"]))
    assert rows.equals(read_results(run).sort(COORDINATE).collect(engine="in-memory"))
    assert contents["run.json"] == (run / "run.json").read_bytes()
    assert json.loads(contents["run.json"])["configuration"]["sweep"]["name"] == "smoke"
    assert contents["requirements.lock"] == (ROOT / "requirements.lock").read_bytes()
    columns = pl.read_csv(io.BytesIO(contents["columns.csv"]))
    assert columns["column"].to_list() == RESULTS.names
    assert b"2 instances: 2 certified" in contents["README.txt"]
    assert [name for name in contents if name.startswith("selections/")] == [
        f"selections/{path.name}" for path in (run / "selections").iterdir()
    ]


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes(run: Path, archive: Path, tmp_path: Path) -> None:
    """Whenever it is archived; and the folder of the run stays as it is."""
    before = sorted(run.rglob("*"))
    assert main([str(run), f"out={tmp_path / 'b.zip'}"]) == 0
    assert (tmp_path / "b.zip").read_bytes() == archive.read_bytes()
    assert sorted(run.rglob("*")) == before


@pytest.mark.parametrize(
    ("out", "message"),
    [("a.tar", r"ends in \.zip"), ("nowhere/a.zip", "no folder")],
)
def test_a_file_that_cannot_be_written_is_a_mistake(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, message: str
) -> None:
    """One line; nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=message) as caught:
        main([str(run), f"out={out}"])
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
