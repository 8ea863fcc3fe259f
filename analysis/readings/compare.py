"""All comparisons of readings with the paper, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import numpy as np
import polars as pl

from analysis.paper import ALLOCATIONS, ALPHAS
from analysis.readings import certainty, demand, labels, medians, percent, spread
from analysis.readings.medians import STRUCTURES, Floats
from analysis.readings.reading import Reading

MIN_DRAWS: Final = 3
"""Replications of a reading from which its structures can be compared with the paper's rows."""

C11: Final = frozenset([STRUCTURES["one"].index("C11")])
"""The even distribution: the text of the paper says which label it has."""


def compare(readings: Sequence[Reading]) -> dict[str, pl.DataFrame]:
    """Compare readings with the paper.

    Returns
    -------
    dict of str to polars.DataFrame
        ``readings``: a row per reading, see `analysis.readings.spread.Comparison`, and
        ``log_likelihood`` of the paper's rows at the best labels; ``spread``: the standard
        deviations themselves; ``labels`` and ``recovery``: see `analysis.readings.certainty`;
        ``demand``: see `analysis.readings.demand.ImpliedDemand`; ``table6``: see
        `analysis.readings.percent.beside_paper`. Readings with fewer than `MIN_DRAWS` complete
        replications are in ``demand`` and ``table6`` only.
    """
    draws = {reading.name: _features(reading.rows) for reading in readings}
    draws = {name: values for name, values in draws.items() if _n_draws(values) >= MIN_DRAWS}
    tables = {"demand": _demand_table(readings), "table6": _table6(readings)}
    if draws:
        tables = {**_structure_tables(draws), **tables}
    return {name: table for name, table in tables.items() if not table.is_empty()}


def _structure_tables(draws: dict[str, dict[str, Floats]]) -> dict[str, pl.DataFrame]:
    """Compare the rows of structures; `draws` are the features of each reading, by clusters."""
    paper = {
        clusters: medians.features(medians.of_paper(clusters, names))
        for clusters, names in STRUCTURES.items()
    }
    found = {
        name: {
            clusters: labels.assign(
                _flat(paper[clusters]), _flat(values[clusters]), _fixed(clusters)
            )
            for clusters in STRUCTURES
        }
        for name, values in draws.items()
    }
    log_spreads = {name: spread.log_spreads(values) for name, values in draws.items()}
    of_paper = spread.log_spreads({name: values[None] for name, values in paper.items()})[0]
    rows = [
        {
            "reading": name,
            **asdict(comparison),
            "log_likelihood": sum(part.log_likelihood for part in found[name].values()),
        }
        for name, comparison in spread.compare(of_paper, log_spreads).items()
    ]
    return {
        "readings": pl.DataFrame(rows),
        "spread": _spread_table(of_paper, log_spreads),
        "labels": certainty.table(
            found, {name: _n_draws(values) for name, values in draws.items()}
        ),
        "recovery": _recovery_table(draws),
    }


def _demand_table(readings: Sequence[Reading]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"reading": reading.name, **asdict(implied)}
            for reading in readings
            for implied in (demand.imply(reading.rows, label) for label in ALLOCATIONS)
            if implied is not None
        ]
    )


def _features(rows: pl.DataFrame) -> dict[str, Floats]:
    """Return the features of all structures in the replications that both tables have."""
    both = {clusters: medians.of_structures(rows, clusters) for clusters in STRUCTURES}
    common = set.intersection(*(set(numbers) for numbers, _ in both.values()))
    return {
        clusters: medians.features(values[np.isin(numbers, sorted(common))])
        for clusters, (numbers, values) in both.items()
    }


def _n_draws(features: dict[str, Floats]) -> int:
    return len(features["one"])


def _fixed(clusters: str) -> frozenset[int]:
    return C11 if clusters == "one" else frozenset()


def _flat(features: Floats) -> Floats:
    """Join the axes of indicators and alphas."""
    return features.reshape(*features.shape[:-2], -1)


def _spread_table(paper: Floats, readings: dict[str, Floats]) -> pl.DataFrame:
    """List the standard deviations: the paper's, and least, median and greatest of a reading."""
    return pl.DataFrame(
        [
            {
                "clusters": clusters,
                "feature": feature,
                "alpha": alpha,
                "reading": name,
                "paper": float(np.exp(paper[place])),
                "least": float(np.exp(values[:, *place].min())),
                "median": float(np.exp(np.median(values[:, *place]))),
                "greatest": float(np.exp(values[:, *place].max())),
            }
            for i, clusters in enumerate(STRUCTURES)
            for j, feature in enumerate(("log z1", "log z2", "logit z3"))
            for k, alpha in enumerate(ALPHAS)
            for name, values in readings.items()
            for place in [(i, j, k)]
        ]
    )


def _recovery_table(draws: dict[str, dict[str, Floats]]) -> pl.DataFrame:
    """Count how often labels are right where the answer is known: each replication by the others.

    C11, which is known, is not counted.
    """
    rows = []
    for name, values in draws.items():
        if _n_draws(values) < certainty.MIN_REPLICATIONS:
            continue
        for clusters, features in values.items():
            fixed = _fixed(clusters)
            probability, right = labels.recovered(_flat(features), fixed)
            free = [label for label in range(right.shape[1]) if label not in fixed]
            probability, right = probability[:, free], right[:, free]
            sure = probability >= certainty.SECURE
            rows.append(
                {
                    "reading": name,
                    "clusters": clusters,
                    "labels": right.size,
                    "right": int(right.sum()),
                    "secure": int(sure.sum()),
                    "secure_right": int(right[sure].sum()),
                }
            )
    return pl.DataFrame(rows)


def _table6(readings: Sequence[Reading]) -> pl.DataFrame:
    parts = [
        percent.beside_paper(percent.single_draws(reading.rows)).select(
            pl.lit(reading.name).alias("reading"), pl.all()
        )
        for reading in readings
    ]
    return pl.concat(parts) if parts else pl.DataFrame()
