"""Tables 2 to 6: the medians of the run next to those of the paper."""

from pathlib import Path

import polars as pl

from analysis.aggregate import INDICATORS, relative, summarise, unpivot_indicators
from analysis.csv_files import write_csv
from analysis.paper import ALLOCATIONS, CLUSTERS, TABLES, published

GROUPS: dict[int, dict[str, tuple[str, ...]]] = {
    2: {"one": ("clusters",)},
    3: {"one": ("allocation", "structure")},
    4: {"two": ("allocation", "structure")},
    5: {"two": ("clusters",)},
    6: {"one": ("clusters",), "two": ("clusters",)},
}
"""Table -> number of production clusters of its instances -> columns to group by."""

ORDER = pl.Enum(["one", "two", *ALLOCATIONS, *CLUSTERS])
"""All groups, in the order of the paper's tables."""

COUNTS = ("rows", "not_certified", "no_value", "kinds")
"""Columns of counts: those of `analysis.aggregate.summarise`, and the number of pairs of allocation
and structure among the rows."""

QUANTILES = {"q0.5": "ours", "q0.1": "q10", "q0.9": "q90"}
"""Quantile of a summary -> the name of its column here."""

ENDS = tuple(f"{name}_{end}" for name in QUANTILES.values() for end in ("least", "greatest"))
"""Columns of the least and the greatest possible value of each quantile."""


def build(rows: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """Build Tables 2 to 6 from the rows of the paper's study.

    Parameters
    ----------
    rows : polars.DataFrame
        As `analysis.coverage.select_study_rows` returns them.

    Returns
    -------
    dict of int to polars.DataFrame
        Number of the table -> its cells as `compare` returns them. Tables 2 to 5 hold values (z1
        and z2 in tkm, z3 as fractions, z4 a count), Table 6 percent of alpha = 20.
    """
    values = unpivot_indicators(rows)
    # Table 6 prints only the second-stage share of z3.
    percent = relative(values).filter(pl.col("indicator") != "z3_first")
    return {table: _build_table(table, percent if table == 6 else values) for table in TABLES}


def _build_table(table: int, values: pl.DataFrame) -> pl.DataFrame:
    """Summarise the values that belong in a table, and compare them with the paper."""
    summaries = [
        summarise_groups(values.filter(pl.col("clusters") == clusters), by)
        for clusters, columns in GROUPS[table].items()
        for by in columns
    ]
    return compare(table, pl.concat(summaries))


def summarise_groups(values: pl.DataFrame, by: str) -> pl.DataFrame:
    """Summarise the values of every group, alpha and indicator.

    Parameters
    ----------
    values : polars.DataFrame
        As `analysis.aggregate.unpivot_indicators` or `relative` return them.
    by : str
        Column whose values are the groups.

    Returns
    -------
    polars.DataFrame
        Sorted by ``group``, ``alpha`` and ``indicator``: `QUANTILES`, `ENDS` and `COUNTS`.
    """
    key = ["group", "alpha", "indicator"]
    groups = values.with_columns(group=by)
    kinds = pl.struct("allocation", "structure").n_unique().cast(pl.Int64)
    renamed = {
        f"{name}{suffix}": f"{column}{suffix}"
        for name, column in QUANTILES.items()
        for suffix in ("", "_least", "_greatest")
    }
    return (
        summarise(groups, key)
        .rename(renamed)
        .join(groups.group_by(key).agg(kinds=kinds), on=key)
        .sort(key)
        .select(*key, *renamed.values(), *COUNTS)
    )


def compare(table: int, summary: pl.DataFrame) -> pl.DataFrame:
    """Join a summary with the cells of one of the paper's tables.

    Parameters
    ----------
    table : int
        Number of the table in the paper, 2 to 6.
    summary : polars.DataFrame
        As `summarise_groups` returns it, in the unit of `analysis.paper.published`.

    Returns
    -------
    polars.DataFrame
        A row for every cell that the paper or the run has, in the order of the paper: ``table``,
        ``group``, ``alpha``, ``indicator``, ``ours`` (the median), ``paper``, ``ratio`` (ours /
        paper), ``q10``, ``q90`` (of ours), `ENDS`, ``rows``, ``not_certified``, ``no_value``,
        ``kinds``, ``paper_kinds``. The medians and quantiles are those of the solutions found;
        between its two ends lies each of them if all rows were solved. A number that the run or
        the paper lacks is null; the counts of a cell without rows are 0. The paper's median is
        over `paper_kinds` pairs of allocation and structure (null if the paper lacks the cell).
        Where the run has some of them only, the two medians are not comparable, and ``paper`` and
        ``ratio`` are null.
    """
    key = ["group", "alpha", "indicator"]
    ours, kinds = pl.col("ours"), pl.col("kinds")
    paper = pl.when((kinds == 0) | (kinds == pl.col("paper_kinds"))).then(pl.col("paper"))
    return (
        summary.join(
            published(table).with_columns(pl.col("indicator").cast(pl.Enum(INDICATORS))),
            on=key,
            how="full",
            coalesce=True,
        )
        .with_columns(
            pl.col("group").cast(ORDER),
            pl.col(COUNTS).fill_null(0),
            table=pl.lit(table, dtype=pl.Int64),
            paper_kinds=pl.when(pl.col("paper").is_not_null()).then(
                pl.col("group").cast(pl.String).replace_strict(paper_kinds(table))
            ),
        )
        .with_columns(paper=paper)
        .with_columns(ratio=pl.when(pl.col("paper") != 0).then(ours / pl.col("paper")))
        .sort("group", "indicator", "alpha")
        .select(
            "table", *key, "ours", "paper", "ratio", "q10", "q90", *ENDS, *COUNTS, "paper_kinds"
        )
    )


def paper_kinds(table: int) -> dict[str, int]:
    """Return over how many pairs of allocation and structure each group of the paper extends."""
    sizes = {}
    for clusters in GROUPS[table]:
        structures = [label for label, number in CLUSTERS.items() if number == clusters]
        sizes[clusters] = len(ALLOCATIONS) * len(structures)
        sizes |= dict.fromkeys(ALLOCATIONS, len(structures))
        sizes |= dict.fromkeys(structures, len(ALLOCATIONS))
    return sizes


def write(tables: dict[int, pl.DataFrame], folder: Path) -> list[Path]:
    """Write every table as ``table<n>.csv``.

    Parameters
    ----------
    tables : dict of int to polars.DataFrame
        As `build` returns them.
    folder : pathlib.Path
        Folder to write to; created if it does not exist.

    Returns
    -------
    list of pathlib.Path
        The files written, in the order of the tables.
    """
    return [write_csv(cells, folder / f"table{table}.csv") for table, cells in tables.items()]
