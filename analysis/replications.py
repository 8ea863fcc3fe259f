"""Tables 2 to 6 over replications: our interval for each number, and the place of the paper's.

Two questions are kept apart. How sure is our median? The interval says it, and it shrinks with
more replications. Would a study with one draw, as the paper is, have printed the paper's number?
The numbers of the single replications say it, and their spread stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.bootstrap import Estimate, Floats, Statistic, estimate, pooled_median
from analysis.paper import ALLOCATIONS, ALPHAS, published
from analysis.replicated import BY_CLUSTERS, ONE, STRUCTURES_OF, TWO, Group, Study
from analysis.single_draws import MIN_REPLICATIONS, Count, count_outside, place, rounded

UNITS = {"z1": 1.0, "z2": 1.0, "z3_second": 0.01, "z4": 0.5}
"""Indicator -> the unit to which the paper rounds; the first stage of z3 is 1 less the second."""

PERCENT_UNIT = 0.1
"""Of Table 6."""

TABLE_GROUPS: dict[int, dict[str, Group]] = {
    2: {"one": ONE},
    3: {label: Group((label,), STRUCTURES_OF["one"]) for label in ALLOCATIONS}
    | {label: Group(ALLOCATIONS, (label,)) for label in STRUCTURES_OF["one"]},
    4: {label: Group((label,), STRUCTURES_OF["two"]) for label in ALLOCATIONS}
    | {label: Group(ALLOCATIONS, (label,)) for label in STRUCTURES_OF["two"]},
    5: {"two": TWO},
    6: BY_CLUSTERS,
}
"""Table -> its groups, as the paper names them."""

COUNTED = {"Tables 2 and 5": (2, 5), "Tables 3 and 4": (3, 4), "Table 6": (6,)}
"""Tables whose numbers outside are counted together."""


class Cell(NamedTuple):
    """One number of the paper's tables, computed from the replications that have its networks."""

    table: int
    group: str
    alpha: float
    indicator: str
    paper: float | None
    unit: float
    replications: NDArray[np.int64]
    statistic: Statistic

    @property
    def singles(self) -> Floats:
        """The number of each replication alone, as a study with one draw computes it."""
        return self.statistic(np.eye(len(self.replications)))


def cells(study: Study, tables: Collection[int] = tuple(TABLE_GROUPS)) -> Iterator[Cell]:
    """Yield the cells of some of Tables 2 to 6 for which at least one replication is complete."""
    for table in tables:
        groups = TABLE_GROUPS[table]
        numbers = {tuple(row[:3]): row[3] for row in published(table).iter_rows()}
        for label, group in groups.items():
            part = study.complete(group)
            if part.n == 0:
                continue
            for indicator, unit in UNITS.items():
                for alpha in ALPHAS:
                    if table == 6 and alpha == ALPHAS[-1]:
                        continue  # 100 percent by definition
                    values = (part.percent if table == 6 else part.values)(indicator, group, alpha)
                    yield Cell(
                        *(table, label, alpha, indicator, numbers[label, alpha, indicator]),
                        unit=PERCENT_UNIT if table == 6 else unit,
                        replications=part.replications,
                        statistic=pooled_median(values),
                    )


def compare(study: Study) -> pl.DataFrame:
    """Compute every cell of Tables 2 to 6 with its interval and the place of the paper's number.

    Returns
    -------
    polars.DataFrame
        A row for each cell: ``table``, ``group``, ``alpha``, ``indicator``; ``ours``, ``low``,
        ``high``, ``kind`` and ``replications`` (see `analysis.bootstrap.Estimate`); ``paper``;
        ``single_min``, ``single_q25``, ``single_median``, ``single_q75``, ``single_max`` of the
        studies with a single draw; ``percentile``, ``p_value`` and ``outside`` of the paper's
        number among them (see `analysis.single_draws.Place`). Units as in
        `analysis.paper.published`.
    """
    return pl.DataFrame([_row(cell) for cell in cells(study)], schema=SCHEMA)


SCHEMA = {
    "table": pl.Int64,
    "group": pl.String,
    "alpha": pl.Float64,
    "indicator": pl.String,
    "ours": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "kind": pl.String,
    "replications": pl.Int64,
    "paper": pl.Float64,
    "single_min": pl.Float64,
    "single_q25": pl.Float64,
    "single_median": pl.Float64,
    "single_q75": pl.Float64,
    "single_max": pl.Float64,
    "percentile": pl.Float64,
    "p_value": pl.Float64,
    "outside": pl.Boolean,
}
"""Columns of `compare`."""


def _row(cell: Cell) -> dict[str, object]:
    found: Estimate = estimate(cell.statistic, len(cell.replications))
    row: dict[str, object] = {
        **{name: getattr(cell, name) for name in ("table", "group", "alpha", "indicator", "paper")},
        **{"ours": finite(found.value), "low": finite(found.low), "high": finite(found.high)},
        **{"kind": found.kind, "replications": found.replications},
    }
    singles = cell.singles[np.isfinite(cell.singles)]
    if singles.size:
        names = ("single_min", "single_q25", "single_median", "single_q75", "single_max")
        quantiles = np.quantile(singles, [0, 0.25, 0.5, 0.75, 1])
        row |= dict(zip(names, map(float, quantiles), strict=True))
        if cell.paper is not None:
            its = place(cell.paper, singles, cell.unit)
            row |= {"percentile": its.percentile, "p_value": its.p_value, "outside": its.outside}
    return row


def count(study: Study) -> list[tuple[str, Count]]:
    """Count the paper's numbers outside, by tables and by the replications that cells have.

    Returns
    -------
    list of (str, Count)
        Which tables, and the count over their cells with the same replications; the cells of a
        run with fewer replications of some allocations are counted in several parts. Cells with
        fewer than `analysis.single_draws.MIN_REPLICATIONS` are left out.
    """
    counts = []
    for title, tables in COUNTED.items():
        pools: dict[tuple[int, ...], list[NDArray[np.int64]]] = {}
        for cell in cells(study, tables):
            if cell.paper is not None:
                numbers = np.append(cell.paper, cell.singles)
                if np.isfinite(numbers).all():
                    key = tuple(cell.replications.tolist())
                    pools.setdefault(key, []).append(rounded(numbers, cell.unit))
        counts += [
            (title, count_outside(np.array(pool)))
            for key, pool in sorted(pools.items())
            if len(key) >= MIN_REPLICATIONS
        ]
    return counts


def finite(number: float) -> float | None:
    """Return a number, or None for nan: a table has nulls."""
    return number if np.isfinite(number) else None
