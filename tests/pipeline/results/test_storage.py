"""Files are written atomically, and a run in an object store equals a run on a disk.

The requests go to a real S3 server.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import boto3
import polars as pl
import pytest

from analysis.commands.report import main as analyse
from pipeline.commands import replay
from pipeline.commands.instance import main as export
from pipeline.commands.run import main
from pipeline.config.compose import compose
from pipeline.config.errors import UserError
from pipeline.config.sections import validate
from pipeline.engine.driver import run
from pipeline.engine.interface import error_table
from pipeline.results import storage
from pipeline.results.committer import Committer
from pipeline.results.table import create_table, read_results
from pipeline.sweep.coordinate import NetworkCoordinate
from pipeline.sweep.job import Job
from solvers.options import Options
from solvers.problem import Problem
from solvers.start import Start
from tests.pipeline.run_columns import RUN

Table = Callable[[Path | str], pl.DataFrame]

SECRET = "planted-secret-of-an-object-store"


def serve(failure_rate: float, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start a server that fails a share of its requests; yield the address of a prefix."""
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "s3_server.py"), str(failure_rate)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        for key, value in {
            "AWS_ACCESS_KEY_ID": "tester",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": url,
            "AWS_ALLOW_HTTP": "true",
        }.items():
            monkeypatch.setenv(key, value)
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="sweeps")
        yield "s3://sweeps/of-a-test/run"
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A prefix on a server without failures."""
    yield from serve(0.0, monkeypatch)


@pytest.fixture
def flaky_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A prefix on a server that fails one request in twenty."""
    yield from serve(0.05, monkeypatch)


def objects() -> dict[str, bytes]:
    """Return all objects in the bucket, by key."""
    client = boto3.client("s3", region_name="us-east-1")
    found = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket="sweeps"):
        for entry in page.get("Contents", []):
            body = client.get_object(Bucket="sweeps", Key=entry["Key"])["Body"]
            found[entry["Key"]] = body.read()
    return found


