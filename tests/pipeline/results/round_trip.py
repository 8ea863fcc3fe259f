"""Writes rows through the schema of the results table and reads them back."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from pipeline.results.schema import RESULTS


def round_trip(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Convert rows to a table with the schema of the results table, check it, and convert back."""
    table = pa.Table.from_pylist(list(rows), schema=RESULTS)
    table.validate(full=True)
    for field in RESULTS:
        assert field.nullable or not table[field.name].null_count, field.name
    rows_read: list[dict[str, Any]] = table.to_pylist()
    return rows_read
