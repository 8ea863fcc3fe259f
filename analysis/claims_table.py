"""The claims as a table of text: ten of them for a page, all of them for a terminal."""

from __future__ import annotations

from typing import Any

import polars as pl

from analysis.number_format import MISSING

TEN = {
    ("cost falls", "one"): "total cost falls with alpha (% of pairs of alphas)",
    ("z2 falls", "one, alpha 2"): "z2 falls: z2 at alpha 2 in % of alpha 20, median",
    ("z2, quantiles", "alpha 2"): "but not always: the same, 90 % quantile",
    ("share three times", "90 % quantile"): "the second stage's share triples: at alpha 2 in % of "
    "alpha 20, 90 % quantile",
    ("other sites open", "as many sites"): "other sites open at alpha 2, though as many (% of "
    "networks)",
    ("sites move closer", "all: centre"): "production moves towards the customers (km)",
    ("many sites to choose", "z1, A2 and A7"): "cost falls more with many sites: z1 at alpha 2 in "
    "% of alpha 20, A2 less A7",
    ("two clusters cheaper", "alpha 2"): "two clusters cost less than one: z1 at alpha 2, two "
    "in % of one",
    ("two clusters gain", "z1, alpha 2"): "two clusters gain more: z1 at alpha 2 in % of "
    "alpha 20, two less one",
    ("C10, C23, C25 lowest", "C25, z1"): "C25 has the lowest cost: in % of the lowest other, "
    "largest over alpha",
}
"""Claim and case of the lines of the short table -> words for a page without the definitions."""

HEADER = ("claim", "case", "true if", "paper", "ours", "draws", "verdict")

NOTE = (
    "[a, b]: bootstrap interval at 95 %, from 20 replications on; (a, b): smallest and largest "
    "value of a single replication or of all, with fewer. draws: in how many single replications "
    "the claim is true. *: it is not true of the paper's own tables."
)


def markdown(claims: pl.DataFrame) -> str:
    """Write ten of the claims as a Markdown table.

    Parameters
    ----------
    claims : polars.DataFrame
        As `analysis.claims.to_frame` returns them.
    """
    by_name = {(row["claim"], row["case"]): row for row in claims.iter_rows(named=True)}
    lines = [
        "| claim (number) | true if | paper | ours | draws | verdict |",
        "|---|---|---|---|---|---|",
    ]
    for name, words in TEN.items():
        lines.append(f"| {' | '.join((words, *cell_texts(by_name[name])[2:]))} |")
    return "\n".join([*lines, "", NOTE, ""])


def cell_texts(row: dict[str, Any]) -> tuple[str, ...]:
    """Format a claim for the columns of `HEADER`.

    A star marks a number of the paper's tables for which its own claim is not true.
    """
    paper = MISSING if row["paper"] is None else format_alike(row["paper"])[0]
    if row["paper_agrees"] is False:
        paper += "*"
    return (
        row["claim"],
        row["case"],
        row["claimed"],
        paper,
        ours(row),
        f"{row['true_in']}/{row['replications']}",
        row["verdict"],
    )


def ours(row: dict[str, Any]) -> str:
    """Format the estimate of a claim with its interval or range."""
    if row["ours"] is None:
        return MISSING
    if row["low"] is None or row["high"] is None:
        return format_alike(row["ours"])[0]
    value, low, high = format_alike(row["ours"], row["low"], row["high"])
    return f"{value} [{low}, {high}]" if row["kind"] == "interval" else f"{value} ({low}, {high})"


def format_alike(*numbers: float) -> list[str]:
    """Format numbers with as many decimals each: none if all are whole, two if all are below 10."""
    rounded = [round(number, 2) + 0.0 for number in numbers]  # + 0.0: no minus before zero
    decimals = 1 if any(abs(number) >= 10 for number in rounded) else 2
    if all(number.is_integer() for number in rounded):
        decimals = 0
    return [f"{number:.{decimals}f}" for number in rounded]
