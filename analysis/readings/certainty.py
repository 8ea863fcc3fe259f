"""How certain each label is, over the readings with enough replications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl

from analysis.readings.labels import Assignment
from analysis.readings.medians import STRUCTURES
from pipeline.config.structures import structures

MIN_REPLICATIONS: Final = 10
"""Of a reading whose labels count."""

SECURE: Final = 0.9
"""Probability of its structure, at every reading, from which a label is secure."""

LIKELY: Final = 0.5
"""The same for a label that is likely."""


def table(found: Mapping[str, Mapping[str, Assignment]]) -> pl.DataFrame:
    """Tabulate the labels at each reading.

    Parameters
    ----------
    found : mapping
        Reading, with at least `MIN_REPLICATIONS` replications -> production clusters -> assignment.

    Returns
    -------
    polars.DataFrame
        A row for each label and reading: ``label``; ``named``, the structure that structures.csv
        gives it; ``reading``; ``posterior``, the probability of this structure; ``best``, the label
        in structures.csv of its structure in the most likely assignment; ``most_probable``, that of
        its most probable structure; ``posterior_of_it``; ``margin``, see
        `analysis.readings.labels.Assignment`; ``certainty``, see `certainty`.
    """
    rows = [
        {
            "label": label,
            "named": describe(label),
            "reading": name,
            "posterior": float(part.posterior[number, number]),
            "best": labels[part.best[number]],
            "most_probable": labels[int(part.posterior[number].argmax())],
            "posterior_of_it": float(part.posterior[number].max()),
            "margin": float(part.margin[number]) if np.isfinite(part.margin[number]) else None,
        }
        for clusters, labels in STRUCTURES.items()
        for number, label in enumerate(labels)
        for name, assignments in found.items()
        for part in [assignments[clusters]]
    ]
    if not rows:
        return pl.DataFrame()
    least = pl.col("posterior").min().over("label")
    return pl.DataFrame(rows).with_columns(certainty=certainty(least))


def certainty(least_posterior: pl.Expr) -> pl.Expr:
    """Say how certain a label is by the least probability of its structure over the readings."""
    return (
        pl.when(least_posterior >= SECURE)
        .then(pl.lit("secure"))
        .when(least_posterior >= LIKELY)
        .then(pl.lit("likely"))
        .otherwise(pl.lit("undecided"))
    )


def describe(label: str) -> str:
    """Describe the structure that structures.csv gives a label: source, production, customers."""
    placement = structures()[label]
    if placement is None:
        return "even"
    production = "+".join(sorted(placement.production))
    return f"{placement.source}, {production}, {placement.customer}"
