"""The comparisons as tables in Markdown, for the terminal and for a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

MISSING = "\N{EN DASH}"

INDICATORS = {"z1": "z1", "z2": "z2", "z3_second": "z3 second", "z4": "z4"}


def write(tables: Mapping[str, pl.DataFrame]) -> str:
    """Write the tables of `analysis.readings.compare.compare` that are there, with captions."""
    parts = []
    for name, (caption, format_table) in TABLES.items():
        if name in tables:
            parts.append(f"{caption}\n\n{format_table(tables[name])}\n")
    return "\n".join(parts)


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table; the first column is text, the others are aligned to the right."""
    names = list(header)
    lines = [names, ["---", *["---:"] * (len(names) - 1)], *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _readings(table: pl.DataFrame) -> str:
    header = ("reading", "R", "log spread", "sd away", "T2", "p", "as far", "log likelihood")
    rows = (
        (
            row["reading"],
            str(row["replications"]),
            f"{row['ours']:.3f}",
            f"{row['z']:+.1f}",
            f"{row['t_squared']:.1f}",
            _probability(row["p"]),
            f"{row['as_far']} of {row['replications']}",
            MISSING if row["log_likelihood"] is None else f"{row['log_likelihood']:.1f}",
        )
        for row in table.iter_rows(named=True)
    )
    paper = f"{table['paper'][0]:.3f}"
    return _table(header, [("the paper", "1", paper, *[""] * 5), *rows])


def _spread(table: pl.DataFrame) -> str:
    """Write the standard deviations of log z1: a row for each reading, the paper's first."""
    shown = table.filter(pl.col("feature") == "log z1")
    cells = shown.select("clusters", "alpha").unique(maintain_order=True).rows()
    header = ["", *(f"{clusters}, {alpha:g}" for clusters, alpha in cells)]
    paper = shown.unique(["clusters", "alpha"], keep="first", maintain_order=True)["paper"]
    rows = [["the paper", *(f"{value:.2f}" for value in paper)]]
    for name in shown["reading"].unique(maintain_order=True):
        ranges = shown.filter(pl.col("reading") == name).iter_rows(named=True)
        rows.append([name, *(f"{row['least']:.2f} to {row['greatest']:.2f}" for row in ranges)])
    return _table(header, rows)


def _labels(table: pl.DataFrame) -> str:
    """Write a row for each label, with three columns for each reading."""
    readings = list(table["reading"].unique(maintain_order=True))
    header = ["label", "source, production, customers"]
    for name in readings:
        header += [f"{name}: its probability", "most probable", "best"]
    rows = []
    for label in table["label"].unique(maintain_order=True):
        of_label = table.filter(pl.col("label") == label)
        row = [label, of_label["named"][0]]
        for found in of_label.iter_rows(named=True):
            other = f"{found['most_probable']} ({found['posterior_of_it']:.2f})"
            row += [f"{found['posterior']:.2f}", other, found["best"]]
        rows.append([*row, of_label["certainty"][0]])
    return _table([*header, "certainty"], rows)


def _assignments(table: pl.DataFrame) -> str:
    header = ("reading", "clusters", "second best", "structures.csv", "best, where it differs")
    return _table(
        header,
        (
            (
                row["reading"],
                row["clusters"],
                f"+{row['runner_up']:.1f}",
                f"+{row['as_numbered']:.1f}",
                row["others"] or MISSING,
            )
            for row in table.iter_rows(named=True)
        ),
    )


def _recovery(table: pl.DataFrame) -> str:
    header = ("reading", "clusters", "labels", "right", "promised", "at 0.9", "of these right")
    return _table(
        header,
        (
            (
                row["reading"],
                row["clusters"],
                str(row["labels"]),
                _share(row["right"], row["labels"]),
                _share(round(row["promised"]), row["labels"]),
                str(row["secure"]),
                _share(row["secure_right"], row["secure"]),
            )
            for row in table.iter_rows(named=True)
        ),
    )


def _demand(table: pl.DataFrame) -> str:
    header = (
        "reading",
        "allocation",
        "R",
        "implied, t",
        "error, %",
        "drawn on average, t",
        "below",
    )
    return _table(
        header,
        (
            (
                row["reading"],
                row["allocation"],
                str(row["replications"]),
                f"{row['demand']:,.0f}",
                f"{row['error_percent']:.1f}",
                f"{row['drawn']:,.0f}",
                f"{row['percentile']:.0f} %",
            )
            for row in table.iter_rows(named=True)
        ),
    )


def _table6(table: pl.DataFrame) -> str:
    """Write a column for each reading with the most replications; the CSV file has the others."""
    most = table.filter(pl.col("replications") == pl.col("replications").max())
    readings = list(most["reading"].unique(maintain_order=True))
    header = ["clusters, indicator, alpha", "the paper", *readings]
    rows = []
    for key, cells in table.group_by("group", "indicator", "alpha", maintain_order=True):
        by_reading = {row["reading"]: row for row in cells.iter_rows(named=True)}
        rows.append(
            [
                f"{key[0]}, {INDICATORS[str(key[1])]}, {key[2]:g}",
                f"{cells['paper'][0]:.1f}",
                *(_range(by_reading.get(name)) for name in readings),
            ]
        )
    rounded = pl.col("least", "greatest").round(1)  # as the paper prints
    inside = most.with_columns(rounded).filter(pl.col("paper").is_between("least", "greatest"))
    counts = [inside.filter(reading=name).height for name in readings]
    rows.append(["the paper inside the range", "", *(f"{n} of {len(rows)}" for n in counts)])
    return _table(header, rows)


def _range(row: dict[str, float] | None) -> str:
    if row is None:
        return MISSING
    return f"{row['median']:.1f} ({row['least']:.1f} to {row['greatest']:.1f})"


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.0f} %)" if whole else MISSING


def _probability(p: float) -> str:
    return f"{p:.2f}" if p >= 0.1 else f"{p:.1g}" if p >= 1e-4 else "< 0.0001"


TABLES = {
    "readings": ("**How far structures differ from each other, and the likelihood.**", _readings),
    "spread": (
        "**Standard deviation of log z1 over structures**, by production clusters and alpha.",
        _spread,
    ),
    "labels": ("**Labels.**", _labels),
    "assignments": ("**Minus two log likelihood above the best assignment.**", _assignments),
    "recovery": ("**Labels of single draws, where the answer is known.**", _recovery),
    "demand": ("**Total demand that the paper's rows imply.**", _demand),
    "table6": ("**Table 6**: median of single draws (least to greatest).", _table6),
}
"""Table -> its caption, and the function that writes it."""
