"""A data file is named by its SHA-256, and its statistics describe its rows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.results import data_file
from pipeline.results.data_file import damage, read_data_file, without, write_data_file
from pipeline.results.schema import COORDINATE, RESULTS
from pipeline.results.table import results_folder
from tests.pipeline.results.one_row_commits import coordinates, row
from tests.pipeline.run_columns import RUN

COORDINATES = st.tuples(
    st.text(max_size=3),
    st.text(max_size=3),
    st.integers(-(2**31), 2**31 - 1),
    st.integers(-(2**31), 2**31 - 1),
    st.floats(),
)


def table(values: list[tuple[object, ...]]) -> pa.Table:
    """Make rows of the given coordinates."""
    shared = {**RUN._asdict(), "status": "error"}
    rows = [shared | dict(zip(COORDINATE, value, strict=True)) for value in values]
    return pa.Table.from_pylist(rows, schema=RESULTS)


def test_a_file_is_named_by_its_sha_256(tmp_path: Path) -> None:
    """The name is that of the command sha256sum; size and number of rows are recorded too."""
    action = write_data_file(tmp_path, [row(0), row(1)])
    content = (Path(results_folder(tmp_path)) / action.path).read_bytes()
    assert action.path == f"{hashlib.sha256(content).hexdigest()}.parquet"
    assert action.size == len(content)
    assert json.loads(action.stats)["numRecords"] == 2
    assert damage(tmp_path, action.path) is None


@settings(deadline=None, derandomize=True, max_examples=50)
@given(position=st.integers(0), change=st.integers(1, 255))
def test_each_changed_byte_is_found(
    tmp_path_factory: pytest.TempPathFactory, position: int, change: int
) -> None:
    """Whichever byte changes, and if the file is cut there."""
    run = tmp_path_factory.mktemp("run")
    name = write_data_file(run, [row(0)]).path
    path = Path(results_folder(run)) / name
    content = bytearray(path.read_bytes())
    position %= len(content)
    path.write_bytes(content[:position])
    assert str(damage(run, name)).startswith("its SHA-256 is ")
    content[position] ^= change
    path.write_bytes(content)
    assert str(damage(run, name)).startswith("its SHA-256 is ")


def test_a_missing_file_and_one_without_a_hash_are_damage(tmp_path: Path) -> None:
    """Both are said in words."""
    name = write_data_file(tmp_path, [row(0)]).path
    (Path(results_folder(tmp_path)) / name).unlink()
    assert damage(tmp_path, name) == "the file is missing"
    assert damage(tmp_path, "part-0.parquet") == "no SHA-256 is recorded"


@settings(deadline=None, derandomize=True, max_examples=50)
@given(values=st.lists(COORDINATES, min_size=1, max_size=5), rows_of_group=st.integers(1, 5))
def test_statistics_describe_the_rows(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple[object, ...]], rows_of_group: int
) -> None:
    """They are JSON without infinities, and no row is outside them; NaN has no order."""
    run = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_file, "_ROW_GROUP_ROWS", rows_of_group)
        stats = json.loads(write_data_file(run, [table(values)]).stats, parse_constant=pytest.fail)
    assert stats["numRecords"] == len(values)
    assert stats["nullCount"] == dict.fromkeys(COORDINATE, 0)
    for column, name in enumerate(COORDINATE):
        found = [value[column] for value in values if value[column] == value[column]]
        if name in stats["minValues"]:
            assert stats["minValues"][name] == min(found)  # type: ignore[type-var]
            assert stats["maxValues"][name] == max(found)  # type: ignore[type-var]
        else:
            assert name == "alpha"


def test_small_tables_are_joined_into_row_groups(tmp_path: Path) -> None:
    """Each group but the last is full, and the rows keep their order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_file, "_ROW_GROUP_ROWS", 3)
        action = write_data_file(tmp_path, (row(number) for number in range(8)))
    metadata = pq.read_metadata(Path(results_folder(tmp_path)) / action.path)
    groups = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    assert groups == [3, 3, 2]
    read = pa.concat_tables(read_data_file(tmp_path, action.path))
    assert read.schema == RESULTS
    assert read["replication"].to_pylist() == list(range(8))


def test_rows_without_keys_keep_their_order() -> None:
    """Only rows whose coordinates are named are left out."""
    rows = pa.concat_tables([row(number) for number in (3, 1, 2, 0)])
    left = without(rows, coordinates(pa.concat_tables([row(0), row(1), row(9)])))
    assert left["replication"].to_pylist() == [3, 2]
