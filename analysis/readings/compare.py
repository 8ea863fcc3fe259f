"""All comparisons of readings with the paper, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.paper import ALLOCATIONS, ALPHAS
from analysis.readings import certainty, demand, labels, medians, percent, spread
from analysis.readings.medians import STRUCTURES, Floats
from analysis.readings.reading import Reading

MIN_DRAWS: Final = 3
"""Replications of a reading from which its structures can be compared with the paper's rows."""

N_LABELLING: Final = 2
"""How many readings, the first ones, decide on labels and demand: the literal and the fitted."""

TOGETHER: Final = "together"
"""Name of the readings that decide on labels, their log likelihoods added."""

GROUPS: Final = (("C8", "C9"), ("C10",), ("C11",), ("C23", "C25"))
"""Labels whose structures the text of the paper distinguishes from all others (sections 3.3.1 and
4.2): C8 and C9 have production and customers in one region; C10, C23 and C25 are concentrated in
one region; C11 is even. Within a group, they may be exchanged."""


def compare(readings: Sequence[Reading]) -> dict[str, pl.DataFrame]:
    """Compare readings with the paper.

    Returns
    -------
    dict of str to polars.DataFrame
        ``readings``: a row per reading, see `analysis.readings.spread.Comparison`, with
        ``log_likelihood`` of the paper's rows at the best labels, by a covariance that is pooled
        over the readings (null with fewer than `certainty.MIN_REPLICATIONS`); ``spread``: the
        standard deviations themselves; ``labels``: see `analysis.readings.certainty`;
        ``assignments``: the second best assignment and that of structures.csv, beside the best;
        ``recovery``: labels of single draws, where the answer is known; ``demand``: see
        `analysis.readings.demand.ImpliedDemand`; ``table6``: see
        `analysis.readings.percent.beside_paper`. Readings with fewer than `MIN_DRAWS` complete
        replications are in ``demand`` and ``table6`` only; labels and demand are inferred at the
        first `N_LABELLING` readings.
    """
    draws = {reading.name: _features(reading.rows) for reading in readings}
    draws = {name: values for name, values in draws.items() if _n_draws(values) >= MIN_DRAWS}
    tables = {"demand": _demand_table(readings[:N_LABELLING]), "table6": _table6(readings)}
    if draws:
        tables = {**_structure_tables(draws), **tables}
    return {name: table for name, table in tables.items() if not table.is_empty()}


def describe_rows(readings: Sequence[Reading]) -> list[str]:
    """Say of each reading how many replications are complete, and what that suffices for."""
    lines = []
    for reading in readings:
        n = _n_draws(_features(reading.rows))
        uncertified = reading.rows.filter(pl.col("status") != "optimal").height
        line = f"{reading.name}: complete replications: {n}; rows not certified: {uncertified}"
        if n < certainty.MIN_REPLICATIONS:
            line += f"; labels and demand need {certainty.MIN_REPLICATIONS}"
        if n < MIN_DRAWS:
            line += f", comparisons of structures {MIN_DRAWS}"
        lines.append(line)
    return lines


def _structure_tables(draws: dict[str, dict[str, Floats]]) -> dict[str, pl.DataFrame]:
    """Compare the rows of structures; `draws` are the features of each reading, by clusters."""
    paper = {
        clusters: medians.features(medians.of_paper(clusters, names))
        for clusters, names in STRUCTURES.items()
    }
    log_spreads = {name: spread.log_spreads(values) for name, values in draws.items()}
    of_paper = spread.log_spreads({name: values[None] for name, values in paper.items()})[0]
    enough = [name for name in draws if _n_draws(draws[name]) >= certainty.MIN_REPLICATIONS]
    labelling = enough[:N_LABELLING]
    deviances = {name: _deviances(paper, draws[name]) for name in labelling}
    found = {name: _assign(values) for name, values in deviances.items()}
    together = {}
    if len(labelling) > 1:
        sums = {c: np.sum([deviances[name][c] for name in labelling], axis=0) for c in STRUCTURES}
        together[TOGETHER] = _assign(sums)
    covariance = {
        clusters: labels.row_covariance(*(_flat(values[clusters]) for values in draws.values()))
        for clusters in STRUCTURES
    }
    rows = [
        {
            "reading": name,
            **asdict(comparison),
            "log_likelihood": sum(
                part.log_likelihood
                for part in _assign(_deviances(paper, draws[name], covariance)).values()
            )
            if name in enough
            else None,
        }
        for name, comparison in spread.compare(of_paper, log_spreads).items()
    ]
    return {
        "readings": pl.DataFrame(rows),
        "spread": _spread_table(of_paper, log_spreads),
        "labels": certainty.table(found),
        "assignments": _assignments_table(found | together),
        "recovery": _recovery_table({name: draws[name] for name in labelling}),
    }


def _deviances(
    paper: Mapping[str, Floats],
    draws: Mapping[str, Floats],
    covariance: Mapping[str, Floats] | None = None,
) -> dict[str, Floats]:
    return {
        clusters: labels.deviances(
            _flat(paper[clusters]),
            _flat(values),
            _allowed(clusters),
            None if covariance is None else covariance[clusters],
        )
        for clusters, values in draws.items()
    }


def _assign(deviances: Mapping[str, Floats]) -> dict[str, labels.Assignment]:
    return {clusters: labels.assign(values) for clusters, values in deviances.items()}


def _assignments_table(found: Mapping[str, Mapping[str, labels.Assignment]]) -> pl.DataFrame:
    """List how far the second best assignment and that of structures.csv are from the best."""
    return pl.DataFrame(
        [
            {
                "reading": name,
                "clusters": clusters,
                "runner_up": part.runner_up,
                "as_numbered": part.as_numbered,
                "others": _others(part, STRUCTURES[clusters]),
            }
            for name, parts in found.items()
            for clusters, part in parts.items()
        ]
    )


def _others(part: labels.Assignment, names: tuple[str, ...]) -> str:
    """List the labels that have another label's structure in the most likely assignment."""
    return ", ".join(
        f"{names[label]} = {names[structure]}"
        for label, structure in enumerate(part.best)
        if label != structure
    )


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


def _allowed(clusters: str) -> NDArray[np.bool_]:
    """Return which structures each label may have by the text of the paper."""
    names = STRUCTURES[clusters]
    group = [next((labels for labels in GROUPS if name in labels), ()) for name in names]
    return np.array([[own == other for other in group] for own in group])


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

    Labels that the text of the paper settles are not counted.
    """
    rows = []
    for name, values in draws.items():
        for clusters, features in values.items():
            allowed = _allowed(clusters)
            probability, right = labels.recovered(_flat(features), allowed)
            free = allowed.sum(axis=1) > 1
            probability, right = probability[:, free], right[:, free]
            sure = probability >= certainty.SECURE
            rows.append(
                {
                    "reading": name,
                    "clusters": clusters,
                    "labels": right.size,
                    "right": int(right.sum()),
                    "promised": float(probability.sum()),
                    "secure": int(sure.sum()),
                    "secure_right": int(right[sure].sum()),
                }
            )
    return pl.DataFrame(rows)


def _table6(readings: Sequence[Reading]) -> pl.DataFrame:
    parts = [
        percent.beside_paper(reading.rows).select(pl.lit(reading.name).alias("reading"), pl.all())
        for reading in readings
    ]
    return pl.concat(parts) if parts else pl.DataFrame()