def test_a_local_file_is_written_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    """The folders above are created; a failing write leaves the old file and nothing else."""
    folder = tmp_path / "new" / "run"
    assert storage.create(folder, "run.json", b"first")
    assert not storage.create(folder, "run.json", b"second")
    assert storage.read(folder, "run.json") == b"first"
    storage.write(folder, "run.json", b"third")
    assert storage.read(folder, "run.json") == b"third"
    (folder / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        storage.write(folder, "taken", b"fourth")
    assert {path.name for path in folder.iterdir()} == {"run.json", "taken"}


@pytest.mark.slow
def test_a_run_in_an_object_store_equals_the_run_on_a_disk(
    tiny: list[str], bucket: str, tmp_path: Path, deterministic: Table
) -> None:
    """The same commands continue, extend, export and analyse it, and the tables are equal."""
    half = [word for word in tiny if not word.startswith("sweep.allocation")]
    assert main([*half, "sweep.allocation=[A6]", f"out={bucket}"]) == 0
    assert main([*tiny, f"out={bucket}"]) == 0
    assert main([*tiny, f"out={bucket}"]) == 0
    assert main([*tiny, f"out={tmp_path / 'run'}"]) == 0
    assert deterministic(bucket).equals(deterministic(tmp_path / "run"))
    assert analyse([f"run={bucket}"]) == 0
    written = {key.removeprefix("of-a-test/run/") for key in objects()}
    assert {"run.json", "tables/table2.csv", "tables/table6.csv", "figures/figure6.png"} <= written
    instance = ["allocation=A6", "structure=C11", "alpha=2", f"out={tmp_path / 'a.json'}"]
    assert export([f"run={bucket}", *instance]) == 0
    assert '"open_sites"' in (tmp_path / "a.json").read_text()


@pytest.mark.slow
def test_failing_requests_lose_and_duplicate_no_row(
    tiny: list[str], flaky_bucket: str, tmp_path: Path, deterministic: Table
) -> None:
    """One request in twenty fails; half of those were carried out and only the response is lost."""
    words = [*tiny, "engine.chunk_s=0.001", "store.commit_rows=1"]
    assert main([*words, f"out={flaky_bucket}"]) == 0
    assert main([*words, f"out={tmp_path}"]) == 0
    assert deterministic(flaky_bucket).equals(deterministic(tmp_path))


def test_of_two_processes_one_creates_a_file(bucket: str) -> None:
    """The first one creates it; the second one does not overwrite it."""
    assert storage.create(bucket, "run.json", b"first")
    assert not storage.create(bucket, "run.json", b"second")
    assert storage.read(bucket, "run.json") == b"first"


@pytest.mark.slow
def test_a_commit_whose_response_is_lost_is_made_once(flaky_bucket: str) -> None:
    """The committer finds such a commit in the log and does not make it again."""
    create_table(flaky_bucket)
    writer = Committer(flaky_bucket, 1, 3600.0, {})
    labels = [f"C{n}" for n in range(1, 26)]
    for label in labels:
        writer.add(
            error_table(RUN, (Job(NetworkCoordinate("A1", label), (2.0,), 1.0),), 1, "a test")
        )
    found = read_results(flaky_bucket).collect(engine="in-memory")
    assert sorted(found["structure"]) == sorted(labels)


def fail(problem: Problem, options: Options, start: Start | None = None) -> NoReturn:
    """Fail, whatever the problem is."""
    raise RuntimeError("injected")


def test_a_bundle_in_an_object_store_can_be_replayed(
    tiny: list[str], bucket: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bundles are written to the run's prefix, and the replay command reads them there."""
    words = [*tiny, "sweep.allocation=[A6]", "sweep.structure=[C1]", f"out={bucket}"]
    assert run(validate(compose("config", words)), fail) == 1
    assert replay.main([f"bundle={bucket}/failures/A6-C1-r0-s1-a2.0"]) == 0
    assert "status     optimal" in capsys.readouterr().out


def test_credentials_are_in_no_object(tiny: list[str], bucket: str) -> None:
    """The secret key of the store is not written into it."""
    assert main([*tiny, "sweep.allocation=[A6]", f"out={bucket}"]) == 0
    found = objects()
    assert len(found) >= 3
    assert not [key for key, body in found.items() if SECRET.encode() in body]


def test_a_run_in_an_object_store_has_its_log_and_selection(tiny: list[str], bucket: str) -> None:
    """A store cannot append to a file: the log is written as a whole, at last when a run ends."""
    assert main([*tiny, "sweep.allocation=[A6]", f"out={bucket}"]) == 0
    found = objects()
    (log,) = [body.decode() for key, body in found.items() if "/logs/" in key]
    assert "start: {" in log
    assert log.endswith("6 instances: 6 certified\n" + log.splitlines()[-1] + "\n")
    assert log.splitlines()[-1].endswith(" end")
    assert len([key for key in found if "/selections/" in key]) == 1


@pytest.mark.parametrize(
    "out",
    [
        "s3://key:secret@bucket/prefix",
        "s3://bucket/prefix?X-Amz-Signature=abc",
        "s3://",
        "http://server/bucket",
        "file:///tmp/x",
        "per%20cent",
        "[a]*",
    ],
)
def test_a_folder_with_credentials_or_of_another_scheme_is_refused(
    tiny: list[str], out: str
) -> None:
    """The name is stored with the run and must hold no secret; the error says what is expected."""
    with pytest.raises(UserError, match=r"expected a folder, .* or s3, gs, az"):
        main([*tiny, f"out='{out}'"])


def test_a_missing_bucket_is_a_user_error_of_one_line(tiny: list[str], bucket: str) -> None:
    """The run stops before it computes anything."""
    with pytest.raises(UserError) as caught:
        main([*tiny, "out=s3://no-such-bucket/run"])
    assert "\n" not in str(caught.value)
    assert "s3://no-such-bucket/run" in str(caught.value)
