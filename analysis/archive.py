"""A run in one ZIP file, as a journal wants it: the same run gives the same bytes."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.page.render import PAGE
from pipeline.config.files import lock_file
from pipeline.config.folder import Folder, join_path
from pipeline.results import provenance, selections, storage
from pipeline.results.schema import COORDINATE, RESULTS
from pipeline.results.table import read_results

TABLE = "results.parquet"
CHECKSUMS = "SHA256SUMS"

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive: the earliest that ZIP knows."""

README = """\
{title}

{table}  the results table, a row for each instance, in the order of the coordinates
columns.csv      its columns: type, unit, meaning
run.json         configuration, versions and state of the code at the first command of the run
selections/      which instances each command asked for
requirements.lock  the packages of the program that wrote this archive, with their checksums
{page}      the report: open it in a browser
tables/          its tables, as CSV and LaTeX
figures/         its figures, as SVG, PNG and PDF
{checksums}       checksums; sha256sum --check {checksums}

{asked}
Written by {program}.
"""


def write_archive(run: Folder, report: Path, asked: str, path: Path) -> list[str]:
    """Write a run and its report into a ZIP file.

    Parameters
    ----------
    run : path or str
        Folder of the run, local or in an object store.
    report : pathlib.Path
        Local folder with the report on it.
    asked : str
        How complete the run is, in words.
    path : pathlib.Path
        The file.

    Returns
    -------
    list of str
        The names of the files in it, in their order.

    Raises
    ------
    UserError
        There is no run.
    OSError
        The file cannot be written.
    """
    contents = dict(_contents(run, report, asked))
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {n}\n" for n, data in contents.items())
    contents[CHECKSUMS] = sums.encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, data in contents.items():
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, so that the permissions count
            entry.external_attr = 0o644 << 16
            file.writestr(entry, data)
    return list(contents)


def _contents(run: Folder, report: Path, asked: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file, except the checksums."""
    metadata = provenance.read(run)
    yield "README.txt", _readme(metadata, asked).encode()
    table = io.BytesIO()
    rows = read_results(run).sort(COORDINATE).collect(engine="in-memory")
    rows.write_parquet(table, compression="zstd")
    yield TABLE, table.getvalue()
    yield "columns.csv", _columns().encode()
    yield provenance.RUN_FILE, storage.read(run, provenance.RUN_FILE)
    folder = join_path(run, selections.FOLDER)
    try:
        names = list(storage.file_sizes(folder))
    except FileNotFoundError:
        names = []
    for name in names:
        yield f"{selections.FOLDER}/{name}", storage.read(folder, name)
    yield "requirements.lock", lock_file().read_bytes()
    for place in sorted(path for path in report.rglob("*") if path.is_file()):
        yield place.relative_to(report).as_posix(), place.read_bytes()


def _readme(metadata: dict[str, Any], asked: str) -> str:
    name = metadata["configuration"]["sweep"]["name"]
    return README.format(
        title=f"Sweep {name} of facility-siting problems, computed with sitesweep",
        table=TABLE,
        page=PAGE,
        checksums=CHECKSUMS,
        asked=f"Asked of the run: {asked}.",
        program=provenance.describe_program(),
    )


def _columns() -> str:
    """Describe the columns of the table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["column", "type", "unit", "meaning"])
    for field in RESULTS:
        known = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
        writer.writerow([field.name, field.type, known.get("unit", ""), known.get("comment", "")])
    return text.getvalue()
