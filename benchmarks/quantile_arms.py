"""The ways to compute quantiles by group that `benchmarks.quantiles` compares.

Each arm imports its libraries by itself, so that the memory of one does not count for another.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BY = ("allocation", "structure", "scale", "alpha")
INDICATORS = ("z1", "z2", "z3_first", "z3_second", "z4")
QUANTILES = (0.1, 0.5, 0.9)

Quantiles = dict[tuple[Any, ...], list[float]]
"""Group -> its quantiles, indicator after indicator."""


def run_arm(name: str, run: str, cores: int, out: str) -> None:
    """Run one arm in this process; write seconds, peak memory and quantiles as JSON.

    Parameters
    ----------
    name : str
        One of `ARMS`.
    run : str
        Folder of the run with the table.
    cores : int
        How many of the cores that this process may use.
    out : str
        The file to write.
    """
    # The libraries count the cores when they are imported.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    begin = time.perf_counter()
    quantiles = ARMS[name](Path(run), cores)
    wall_s = time.perf_counter() - begin
    used = resource.getrusage(resource.RUSAGE_SELF)
    # Not ru_maxrss: that of a process includes the memory of the process that started it.
    status = Path("/proc/self/status").read_text()
    peak_kb = int(status.partition("VmHWM:")[2].split()[0])
    Path(out).write_text(
        json.dumps(
            {
                "wall_s": wall_s,
                "processor_s": used.ru_utime + used.ru_stime,
                "peak_mb": peak_kb / 1024,
                "quantiles": sorted([list(group), found] for group, found in quantiles.items()),
            }
        )
    )


def files_of(run: Path) -> list[str]:
    """List the data files of a table that has no other files in its folder."""
    return sorted(map(str, (run / "results").glob("*.parquet")))


def with_sitesweep(run: Path, cores: int) -> Quantiles:
    """Compute them as `sitesweep report` does, with their least and greatest possible values."""
    from analysis.question import Question
    from analysis.summary import summarise_values
    from pipeline.results.table import read_results

    question = Question.model_validate({"by": list(BY), "quantiles": list(QUANTILES)})
    return _by_group(summarise_values(read_results(run), question))


def with_sitesweep_in_percent(run: Path, cores: int) -> Quantiles:
    """Compute them as `sitesweep report` does, in percent of the values at alpha = 20."""
    from analysis.question import Question
    from analysis.summary import summarise_percent
    from pipeline.results.table import read_results

    table = read_results(run)
    question = Question.model_validate({"by": list(BY), "quantiles": list(QUANTILES)})
    return _by_group(summarise_percent(table, question, table, 20.0))


def _by_group(summary: Any) -> Quantiles:
    """Join the rows of a group, one for each indicator."""
    found: Quantiles = {}
    for row in summary.iter_rows(named=True):
        group = tuple(row[name] for name in BY)
        found.setdefault(group, []).extend(row[f"q{p:g}"] for p in QUANTILES)
    return found


def with_duckdb(run: Path, cores: int) -> Quantiles:
    """Compute them by one statement of SQL over the Parquet files, without ranges."""
    import duckdb

    columns = ", ".join(f"quantile_cont({name}, {list(QUANTILES)})" for name in INDICATORS)
    groups = ", ".join(BY)
    connection = duckdb.connect(config={"threads": cores})
    connection.execute("set enable_progress_bar = false")
    statement = f"select {groups}, {columns} from read_parquet(?) group by {groups}"
    rows = connection.execute(statement, [files_of(run)]).fetchall()
    n = len(BY)
    return {row[:n]: [value for found in row[n:] for value in found] for row in rows}


def with_pandas(run: Path, cores: int) -> Quantiles:
    """Compute them from one DataFrame with labels as categories, without ranges."""
    import pandas

    names = list(BY[:2])
    parts = []
    for file in files_of(run):
        part = pandas.read_parquet(file, columns=[*BY, *INDICATORS])
        parts.append(part.astype(dict.fromkeys(names, "category")))
    frame = pandas.concat(parts, ignore_index=True)
    frame = frame.astype(dict.fromkeys(names, "category"))
    grouped = frame.groupby(list(BY), observed=True)[list(INDICATORS)].quantile(list(QUANTILES))
    table = grouped.unstack()
    order = [(name, p) for name in INDICATORS for p in QUANTILES]
    return dict(zip(map(tuple, table.index), table[order].to_numpy().tolist(), strict=True))


ARMS: dict[str, Callable[[Path, int], Quantiles]] = {
    "sitesweep": with_sitesweep,
    "sitesweep-percent": with_sitesweep_in_percent,
    "duckdb": with_duckdb,
    "pandas": with_pandas,
}
"""Name -> arm; the part before the hyphen is the name of the package."""
