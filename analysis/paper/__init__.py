"""The paper's numbers: what Tables 2 to 6 print, and how the paper numbers its instances.

Source: Barz, Buer, Haasis, "Quantifying the effects of additive manufacturing on supply networks
by means of a facility location-allocation model". The numbers come from the text of the paper.
The labels C1 to C25 are the paper's, but which placement of clusters carries which label is
inferred: the paper shows it only in a picture (its Figure 4).
"""

from importlib.resources import files

import polars as pl

ALLOCATIONS = tuple(f"A{n}" for n in range(1, 8))
"""The seven allocations of 90 nodes (paper, Table 1)."""

CLUSTERS = {f"C{n}": "one" if n <= 11 else "two" for n in range(1, 26)}
"""Production clusters, "one" or "two", of each structure (paper, section 3.3 and Figure 4)."""

ALPHAS = (2.0, 5.0, 10.0, 20.0)
"""The buy-to-fly ratios of the study."""

INSTANCES = len(ALLOCATIONS) * len(CLUSTERS) * len(ALPHAS)
"""Number of instances of the study: 700."""

TABLES = (2, 3, 4, 5, 6)
"""Tables of the paper that hold results."""

INDICATOR_NAMES = {
    "z1": "z1",
    "z2": "z2",
    "z3_first_stage_pct": "z3_first",
    "z3_second_stage_pct": "z3_second",
    "z3_first_pct": "z3_first",
    "z3_second_pct": "z3_second",
    "z4": "z4",
}
"""Indicator in the CSV files of Tables 2 to 5 -> column of the results table."""


def published(table: int) -> pl.DataFrame:
    """Return the cells of one of the paper's tables, one per row.

    Parameters
    ----------
    table : int
        Number of the table in the paper, 2 to 6.

    Returns
    -------
    polars.DataFrame
        Columns ``group`` (an allocation, a structure, or "one" | "two" for all instances with
        that many production clusters), ``alpha``, ``indicator`` and ``paper``, the printed number.
        Tables 2 to 5 are in the units of the results table: z1 and z2 in tkm, both stages of z3
        as fractions, z4 a count. Table 6 is in percent of alpha = 20; its z3 is read as
        ``z3_second``, because only the second-stage share falls with alpha as the printed
        numbers do. A cell that is missing in the text of the paper is a row with null.

    Raises
    ------
    ValueError
        The paper has no table of results with this number.
    """
    if table not in TABLES:
        raise ValueError(f"the paper's results are in Tables 2 to 6, not in Table {table}")
    raw = pl.read_csv(files(__name__).joinpath(f"table{table}.csv").read_bytes())
    if table == 6:
        cells = raw.rename({"clusters": "group", "percent": "paper"}).with_columns(
            pl.col("indicator").replace({"z3": "z3_second"})
        )
    elif table in (3, 4):
        cells = _fractions(
            raw.with_columns(pl.exclude("group", "alpha").cast(pl.Float64)).unpivot(
                index=["group", "alpha"], variable_name="indicator", value_name="paper"
            )
        )
    else:
        clusters = pl.lit("one" if table == 2 else "two")
        cells = _fractions(raw.rename({"median": "paper"}).with_columns(group=clusters))
    return cells.select(
        "group", pl.col("alpha").cast(pl.Float64), "indicator", pl.col("paper").cast(pl.Float64)
    )


def _fractions(cells: pl.DataFrame) -> pl.DataFrame:
    """Rename the indicators as in the results table and turn percentages into fractions."""
    percent = pl.col("indicator").str.ends_with("_pct")
    return cells.with_columns(
        paper=pl.when(percent).then(pl.col("paper") / 100).otherwise(pl.col("paper")),
        indicator=pl.col("indicator").replace_strict(INDICATOR_NAMES),
    )
