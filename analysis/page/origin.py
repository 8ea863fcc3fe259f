"""The sections on where the rows come from, and on what is missing."""

from typing import Any

import polars as pl

from analysis.natural_order import natural_order
from analysis.number_format import MISSING
from analysis.page.section import PageTable, Section, table_of
from pipeline.results.run_status import error_reasons
from pipeline.results.schema import COORDINATE
from pipeline.results.united import United

MOST_UNCERTIFIED = 20
"""Uncertified instances in the list; the results table has all."""

UNCERTIFIED = ("time_limit", "no_solution")
"""Statuses without a proof."""


def provenance_section(united: United) -> Section:
    """Describe the runs: configuration, versions, state of the code, times.

    Parameters
    ----------
    united : pipeline.results.united.United
        The runs of the report.
    """
    facts = [
        _facts(run, metadata, configuration)
        for run, metadata, configuration in zip(
            united.runs, united.metadata, united.configurations, strict=True
        )
    ]
    keys = list(dict.fromkeys(key for found in facts for key in found))
    headers = ("", *(f"run {n + 1}" for n in range(len(facts)))) if len(facts) > 1 else ("", "run")
    rows = tuple((key, *(found.get(key, MISSING) for found in facts)) for key in keys)
    table = PageTable(
        name="provenance",
        caption="The configuration of the run, and the state of the program at its first command.",
        columns=headers,
        rows=rows,
        text_columns=frozenset(range(1, len(headers))),
    )
    return Section("provenance", "Provenance", tables=[table], text=united.notes)


def _facts(run: str, metadata: dict[str, Any], configuration: Any) -> dict[str, str]:
    """Describe one run: label -> text."""
    git = metadata.get("git")
    code = "not from a checkout of its repository"
    if git is not None:
        code = f"commit {git['commit']}" + (", with changes since" if git["dirty"] else "")
    identity = configuration.identity()
    versions = ", ".join(
        f"{name} {version}" for name, version in metadata["versions"].items() if version
    )
    return {
        "folder": run,
        "sweep": configuration.sweep.name,
        "run id": configuration.run_id,
        "solver": metadata["solver"],
        "versions": versions,
        "code": code,
        **{key: _print_setting(value) for key, value in identity.items()},
    }


def _print_setting(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def coverage_section(rows: pl.DataFrame, united: United, left_out: dict[str, int]) -> Section:
    """Say how much of what was asked for the table holds, and what is not certified.

    Parameters
    ----------
    rows : polars.DataFrame
        Rows of the united table: the coordinate, ``status`` and ``gap``.
    united : pipeline.results.united.United
        The runs of the report.
    left_out : dict of str to int
        Reason why rows are in no table of the paper -> number of rows.
    """
    found = united.completeness
    text = [f"Asked of the run: {found}."]
    if left_out:
        reasons = ", ".join(f"{reason} ({n:,} rows)" for reason, n in left_out.items())
        text.append(f"In no table of the paper, so left out there: {reasons}.")
    tables = [] if rows.is_empty() else [_statuses(rows)]
    unproven = rows.filter(pl.col("status").is_in(UNCERTIFIED)).sort(COORDINATE)
    if not unproven.is_empty():
        tables.append(_list_uncertified(unproven))
    reasons_of_errors = error_reasons(united.table)
    if reasons_of_errors:
        frame = pl.DataFrame(
            {"reason": list(reasons_of_errors), "rows": list(reasons_of_errors.values())}
        )
        tables.append(table_of(frame, "errors", "The most common reasons of error rows."))
    return Section("coverage", "Coverage", text, tables, warning=_warning(united))


def _warning(united: United) -> str:
    """Say that rows are missing or are errors, with the share that is done; else nothing."""
    found = united.completeness
    if found.is_complete:
        return ""
    done = found.instances - found.missing - found.errors
    # Rounded down: only a complete run is at 100 %.
    share = int(1000 * done / found.instances) / 10
    return (
        f"Unfinished: {done:,} of {found.instances:,} instances ({share} %) have a result. "
        "All numbers of this report may still change."
    )


def _statuses(rows: pl.DataFrame) -> PageTable:
    """Count the rows by allocation, scale and status."""
    key = ["allocation", "scale"] if rows.get_column("scale").n_unique() > 1 else ["allocation"]
    counts = (
        rows.group_by(*key, "status")
        .len("n")
        .pivot("status", index=key, values="n", sort_columns=True)
        .fill_null(0)
    )
    return table_of(
        natural_order(counts, *key), "statuses", "Rows by status; optimal is certified."
    )


def _list_uncertified(rows: pl.DataFrame) -> PageTable:
    listed = rows.head(MOST_UNCERTIFIED).select(*COORDINATE, "status", "gap")
    more = rows.height - listed.height
    notes = [f"{more:,} more are in the results table."] if more else []
    return table_of(listed, "uncertified", "Instances without a proof of optimality.", notes)
